"""`pipeline terms`: every deadline, explained day by day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any, get_args

import typer

from pipeline.casework import deadlines, terming
from pipeline.casework.terming import Explained
from pipeline.cli import moments, output, term_grid
from pipeline.cli.options import AsJson, write_to
from pipeline.cli.session import opened, settings
from pipeline.contract import received_on
from pipeline.domain import terms as rules
from pipeline.domain.lifecycle import Kind
from pipeline.domain.policy import Region
from pipeline.domain.terms import Extension, Ledger, Pause
from pipeline.settings import load_calendar, load_policy

group = typer.Typer(no_args_is_help=True, help="Deadlines, explained day by day.")

PolicyFile = Annotated[
    Path | None, typer.Option("--policy", metavar="FILE", help="Under these rules instead.")
]
InRegion = Annotated[
    str | None,
    typer.Option("--region", metavar="|".join(get_args(Region)), help="Whose school holidays do not count."),
]
RollOver = Annotated[
    bool | None,
    typer.Option("--roll-over/--no-roll-over", help="Whether an end on a weekend or holiday moves on."),
]


@group.callback()
def terms() -> None:
    """Deadlines, explained day by day."""


@group.command()
def explain(
    case: Annotated[str, typer.Argument(metavar="NUMBER", help="Such as A-2026-000123.")],
    policy: PolicyFile = None,
    region: InRegion = None,
    roll_over: RollOver = None,
    json: AsJson = False,
) -> None:
    """Show the term of a case; with other rules, also what it would be then."""
    is_what_if = policy is not None or region is not None or roll_over is not None
    with opened() as app:
        known, ledger = terming.of_case(app, case.strip().upper())
        real = terming.explained(known.kind, ledger, app.calendar)
        if policy is not None:
            ledger = terming.under(app, known.number, load_policy(policy))
        other = terming.explained(known.kind, _changed(ledger, region, roll_over), app.calendar)
    if json:
        output.as_json(_as_json(known.number, real, other if is_what_if else None))
    else:
        output.line(f"{known.number}: {output.cell(known.title)}", "bold")
        for flag in known.flags:
            if flag.startswith("school holidays"):
                output.line(f"{output.cell(flag)}.")
        term_grid.show(other)
        if is_what_if:
            output.line(_difference(real, other))


@group.command()
def compute(
    kind: Annotated[str, typer.Option(metavar="|".join(Kind), help="What the case would be about.")],
    received: Annotated[
        str, typer.Option(metavar="DATE", help="Day of receipt, or a moment with its offset.")
    ],
    policy: PolicyFile = None,
    region: InRegion = None,
    roll_over: RollOver = None,
    pause: Annotated[
        list[str] | None,
        typer.Option(metavar="ASKED:ANSWER_BY[:ANSWERED]", help="A request to complete; may be repeated."),
    ] = None,
    extend: Annotated[
        list[str] | None, typer.Option(metavar="DATE", help="A later end; may be repeated.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Show what a term would be; needs no home."""
    if kind not in list(Kind):
        raise typer.BadParameter(f"--kind is one of {', '.join(Kind)}, got {kind}.")
    found = settings(running=False)
    calendar = load_calendar(found.calendar)
    promised = load_policy(policy or found.policy).terms
    ledger = rules.opened(Kind(kind), received_on(moments.moment(received)), promised)
    ledger = _changed(ledger, region, roll_over)
    ledger = replace(ledger, pauses=tuple(_pause(text) for text in pause or []))
    plain = rules.due_on(ledger, calendar)
    ledger = replace(ledger, extensions=tuple(_extension(text, plain) for text in extend or []))
    explained = terming.explained(Kind(kind), ledger, calendar)
    if json:
        output.as_json(explained.as_json())
    else:
        if promised.region == "provider" and region is None and kind == Kind.ACTIVITY:
            output.line(f"No provider, no place: {promised.office_region}, the region of the office, counts.")
        term_grid.show(explained)


@group.command()
def feed(
    file: Annotated[Path, typer.Argument(metavar="[FILE|-]", help="Where to; - is standard output.")] = Path(
        "-"
    ),
) -> None:
    """Write every deadline of the open cases as a calendar (.ics), for operators."""
    with opened() as app:
        written = deadlines.feed(app)
    if str(file) == "-":
        output.raw(written)
    else:
        write_to(file, written)
        output.line(f"Written: {file}")


def _changed(ledger: Ledger, region: str | None, roll_over: bool | None) -> Ledger:
    if region is not None:
        ledger = replace(ledger, region=_region(region))
    return ledger if roll_over is None else replace(ledger, roll_over=roll_over)


def _region(text: str) -> Region:
    for known in get_args(Region):
        if text == known:
            region: Region = known
            return region
    raise typer.BadParameter(f"--region is one of {', '.join(get_args(Region))}, got {text}.")


def _pause(text: str) -> Pause:
    days = [moments.day(part) for part in text.split(":")]
    if not 2 <= len(days) <= 3:
        raise typer.BadParameter(f"--pause is ASKED:ANSWER_BY[:ANSWERED], two or three dates, got {text}.")
    if min(days) < days[0]:
        raise typer.BadParameter(f"--pause: nothing is answered before it is asked, got {text}.")
    return Pause(*days)


def _extension(text: str, due: date) -> Extension:
    to = moments.day(text)
    if to <= due:
        raise typer.BadParameter(f"--extend: the term ends on {due}; a later end lies after that, got {to}.")
    return Extension(to, "what if")


def _as_json(number: str, real: Explained, other: Explained | None) -> dict[str, Any]:
    told = {"case": number, **real.as_json()}
    return (
        told if other is None else {**told, "what_if": other.as_json(), "difference_days": _days(real, other)}
    )


def _days(real: Explained, other: Explained) -> int:
    return (other.days[-1].day - real.days[-1].day).days


def _difference(real: Explained, other: Explained) -> str:
    days, due = _days(real, other), real.days[-1].day
    if not days:
        return f"That is what it really is: {due}."
    much = f"{abs(days)} day{'' if abs(days) == 1 else 's'}"
    return f"That is {much} {'later' if days > 0 else 'earlier'} than it really is: {due}."
