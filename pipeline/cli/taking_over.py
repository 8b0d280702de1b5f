"""`pipeline take-over`: the commission decides a case for which there are no reviewers, or no time."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.casework import taking_over
from pipeline.cli import output
from pipeline.cli.options import By, CaseNumber, of_the_register
from pipeline.cli.session import opened
from pipeline.errors import UsageError


def take_over(
    case: CaseNumber,
    by: By,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why, for the journal.")],
) -> None:
    """Take a case from its reviewers, of whom there are too few or who are too late: the commission decides."""
    number = case.strip().upper()
    if not reason.strip():
        raise UsageError("--reason says why: it is kept in the journal.")
    with opened() as app:
        taking_over.take_over(app, number, reason.strip(), of_the_register(app, by))
    output.line(f"Case {number} waits for the commission; `pipeline decide {number}` decides it.")
