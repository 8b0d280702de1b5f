"""`pipeline cases` and `pipeline case`: what there is, and everything about one."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from pipeline.casework import overview, papers
from pipeline.cli import moments, notices, output
from pipeline.cli.options import AsJson, write_to
from pipeline.cli.session import opened

COLUMNS: Final = ("case", "event", "state", "result", "title", "received", "decide by", "waits for")


def cases(json: AsJson = False) -> None:
    """Show every case, in the order of receipt."""
    with opened() as app:
        found = overview.cases(app)
        if json:
            output.as_json(found)
        elif found:
            output.table(COLUMNS, (_row(case) for case in found))
        else:
            output.line("There are no cases yet.")
        if not json:
            notices.show(app)


def case(
    number: Annotated[str, typer.Argument(help="Such as A-2026-000123.")],
    json: AsJson = False,
    pdf: Annotated[
        bool, typer.Option("--pdf", help="Write its dossier as one document; it names reviewers.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="FILE", help="Where to; by default NUMBER.pdf in this folder."),
    ] = None,
    for_provider: Annotated[
        bool, typer.Option("--for-provider", help="A dossier that names no reviewers and no staff.")
    ] = False,
    by: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Who has it made, for the journal; by default whoever is logged in."
        ),
    ] = None,
) -> None:
    """Show everything about one case: what it waits for, its letters, verdicts and journal."""
    wanted = number.strip().upper()
    if pdf:
        if json:
            raise typer.BadParameter("--pdf and --json do not go together.")
        _write(wanted, out or Path(f"{wanted}.pdf"), (by or "").strip() or getpass.getuser(), for_provider)
        return
    if out or for_provider or by:
        raise typer.BadParameter("--out, --for-provider and --by go with --pdf.")
    with opened() as app:
        found = overview.case(app, wanted)
    if json:
        output.as_json(found)
    else:
        _show(found)


def _write(number: str, file: Path, by: str, for_provider: bool) -> None:
    with opened() as app:
        made = papers.printed(app, number, app.clock.now(), by, for_provider=for_provider)
    write_to(file, made)
    output.line(f"Written: {file}")


def _row(case: dict[str, Any]) -> tuple[object, ...]:
    title = f"{case['title']} ({case['provider']})" if case["kind"] != "admission" else case["provider"]
    waits = "parked: `pipeline case` tells why" if case["parked"] else case["waits_for"]
    names = ("case", "event_id", "state", "result")
    return (*(case[name] for name in names), title, case["received_on"], case["due_on"], waits)


def _show(case: dict[str, Any]) -> None:
    output.line(f"{case['case']}: {output.cell(case['title'])}", "bold")
    output.facts({name: case[key] for name, key in _FACTS.items()} | _hours(case))
    for heading, key, columns in _PARTS:
        if case[key]:
            output.heading(heading)
            output.table(columns, ([_cell(one, column) for column in columns] for one in case[key]))
    if case["decision"]:
        output.line(f"`pipeline decide {case['case']} --explain` tells what the decision rests on.", "dim")
    output.line(f"`pipeline terms explain {case['case']}` counts its term day by day.", "dim")


def _cell(row: dict[str, Any], column: str) -> object:
    value = row[column]
    if column in _MOMENTS:
        return value and moments.local(value)
    return ", ".join(f"{name} {each}" for name, each in value.items()) if isinstance(value, dict) else value


def _hours(case: dict[str, Any]) -> dict[str, object]:
    asked, granted = case["hours_asked"], case["hours_granted"]
    return {"hours asked": asked and _sum(asked), "hours granted": granted and _sum(granted)}


def _sum(hours: dict[str, str]) -> str:
    return f"{hours['contact']} + {hours['self_study']} = {hours['total']} RU"


_FACTS: Final = {
    "provider": "provider",
    "state": "state",
    "result": "result",
    "received on": "received_on",
    "decide by": "due_on",
    "decided on": "decided_on",
    "closed on": "closed_on",
    "waits for": "waits_for",
    "activity number": "activity_number",
    "earlier round": "previous_case",
    "objection to": "subject_case",
    "flags": "flags",
    "conflicts": "conflicts",
    "last error": "last_error",
    "erased on": "erased_on",
}
_MOMENTS: Final = ("at", "given_at", "opened_at", "received_at", "bounced_at")
_VERSION: Final = (
    "number",
    "version",
    "state",
    "title",
    "hours",
    "valid_from",
    "valid_until",
    "ended_on",
    "ground",
)
_PARTS: Final = (
    ("Requests", "requests", ("asked_on", "answer_by", "answered_on", "fields")),
    ("Reviews", "assignments", ("reviewer", "name", "state", "asked_on", "review_by")),
    ("Verdicts", "verdicts", ("reviewer", "verdict", "hours", "motivation", "given_at", "annulled")),
    ("Registration", "registrations", _VERSION),
    ("Tasks", "tasks", ("kind", "owner", "deputy", "detail", "opened_at")),
    ("Letters", "letters", ("letter", "kind", "state", "to", "subject", "sent_on", "bounced_at")),
    ("Came back", "bounces", ("letter", "action", "status", "recipient", "reason", "received_at")),
    ("Refused events", "refused", ("event_id", "field", "reason", "received_at")),
    ("Journal", "journal", ("at", "event", "old_state", "new_state", "by")),
)
