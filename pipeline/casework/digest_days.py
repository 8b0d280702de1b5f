"""The day of the last digest: the owner gets one a working day, and what comes due later waits for the next."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from pipeline.store import tables
from pipeline.store.unit import Change, Op
from pipeline.wiring import App


def last(app: App) -> date | None:
    """Return the local day on which the last digest was written; None before there was one."""
    with app.database.reading() as connection:
        found: date | None = connection.execute(select(tables.home.c.digest_on)).scalar_one_or_none()
    return found


def claim(before: date | None, today: date) -> list[Op]:
    """Return what claims a day for the digest that is written with it; of two at once one is stale.

    A second digest on one day is about a deadline that would pass: its day is claimed already.
    """
    if before == today:
        return []
    return [Change(tables.home, {"digest_on": before}, {"digest_on": today})]
