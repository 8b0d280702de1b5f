"""What keeps failing is parked where operators see it, and taken up again when they say so."""

from __future__ import annotations

from typing import Final

import structlog

from pipeline.casework import correspondence, effects, walk
from pipeline.casework.draft import Draft
from pipeline.errors import NotFound
from pipeline.store import rows, tables
from pipeline.store.reading import one_of
from pipeline.store.unit import Change, ringing_again
from pipeline.wiring import App

BY: Final = "waker"

_log = structlog.get_logger()


def park_case(app: App, case_id: str) -> None:
    """Ring no more for a case that was rung often and did not move; its owner gets a task."""
    try:
        walk.advance(app, case_id, BY, _park)
    except Exception:  # what keeps a case from moving may keep it from being written in full
        values = {"parked_at": app.clock.now(), "retry_at": None, "wake_at": None, "rings": 0}
        app.unit.write([Change(tables.cases, {"id": case_id}, values, must=False)])
        raise


def _park(draft: Draft) -> None:
    detail = f"{draft.case.step}: {draft.case.last_error or 'de stap kwam niet tot een einde'}"
    draft.set(parked_at=draft.now, retry_at=None, rings=0)
    draft.note("parked", step=draft.case.step, error=draft.case.last_error)
    correspondence.to_owner(draft, "parked", detail)
    _log.warning("row_parked", row="case", step=draft.case.step, error=draft.case.last_error)


def silence_case(app: App, case_id: str) -> None:
    """Ring no more for a parked case whose reminders fail too; its owner has the task."""
    values = {"retry_at": None, "wake_at": None}
    app.unit.write([Change(tables.cases, {"id": case_id}, values, must=False)])


def park_event(app: App, event_id: str) -> None:
    """Ring no more for stored bytes that were rung often and did not become anything."""
    values = {"parked_at": app.clock.now(), "retry_at": None}
    app.unit.write([Change(tables.events, {"id": event_id, "state": "stored"}, values, must=False)])
    _log.warning("row_parked", row="event", correlation=event_id)


def take_up(app: App, key: str, by: str) -> None:
    """Ring again for what was parked, as if for the first time.

    Args:
        key: the number of a case, or the id of a stored event.

    Raises:
        NotFound: nothing parked has this number or id.
    """
    with app.database.reading() as connection:
        case = one_of(
            connection, rows.Case, tables.cases.c.number == key, tables.cases.c.parked_at.is_not(None)
        )
    if case is not None:
        walk.advance(app, case.id, by, _take_up)
        return
    parked = tables.events.c.parked_at.is_not(None)
    with app.database.reading() as connection:
        event = one_of(connection, rows.Event, tables.events.c.id == key, parked)
    if event is None:
        raise NotFound(f"Nothing that is parked has the number or id {key}.")
    app.unit.write(
        [Change(tables.events, {"id": key}, {"parked_at": None, **ringing_again(app.system.now())})]
    )
    app.ring("take_in", key)


def _take_up(draft: Draft) -> None:
    draft.note("taken_up", step=draft.case.step)
    draft.set(parked_at=None, **ringing_again(draft.app.system.now()))
    effects.close_tasks(draft, "parked")
    draft.hint(draft.case.step or walk.REMIND, draft.case.id)
