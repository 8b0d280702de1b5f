"""Intake: an event becomes a case, an effect on one, or a refusal."""

from __future__ import annotations

import json
from typing import Any

import structlog

from pipeline import wiring
from pipeline.actors.binding import actor
from pipeline.casework import intake
from pipeline.errors import Unreachable
from pipeline.store import rows, tables
from pipeline.store.reading import one_of
from pipeline.store.unit import Change

_log = structlog.get_logger()


@actor
def receive(event: str | dict[str, Any]) -> None:
    """Take in an event dropped on the queue, which holds its sole copy.

    Raises:
        Unreachable: the database is away; the message is put back.
    """
    app = wiring.app()
    text = event if isinstance(event, str) else json.dumps(event, ensure_ascii=False)
    raw = text.encode("utf-8", "surrogatepass")
    arrived = intake.arrival(app, raw)
    try:
        intake.process(app, arrived, raw)
    except Unreachable:
        raise
    except Exception as error:  # noqa: BLE001 -- whatever it is, the bytes are kept and an operator sees it
        _log.exception("intake_failed")
        intake.keep(app, arrived, f"{type(error).__name__}: {error}")


@actor
def take_in(event_id: str) -> None:
    """Take in an event that was stored first; safe to deliver twice."""
    app = wiring.app()
    with app.database.reading() as connection:
        stored = one_of(
            connection, rows.Event, tables.events.c.id == event_id, tables.events.c.state == "stored"
        )
    if stored is None:
        return
    try:
        intake.process(app, stored, is_stored=True)
    except Exception as error:
        values = {"attempts": stored.attempts + 1, "last_error": f"{type(error).__name__}: {error}"}
        app.unit.write([Change(tables.events, {"id": stored.id, "state": "stored"}, values, must=False)])
        raise
