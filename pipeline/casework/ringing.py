"""One look at everything that is due, and a hint for each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import structlog

from pipeline import logs
from pipeline.broker.queues import ACTORS
from pipeline.casework import mailing, parking
from pipeline.casework.walk import ASSIGN
from pipeline.store import scan
from pipeline.store.scan import Due, Pace
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
        rung += _letters(app, scan.due_letters(app.database, now, pace, mails=mails))
    if not is_deep(ACTORS["take_in"]):
        rung += _events(app, scan.due_events(app.database, now, pace))
    if not is_deep(ACTORS[ASSIGN]) and not is_deep(ACTORS["draw_logo"]):
        rung += _cases(app, scan.due_cases(app.database, now, app.clock.now(), pace))
    return rung


def is_pending(app: App) -> bool:
    """Say whether anything is left to do; letters of a home that may not mail wait for a human."""
    return scan.is_pending(app.database, mails=mailing.of(app).mails)


def _pace(app: App) -> Pace:
    machinery = app.policy.machinery
    first, most = machinery.ring_after_seconds, machinery.ring_at_most_seconds
    return Pace(timedelta(seconds=first), timedelta(seconds=most))


def _letters(app: App, due: list[Due]) -> int:
    for one in due:
        app.ring("dispatch", one.key)
    return len(due)


def _each(due: list[Due], ring: Callable[[Due], None]) -> int:
    """Ring for each; a row that cannot be dealt with costs no other its hint."""
    for one in due:
        logs.begin(key=one.key)
        try:
            ring(one)
        except Exception:  # noqa: BLE001 -- it is rung again; the others must not wait for it
            _log.exception("row_not_rung")
    return len(due)


def _events(app: App, due: list[Due]) -> int:
    def ring(one: Due) -> None:
        if one.rings > app.policy.machinery.rings_before_parked:
            parking.park_event(app, one.key)
        else:
            app.ring("take_in", one.key)

    return _each(due, ring)


def _cases(app: App, due: list[Due]) -> int:
    def ring(one: Due) -> None:
        if one.rings <= app.policy.machinery.rings_before_parked:
            _ring_case(app, one)
        elif one.is_parked:
            parking.silence_case(app, one.key)
        else:
            parking.park_case(app, one.key)

    return _each(due, ring)


def _ring_case(app: App, due: Due) -> None:
    """A step that is pending is rung, and what is due by the home's clock as well.

    The reminders of a parked case go on: its deadline does.
    """
    if due.step is not None and not due.is_parked:
        app.ring(due.step, due.key)
    if due.is_woken or due.step is None:
        app.ring("remind", due.key)
