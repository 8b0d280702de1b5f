"""`pipeline reviewers`: the list of reviewers, shown and imported."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from pipeline.casework import declining, reviewing, roster
from pipeline.casework.reviewing import Plan
from pipeline.cli import output
from pipeline.cli.options import AsJson, By, CaseNumber, content_of, required
from pipeline.cli.session import built, migrate, opened, settings
from pipeline.errors import UsageError
from pipeline.store import rows

group = typer.Typer(no_args_is_help=True, help="Show or import the list of reviewers.")

COLUMNS: Final = (
    "reviewer",
    "name",
    "sectors",
    "categories",
    "capacity_per_4_weeks",
    "away_from",
    "away_until",
    "active",
    "open_reviews",
)


@group.command("list")
def show(json: AsJson = False) -> None:
    """Show every reviewer and how many reviews each still owes."""
    with opened() as app:
        found = roster.reviewers(app)
    if json:
        output.as_json(found)
    elif found:
        output.table(COLUMNS, ([one[column] for column in COLUMNS] for one in found))
    else:
        output.line("There are no reviewers yet; `pipeline reviewers import FILE.csv` brings them.")


@group.command("import")
def import_list(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="UTF-8, with a header.")],
    yes: Annotated[bool, typer.Option("--yes", help="Deactivate who is missing without asking.")] = False,
) -> None:
    """Bring the list in line with a file: by id, new ones added, others changed, missing ones deactivated."""
    wanted = read(file)
    migrate(settings())
    with built(settings()) as app:
        planned = reviewing.plan(app, wanted)
        if planned.left and not yes:
            _ask(planned)
        reviewing.carry_out(app, planned)
    output.line(
        f"{len(planned.added)} added, {len(planned.altered)} changed, {len(planned.left)} deactivated; "
        f"{len(wanted)} stand in {file}."
    )


@group.command()
def decline(
    case: CaseNumber,
    reviewer: Annotated[str, typer.Argument(metavar="REVIEWER", help="Who was asked, such as r003.")],
    by: By,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why they cannot, for the journal.")],
) -> None:
    """Take down that a reviewer cannot do a review, without an interest: somebody else is asked."""
    number, who = case.strip().upper(), reviewer.strip()
    with opened() as app:
        taken_by, why = required(app, by, reason)
        declining.decline(app, number, who, why, taken_by)
    output.line(f"{who} need not review case {number}; somebody else is asked.")


def read(file: Path) -> list[rows.Reviewer]:
    """Read a file of reviewers.

    Raises:
        UsageError: it cannot be read, or is at fault; says in which lines.
    """
    try:
        text = content_of(file).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{file} is not UTF-8 text.") from None
    try:
        return reviewing.read_list(text)
    except UsageError as error:
        raise UsageError("\n".join(f"{file}: {fault}" for fault in str(error).splitlines())) from None


def _ask(planned: Plan) -> None:
    names = ", ".join(f"{one.name} ({one.id})" for one in planned.left)
    question = f"Deactivate who is not in the file, and give their open reviews to others: {names}?"
    if not sys.stdin.isatty():
        raise UsageError(f"Not in the file: {names}; repeat with --yes to deactivate them.")
    typer.confirm(question, abort=True)
