"""`pipeline verdicts`: what an operator can do with a verdict before the decision."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.casework import annulling
from pipeline.cli import output
from pipeline.cli.options import By, CaseNumber, of_the_register
from pipeline.cli.session import opened

LONGEST_REASON = 1000  # characters: it stands in a letter, not in a dossier

group = typer.Typer(no_args_is_help=True, help="Verdicts of reviewers, before the decision.")


@group.callback()
def _verdicts() -> None:
    """Keep `verdicts` a group of commands, though it has one only."""


@group.command()
def annul(
    case: CaseNumber,
    reviewer: Annotated[str, typer.Argument(metavar="REVIEWER", help="Whose verdict, such as r003.")],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="For the letter to the reviewer, in Dutch.")],
    by: By,
) -> None:
    """Annul a verdict before the decision: it stays on record, and the reviewer is asked for another."""
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        raise typer.BadParameter(f"--reason is a text of 1 to {LONGEST_REASON} characters.")
    number = case.strip().upper()
    with opened() as app:
        annulling.annul(app, number, reviewer.strip(), reason.strip(), of_the_register(app, by))
    output.line(f"The verdict of {reviewer.strip()} on case {number} counts no more.")
