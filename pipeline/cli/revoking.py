"""`pipeline revoke`: a registration is taken out of the register, on a ground that the policy names."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.casework import revoking
from pipeline.casework.revoking import Outcome
from pipeline.cli import moments, output, reasons
from pipeline.cli.options import By, of_the_register
from pipeline.cli.session import opened
from pipeline.domain.numbers import typed


def revoke(
    number: Annotated[str, typer.Argument(help="The activity number, such as 10000012 or '1000 0012'.")],
    ground: Annotated[str, typer.Option(metavar="KEY", help="One of registrations.grounds in the policy.")],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="For the letter to the provider, in Dutch.")],
    by: By,
    from_: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="DATE", help="The first day on which it is valid no more; by default today."
        ),
    ] = None,
) -> None:
    """Revoke a registration; the provider gets a letter and may object."""
    told, day = reasons.readable(reason, "why it is revoked"), moments.day(from_) if from_ else None
    with opened() as app:
        who = of_the_register(app, by)
        outcome = revoking.revoke(app, typed(number), ground.strip(), told, who, from_=day)
    _tell(typed(number), outcome)


def _tell(number: str, outcome: Outcome) -> None:
    if outcome.is_known:
        output.line(f"Registration {number} was revoked already, from {outcome.from_}. Nothing was changed.")
        return
    output.line(
        f"Registration {number} is revoked from {outcome.from_}; the provider gets a letter and may object."
    )
    if outcome.open_case is not None:
        output.line(f"Case {outcome.open_case} is to judge a new version of it, and goes on.")
