"""What should have been rung by now: if anything, nobody wakes what waits."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import func, select

from pipeline.casework import mailing
from pipeline.store import tables
from pipeline.wiring import App

GRACE: Final = timedelta(seconds=15)  # the waker looks every second and rings at most 200 rows a look


def overdue(app: App) -> int:
    """Return how many rows wait although they were due some time ago, by either clock."""
    late, business = app.system.now() - GRACE, app.clock.now() - GRACE
    cases, mails = tables.cases, mailing.of(app).mails
    queries = [
        select(func.count()).select_from(table).where(table.c.retry_at < late)
        for table in (cases, tables.letters, tables.events)
        if table is not tables.letters or mails
    ]
    queries += [
        select(func.count()).select_from(table).where(table.c.wake_at < business, table.c.retry_at.is_(None))
        for table in (cases, tables.letters)
        if table is not tables.letters or mails
    ]
    with app.database.reading() as connection:
        return sum(connection.execute(query).scalar_one() for query in queries)
