"""`pipeline extend`: more time for a decision, told to the provider before the term ends."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.casework import extending
from pipeline.cli import moments, output, reasons
from pipeline.cli.options import By, CaseNumber, of_the_register
from pipeline.cli.session import opened


def extend(
    case: CaseNumber,
    to: Annotated[str, typer.Option(metavar="DATE", help="The new last day, a working day.")],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="For the letter to the provider, in Dutch.")],
    by: By,
) -> None:
    """Extend the term of a case to a later day, before it ends; the provider gets a letter."""
    number, day = case.strip().upper(), moments.day(to)
    told = reasons.readable(reason, "why the decision takes longer")
    with opened() as app:
        extending.extend(app, number, day, told, of_the_register(app, by))
    output.line(
        f"Case {number} is to be decided by {day}; the provider gets a letter. "
        f"`pipeline terms explain {number}` shows its days."
    )
