"""What became of events that were stored: plain JSON with stable keys, as docs/json.md names them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import Connection, and_, exists, or_, select

from pipeline.store import rows, tables
from pipeline.store.reading import all_of, by_id, one_of
from pipeline.wiring import App

Json = dict[str, Any]
_CONFLICT: Final = (
    "Another event with this source and id was accepted before. This one has other content: it changed nothing, "
    "its bytes are kept and the case is flagged. Send it with an id of its own."
)


def outcomes(app: App, ids: Collection[str]) -> list[Json]:
    """Return a row for each of these events, in the order in which they were stored."""
    table = tables.events
    with app.database.reading() as connection:
        order = [table.c.received_at, table.c.id]
        found = {one.id: one for one in all_of(connection, rows.Event, table.c.id.in_(ids), order=order)}
        return [_row(connection, found[one]) for one in ids]


def is_under_way(app: App, ids: Collection[str]) -> bool:
    """Say whether any of these events, its case, or a letter about either still has a step to go."""
    events, cases, letters = tables.events, tables.cases, tables.letters
    about = select(events.c.case_id).where(events.c.id.in_(ids))
    told = select(events.c.letter_id).where(events.c.id.in_(ids))
    steps = (
        exists().where(events.c.id.in_(ids), events.c.retry_at.is_not(None)),
        exists().where(cases.c.id.in_(about), cases.c.retry_at.is_not(None)),
        exists().where(
            and_(or_(letters.c.case_id.in_(about), letters.c.id.in_(told)), letters.c.retry_at.is_not(None))
        ),
    )
    with app.database.reading() as connection:
        return bool(connection.execute(select(or_(*steps))).scalar_one())


def _row(connection: Connection, event: rows.Event) -> Json:
    refused = _refusal(connection, event)
    case = _case(connection, event)
    return {
        "id": event.id,
        "file": event.file,
        "source": event.source,
        "event_id": event.event_id,
        "status": "refused" if refused else _status(event),
        "case": case and case.number,
        "state": case and case.state.value,
        "result": case.result.value if case and case.result else None,
        "field": refused and refused.field,
        "reason": refused.reason if refused else _CONFLICT if event.state == "conflict" else None,
        "last_error": event.last_error,
    }


def _status(event: rows.Event) -> str:
    return "parked" if event.parked_at is not None else event.state


def _refusal(connection: Connection, event: rows.Event) -> rows.Event | None:
    """Return the refusal of an event; one that was refused before in the same words only counts there."""
    if event.state == "refused":
        return event
    if event.state != "known" or event.source is not None:
        return None
    table = tables.events
    return one_of(connection, rows.Event, table.c.state == "refused", table.c.digest == event.digest)


def _case(connection: Connection, event: rows.Event) -> rows.Case | None:
    return by_id(connection, rows.Case, event.case_id) if event.case_id else None
