"""Intake: an event becomes a case, an effect on one, or a refusal."""

from __future__ import annotations

import json
from typing import Any

import structlog

from pipeline import wiring
from pipeline.actors.binding import actor
from pipeline.broker.queues import AGAIN
from pipeline.casework import intake, work
from pipeline.errors import Unreachable
from pipeline.store import rows, tables
from pipeline.store.reading import one_of
from pipeline.wiring import App

_log = structlog.get_logger()


@actor
def receive(event: str | dict[str, Any], again: str = "") -> None:
    """Take in an event dropped on the queue, which holds its sole copy.

    One that comes again, since a worker died that had it, is stored before anything is done with it: it may
    have been what the worker died of. The waker rings for it, and its starts are counted.

    Raises:
        Unreachable: the database is away; the message is put back.
    """
    app = wiring.app()
    text = event if isinstance(event, str) else json.dumps(event, ensure_ascii=False)
    raw = text.encode("utf-8", "surrogatepass")
    if again == AGAIN:
        intake.store(app, raw)
        return
    arrived = intake.arrival(app, raw)
    try:
        intake.process(app, arrived, raw)
    except Unreachable:
        raise
    except Exception as error:  # noqa: BLE001 -- whatever it is, the bytes are kept and an operator sees it
        _log.exception("intake_failed")
        intake.keep(app, arrived, f"{type(error).__name__}: {error}")


@actor
def take_in(event_id: str, again: str = "") -> None:
    """Take in an event that was stored first; safe to deliver twice."""
    app = wiring.app()
    work.on_event(app, event_id, again, lambda: _take_in(app, event_id))


def _take_in(app: App, event_id: str) -> None:
    table = tables.events
    waits = (table.c.id == event_id, table.c.state == "stored", table.c.parked_at.is_(None))
    with app.database.reading() as connection:
        stored = one_of(connection, rows.Event, *waits)
    if stored is not None:
        intake.process(app, stored, is_stored=True)
