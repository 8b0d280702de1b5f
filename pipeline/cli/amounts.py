"""Hours in RU as they are typed."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

import typer

from pipeline.domain.hours import Hours


def hours(contact: str | None, self_study: str) -> Hours | None:
    """Return both parts of an amount of RU; None where no contact hours are given."""
    if contact is None:
        return None
    return Hours(_amount("--contact", contact), _amount("--self-study", self_study))


def both(contact: str | None, self_study: str | None) -> Hours | None:
    """Return an amount of RU of which both parts or neither are given."""
    if (contact is None) != (self_study is None):
        raise typer.BadParameter("--contact and --self-study go together.")
    found = hours(contact, self_study or "0")
    if found is not None and found.total == 0:
        raise typer.BadParameter("What is in the register has more than 0 hours.")
    return found


def _amount(option: str, text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or amount < 0:
        raise typer.BadParameter(f"{option} is a number of hours such as 7.5, got {text}.")
    return amount
