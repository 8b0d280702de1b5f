"""How a registration stands on a day: what was done to its version is kept, that time ends it follows from the day."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum


class Status(StrEnum):
    """How one version of a registration stands."""

    PENDING = "pending"  # its decision was not sent yet
    VALID = "valid"
    REPLACED = "replaced"  # by another version under the same number
    EXPIRED = "expired"
    REVOKED = "revoked"


def last_day(decided_on: date, valid_days: int | None) -> date | None:
    """Return the last day of what is granted, so many days after the decision; None is without end."""
    return None if valid_days is None else decided_on + timedelta(days=valid_days)


def status(state: str, valid_until: date | None, ended_on: date | None, today: date) -> Status:
    """Return how a version stands on a day.

    Args:
        state: what was last done to it; nothing is done to it when its time is over.
        valid_until: its last day; None is without end.
        ended_on: the first day on which it is valid no more, for another reason.
    """
    kept = Status(state)
    if kept is Status.REVOKED and ended_on is not None and today < ended_on:
        kept = Status.VALID  # it is revoked from a later day on
    if kept is Status.VALID and valid_until is not None and valid_until < today:
        return Status.EXPIRED
    return kept
