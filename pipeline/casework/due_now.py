"""What is due by the home's clock, done at once instead of rung for."""

from __future__ import annotations

import structlog
from sqlalchemy import select

from pipeline.casework import reminding
from pipeline.store import tables
from pipeline.wiring import App

_log = structlog.get_logger()


def remind_all(app: App) -> int:
    """Do what is due for every case and return for how many; safe beside workers that do the same."""
    table = tables.cases
    due = select(table.c.id).where(table.c.wake_at <= app.clock.now()).order_by(table.c.wake_at)
    with app.database.reading() as connection:
        cases = list(connection.execute(due).scalars())
    for case in cases:
        try:
            reminding.remind(app, case)
        except Exception:  # noqa: BLE001 -- the waker rings for it again; the others must not wait for it
            _log.exception("not_reminded", case=case)
    return len(cases)
