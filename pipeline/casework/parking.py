"""What keeps failing is parked where operators see it, and taken up again when they say so."""

from __future__ import annotations

from typing import Final

from pipeline.casework import correspondence, walk
from pipeline.casework.draft import Draft
from pipeline.store import tables
from pipeline.store.unit import Change
from pipeline.wiring import App

BY: Final = "waker"


def park_case(app: App, case_id: str) -> None:
    """Ring no more for a case that was rung often and did not move."""
    walk.advance(app, case_id, BY, _park)


def _park(draft: Draft) -> None:
    detail = f"{draft.case.step}: {draft.case.last_error or 'de stap kwam niet tot een einde'}"
    draft.set(parked_at=draft.now, retry_at=None)
    correspondence.to_owner(draft, "parked", detail)


def silence_case(app: App, case_id: str) -> None:
    """Ring no more for a parked case whose reminders fail too; its owner has the task."""
    values = {"retry_at": None, "wake_at": None}
    app.unit.write([Change(tables.cases, {"id": case_id}, values, must=False)])


def park_event(app: App, event_id: str) -> None:
    """Ring no more for stored bytes that were rung often and did not become anything."""
    values = {"parked_at": app.clock.now(), "retry_at": None}
    app.unit.write([Change(tables.events, {"id": event_id, "state": "stored"}, values, must=False)])
