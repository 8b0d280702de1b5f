"""`pipeline complete`: a named human goes on with a case that stayed incomplete, however often it was asked for."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from pipeline.casework import rounds
from pipeline.cli import output
from pipeline.cli.options import By, CaseNumber, required
from pipeline.cli.session import opened
from pipeline.errors import UsageError

DONE: Final = {
    "ask": "is asked for once more; the term pauses when the request is sent",
    "accept": "goes to reviewers as it is, who are told what is missing",
    "set-aside": "is set aside; the provider gets a letter",
}


def complete(
    case: CaseNumber,
    choice: Annotated[str, typer.Argument(metavar="|".join(DONE), help="What is to be done with it.")],
    by: By,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why, for the journal.")],
) -> None:
    """Ask once more for what is missing, take the case as it is, or set it aside: after the last round."""
    if choice not in DONE:
        raise UsageError(f"What is to be done is one of {', '.join(DONE)}, got {choice}.")
    number = case.strip().upper()
    with opened() as app:
        who, why = required(app, by, reason)
        rounds.settle(app, number, choice, why, who)
    output.line(f"Case {number} {DONE[choice]}. `pipeline case {number}` shows what follows.")
