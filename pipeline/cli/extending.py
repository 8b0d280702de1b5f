"""`pipeline extend`: more time for a decision, told to the provider before the term ends."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from pipeline.casework import extending
from pipeline.cli import moments, output, reasons
from pipeline.cli.session import opened


def extend(
    case: Annotated[str, typer.Argument(metavar="NUMBER", help="Such as A-2026-000123.")],
    to: Annotated[str, typer.Option(metavar="DATE", help="The new last day, a working day.")],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="For the letter to the provider, in Dutch.")],
    by: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Who extends it, for the journal; by default whoever is logged in."
        ),
    ] = None,
) -> None:
    """Extend the term of a case to a later day, before it ends; the provider gets a letter."""
    number, day = case.strip().upper(), moments.day(to)
    who = (by or "").strip() or getpass.getuser()
    with opened() as app:
        extending.extend(app, number, day, reasons.readable(reason, "why the decision takes longer"), who)
    output.line(
        f"Case {number} is to be decided by {day}; the provider gets a letter. "
        f"`pipeline terms explain {number}` shows its days."
    )
