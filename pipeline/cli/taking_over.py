"""`pipeline take-over`: the commission decides a case for which there are no reviewers, or no time."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.casework import taking_over
from pipeline.cli import output
from pipeline.cli.options import By, CaseNumber, required
from pipeline.cli.session import opened


def take_over(
    case: CaseNumber,
    by: By,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why, for the journal.")],
) -> None:
    """Take a case from its reviewers, of whom there are too few or who are too late: the commission decides."""
    number = case.strip().upper()
    with opened() as app:
        who, why = required(app, by, reason)
        taking_over.take_over(app, number, why, who)
    output.line(f"Case {number} waits for the commission; `pipeline decide {number}` decides it.")
