"""`pipeline duplicates`: cases that look like others, side by side, and what a named human found out."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from pipeline.casework import distinguishing
from pipeline.casework.distinguishing import Question
from pipeline.cli import output
from pipeline.cli.options import AsJson, By, required
from pipeline.cli.session import opened
from pipeline.errors import UsageError

group = typer.Typer(no_args_is_help=True, help="Cases that look like others, and what came of that.")

ANSWERS = ("same", "different")


@group.command("list")
def show(json: AsJson = False) -> None:
    """Show each case that looks like another, with what tells them apart, until somebody settles it."""
    with opened() as app:
        found = distinguishing.open_questions(app)
    if json:
        output.as_json([_row(one) for one in found])
    elif not found:
        output.line("Nothing looks like anything else.")
    for one in [] if json else found:
        output.heading(f"{one.case.number} looks like {one.other.number}")
        output.table(("", one.case.number, one.other.number), one.compared)


def _row(one: Question) -> dict[str, Any]:
    compared = [dict(zip(("what", "case", "other"), row, strict=True)) for row in one.compared]
    told = {"kind": one.case.kind.value, "state": one.case.state.value, "compared": compared}
    return {"case": one.case.number, "other": one.other.number, **told}


@group.command()
def settle(
    case: Annotated[str, typer.Argument(metavar="NUMBER", help="The case that looks like another.")],
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The number of the other.")],
    answer: Annotated[str, typer.Argument(metavar="same|different", help="What they turned out to be.")],
    by: By,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="How, for the journal.")],
) -> None:
    """Settle whether a case is about the same as another; the same provider twice becomes one."""
    number, second = case.strip().upper(), other.strip().upper()
    if answer not in ANSWERS:
        raise UsageError(f"What they turned out to be is one of {', '.join(ANSWERS)}, got {answer}.")
    with opened() as app:
        who, why = required(app, by, reason)
        is_new = distinguishing.settle(app, number, second, answer, why, who)
    said = "is now on record" if is_new else "was on record already"
    output.line(f"That {number} and {second} are {'the same' if answer == 'same' else 'different'} {said}.")
