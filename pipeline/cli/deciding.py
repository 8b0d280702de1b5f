"""`pipeline decide`: a named human decides a case that the verdicts did not decide."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from pipeline.casework import deciding
from pipeline.cli import output
from pipeline.cli.session import opened
from pipeline.domain.hours import Hours
from pipeline.domain.verdicts import Verdict

VERDICTS = ("approve", "defer", "reject")


def decide(
    case: Annotated[str, typer.Argument(metavar="NUMBER")],
    verdict: Annotated[str, typer.Option(metavar="|".join(VERDICTS), help="What is decided.")],
    by: Annotated[str, typer.Option(metavar="NAME", help="Who decides, for the journal.")],
    contact: Annotated[
        str | None, typer.Option(metavar="HOURS", help="Contact hours granted, in RU.")
    ] = None,
    self_study: Annotated[
        str, typer.Option("--self-study", metavar="HOURS", help="Hours of self-study granted, in RU.")
    ] = "0",
    motivation: Annotated[str | None, typer.Option(metavar="TEXT", help="For the letter, in Dutch.")] = None,
) -> None:
    """Decide an escalated case in the name of the commission."""
    if verdict not in VERDICTS:
        raise typer.BadParameter(f"--verdict is one of {', '.join(VERDICTS)}, got {verdict}.")
    if not by.strip():
        raise typer.BadParameter("--by is the name of whoever decides.")
    hours = (
        None if contact is None else Hours(_amount("--contact", contact), _amount("--self-study", self_study))
    )
    with opened() as app:
        deciding.decide(app, case, Verdict(by.strip(), verdict, hours, motivation))
    output.line(f"Case {case} is decided by {by.strip()}; `pipeline case {case}` shows what follows.")


def _amount(option: str, text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or amount < 0:
        raise typer.BadParameter(f"{option} is a number of hours such as 7.5, got {text}.")
    return amount
