"""One look at everything that is due, and a hint for each that says whether it is the first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from pipeline import logs
from pipeline.broker.queues import ACTORS, AGAIN
from pipeline.casework import mailing
from pipeline.casework.walk import ASSIGN, REMIND
from pipeline.store import scan
from pipeline.store.scan import Due, Pace, Unanswered
from pipeline.wiring import App

_log = structlog.get_logger()


def ring_due(app: App, is_deep: Callable[[str], bool] = lambda queue: False) -> int:
    """Ring for what is due and return for how many rows.

    Args:
        is_deep: says whether so much waits in a queue that nothing more is put there.
    """
    pace, now = _pace(app), app.system.now()
    rung = 0
    if not is_deep(ACTORS["dispatch"]):
        mails = mailing.of(app).mails
        due = scan.due_letters(app.database, now, app.clock.now(), pace, mails=mails)
        rung += _each(due, lambda one: app.ring("dispatch", one.key, AGAIN))
    if not is_deep(ACTORS["take_in"]):
        due = scan.due_events(app.database, now, pace)
        rung += _each(due, lambda one: app.ring("take_in", one.key, AGAIN))
    if not is_deep(ACTORS[ASSIGN]) and not is_deep(ACTORS["draw_logo"]):
        due = scan.due_cases(app.database, now, app.clock.now(), pace)
        rung += _each(due, lambda one: _ring_case(app, one))
    return rung


def is_pending(app: App) -> bool:
    """Say whether anything is left to do; letters of a home that may not mail wait for a human."""
    with app.database.reading() as connection:
        return scan.is_pending(connection, mails=mailing.seen(connection, app.settings).mails)


def next_wake(app: App) -> datetime | None:
    """Return the first moment by the home's clock at which anything falls due."""
    with app.database.reading() as connection:
        return scan.next_wake(connection, mails=mailing.seen(connection, app.settings).mails)


def unanswered(app: App, connection: Connection, *, mails: bool) -> Unanswered | None:
    """Return what the waker rings for again and again, and no worker takes up."""
    return scan.unanswered(connection, _pace(app), mails=mails)


def _pace(app: App) -> Pace:
    machinery = app.policy.machinery
    first, most = machinery.ring_after_seconds, machinery.ring_at_most_seconds
    return Pace(timedelta(seconds=first), timedelta(seconds=most))


def _each(due: list[Due], ring: Callable[[Due], None]) -> int:
    """Ring for each; a row that cannot be dealt with costs no other its hint."""
    for one in due:
        logs.begin(key=one.key)
        try:
            ring(one)
        except Exception:  # noqa: BLE001 -- it is rung again; the others must not wait for it
            _log.exception("row_not_rung")
    return len(due)


def _ring_case(app: App, due: Due) -> None:
    """A step that is pending is rung again, and what is due by the home's clock as well.

    The reminders of a parked case go on: its deadline does. Nobody but the waker rings for what the home's
    clock makes due, so that its first ring is a first hint.
    """
    step = None if due.is_parked else due.step
    if step not in (None, REMIND):
        app.ring(step, due.key, AGAIN)
    if due.is_woken or step in (None, REMIND):
        is_first = due.rings == 1 and step != REMIND
        app.ring(REMIND, due.key, *([] if is_first else [AGAIN]))
