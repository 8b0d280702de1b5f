"""`pipeline provider`: who offers activities, and what the office does about one."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer

from pipeline.casework import directory, merging, standing
from pipeline.casework.merging import Takeover
from pipeline.cli import output, reasons
from pipeline.cli.options import AsJson, By, required
from pipeline.cli.session import opened
from pipeline.domain.admissions import LEADS_TO, Act
from pipeline.errors import UsageError

group = typer.Typer(no_args_is_help=True, help="Show providers, and act on one.")

COLUMNS: Final = ("provider", "name", "kvk", "application", "standing", "admitted_until", "cases")
Who = Annotated[
    str, typer.Argument(metavar="PROVIDER", help="Its id, KvK number, or the number of a case of it.")
]
ForLetter = Annotated[
    str, typer.Option(metavar="TEXT", help="Why, for the letter to the provider, in Dutch.")
]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why, for the journal.")]


@group.command("list")
def show_all(json: AsJson = False) -> None:
    """Show every provider by name, but those that were taken over: `show` tells of them with who took them over."""
    with opened() as app:
        found = directory.every(app)
    if json:
        output.as_json(found)
    elif found:
        output.table(COLUMNS, ([one[column] for column in COLUMNS] for one in found))
    else:
        output.line("There are no providers yet.")


@group.command()
def show(provider: Who, json: AsJson = False) -> None:
    """Show all about a provider: numbers, cases, registrations, and what happened to it."""
    with opened() as app:
        found = directory.one(app, provider)
    if json:
        output.as_json(found)
        return
    output.facts({name: value for name, value in found.items() if not isinstance(value, list)})
    for name, rows in found.items():
        if isinstance(rows, list) and rows:
            output.heading(name.replace("_", " "))
            output.table(tuple(rows[0]), ([_told(value) for value in row.values()] for row in rows))


def _told(value: Any) -> Any:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {one}" for name, one in value.items())
    return value


@group.command()
def suspend(provider: Who, by: By, reason: ForLetter) -> None:
    """Suspend an admission: nothing new may be submitted until it is reinstated; running cases go on."""
    _act(provider, Act.SUSPEND, by, reason)


@group.command()
def withdraw(provider: Who, by: By, reason: ForLetter) -> None:
    """Withdraw an admission: nothing new may be submitted; running cases go on."""
    _act(provider, Act.WITHDRAW, by, reason)


@group.command()
def reinstate(provider: Who, by: By, reason: ForLetter) -> None:
    """Give an admission back that was suspended or withdrawn; it ends when it would have."""
    _act(provider, Act.REINSTATE, by, reason)


def _act(word: str, act: Act, by: str, reason: str) -> None:
    told = reasons.readable(reason, "why that is done")
    with opened() as app:
        who, why = required(app, by, told)
        provider, is_new = standing.change(app, word, act, why, who)
    said = "; the provider gets a letter" if is_new else " already; nothing changes"
    output.line(f"{provider.name} is {LEADS_TO[act]}{said}.")


@group.command()
def merge(
    former: Annotated[str, typer.Argument(metavar="PROVIDER", help="Who is taken over.")],
    into: Annotated[str, typer.Argument(metavar="INTO", help="The word `into`.")],
    taker: Annotated[str, typer.Argument(metavar="TAKER", help="Who takes it over, and stays.")],
    by: By,
    reason: Reason,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change hands.")] = False,
    json: AsJson = False,
) -> None:
    """Let one provider be taken over by another: its cases, registrations and KvK numbers become the other's."""
    if into.lower() != "into":
        raise UsageError(f"It reads `provider merge PROVIDER into TAKER`, got {into}.")
    with opened() as app:
        who, why = required(app, by, reason)
        found = merging.plan(app, former, taker) if dry_run else merging.merge(app, former, taker, why, who)
    if json:
        output.as_json(_takeover(found, is_tried=dry_run))
    elif found.is_done:
        output.line(f"{found.former.name} was taken over by {found.into.name} before; nothing changes.")
    else:
        output.facts({**_shown(found.former, "from"), **_shown(found.into, "to"), **_brought(found)})
        output.line(
            "Nothing is changed." if dry_run else f"{found.former.name} is {found.into.name} from now on."
        )


def _shown(provider: Any, name: str) -> dict[str, str]:
    return {name: f"{provider.name} ({provider.id})"}


def _brought(found: Takeover) -> dict[str, Any]:
    return {"kvks": sorted(found.kvks), "open_cases": list(found.open_cases), **found.counts}


def _takeover(found: Takeover, *, is_tried: bool) -> dict[str, Any]:
    told = {"former": found.former.id, "into": found.into.id, **_brought(found)}
    return {**told, "done": not is_tried or found.is_done}
