"""`pipeline decide`: a named human decides a case that the verdicts did not decide, or a decision is explained."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from pipeline.casework import deciding, explaining
from pipeline.cli import amounts, output, trails
from pipeline.cli.options import AsJson, CaseNumber, of_the_register
from pipeline.cli.session import opened
from pipeline.domain.hours import Hours
from pipeline.domain.verdicts import Verdict

VERDICTS = ("approve", "defer", "reject")


def decide(
    case: CaseNumber,
    verdict: Annotated[str | None, typer.Option(metavar="|".join(VERDICTS), help="What is decided.")] = None,
    by: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who decides: somebody whom the policy names.")
    ] = None,
    contact: Annotated[
        str | None, typer.Option(metavar="HOURS", help="Contact hours granted, in RU.")
    ] = None,
    self_study: Annotated[
        str | None, typer.Option("--self-study", metavar="HOURS", help="Hours of self-study granted, in RU.")
    ] = None,
    motivation: Annotated[str | None, typer.Option(metavar="TEXT", help="For the letter, in Dutch.")] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Decide nothing: make the decision again from the record.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Decide an escalated case in the name of the commission, or explain a decision that was taken."""
    number = case.strip().upper()
    if explain:
        if any((verdict, by, contact, self_study, motivation)):
            raise typer.BadParameter("--explain decides nothing: it goes with --json only.")
        _explain(number, json=json)
    elif json:
        raise typer.BadParameter("--json goes with --explain.")
    else:
        _decide(number, _verdict(verdict, by, amounts.hours(contact, self_study or "0"), motivation))


def _decide(number: str, decision: Verdict) -> None:
    with opened() as app:
        by = of_the_register(app, decision.reviewer)
        deciding.decide(app, number, replace(decision, reviewer=by))
    output.line(f"Case {number} is decided by {by}; `pipeline case {number}` shows what follows.")


def _verdict(verdict: str | None, by: str | None, hours: Hours | None, motivation: str | None) -> Verdict:
    if verdict not in VERDICTS:
        got = "nothing" if verdict is None else verdict
        raise typer.BadParameter(f"--verdict is one of {', '.join(VERDICTS)}, got {got}.")
    return Verdict(by or "", verdict, hours, motivation)


def _explain(number: str, *, json: bool) -> None:
    """Show what a decision rests on; exit code 1 where it, or its letter, does not come out the same again."""
    with opened() as app:
        found = explaining.explain(app, number)
    if json:
        output.as_json(found)
    else:
        trails.show_explained(found)
    letter = found["letter"] or {}
    if not found["same"] or letter.get("same") is False:
        raise typer.Exit(1)
