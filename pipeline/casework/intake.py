"""An event's bytes become a case, an effect on one, or a refusal; never nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy import Connection

from pipeline.casework import claims, dossier, following, moving, opening, refusing, window
from pipeline.casework.draft import Draft
from pipeline.casework.posting import first_ring
from pipeline.casework.walk import TRIES
from pipeline.contract import (
    MAX_BYTES,
    EventType,
    Inbound,
    content_digest,
    identity,
    may_hold_halves,
    parse,
    read,
)
from pipeline.errors import Refused, Stale
from pipeline.store import rows, tables
from pipeline.store.reading import Asked, by_id, one_of
from pipeline.store.unit import Change, Op, changed, new
from pipeline.wiring import App

Handler = Callable[[App, Inbound, rows.Event, datetime], Draft]

_BY_CLAIM: Final = Asked(rows.Event, "claim")
_log = structlog.get_logger()

HANDLERS: Final[Mapping[EventType, Handler]] = {
    EventType.PROVIDER_APPLIED: opening.apply,
    EventType.ACTIVITY_SUBMITTED: opening.submit,
    EventType.CASE_OBJECTED: opening.object_to,
    EventType.CASE_SUPPLEMENTED: following.supplement,
    EventType.CASE_WITHDRAWN: following.withdraw,
    EventType.REVIEW_GIVEN: following.review,
}


@dataclass(frozen=True)
class Outcome:
    """What became of an event.

    Attributes:
        event: as it is stored; for one that was known already, the accepted one.
        status: ``accepted``, ``known``, ``conflict`` or ``refused``.
        case: number of the case it opened or changed.
        refusal: why it was refused.
    """

    event: rows.Event
    status: str
    case: str | None = None
    refusal: Refused | None = None


def arrival(app: App, raw: bytes, *, file: str | None = None) -> rows.Event:
    """Return the row of bytes that have just arrived; not yet stored."""
    return rows.Event(
        id=app.new_id(),
        state="stored",
        received_at=app.clock.now(),
        raw=raw[:MAX_BYTES],
        length=len(raw),
        digest=hashlib.sha256(raw).hexdigest(),
        file=file,
    )


def store(app: App, raw: bytes, *, file: str | None = None, late_by: str | None = None) -> rows.Event:
    """Keep bytes before anything else is done with them; the waker rings for them.

    Args:
        late_by: the operator who accepts the event though it comes too late.
    """
    event = replace(arrival(app, raw, file=file), late_by=late_by)
    keep(app, event)
    return event


def keep(app: App, event: rows.Event, error: str | None = None) -> None:
    """Keep what arrived and could not be taken in yet; the waker rings for it."""
    app.unit.write([new(replace(event, retry_at=first_ring(app), last_error=error))])


def process(app: App, event: rows.Event, raw: bytes | None = None, *, is_stored: bool = False) -> Outcome:
    """Take in an event; safe to call twice.

    Args:
        raw: all of its bytes, where the row holds only the first of them.

    Raises:
        Stale: what it is about kept changing; try again later.
        Unreachable: the database does not answer.
    """
    whole = event.raw if raw is None else raw
    return _tried(event, lambda: _process(app, event, whole, is_stored))


def take_in_ours(app: App, document: dict[str, Any], handler: Handler) -> Outcome:
    """Take in an event that an operator makes of what a provider asked by other means; safe to call twice.

    Raises:
        Refused: it would be refused; nothing is kept of it.
        Stale: what it is about kept changing; try again later.
    """
    raw = json.dumps(document, ensure_ascii=False).encode()
    event = arrival(app, raw)
    return _tried(event, lambda: _ours(app, event, parse(raw), handler))


def _ours(app: App, event: rows.Event, document: dict[str, Any], handler: Handler) -> Outcome:
    accepted = _accepted(app, document)
    if accepted is not None:
        with app.database.reading() as connection:
            return Outcome(accepted, "known", opened_by(connection, document["source"], document["id"]))
    known, inbound = _described(event, document), read(document)
    window.check(inbound, event.received_at, app.policy.intake)
    draft = handler(app, inbound, known, app.clock.now())
    return _accept(event, known, document, draft, is_stored=False)


def _tried(event: rows.Event, process: Callable[[], Outcome]) -> Outcome:
    """Take in an event, once more when somebody else was faster."""
    structlog.contextvars.bind_contextvars(correlation=event.id)
    for left in reversed(range(TRIES)):
        try:
            outcome = process()
        except Stale:
            if not left:
                raise
        else:
            _tell(event, outcome)
            return outcome
    raise AssertionError("unreachable")


def _tell(event: rows.Event, outcome: Outcome) -> None:
    """Tell the log what became of an event, and nothing of what stands in it but who sent what."""
    known, refusal = outcome.event, outcome.refusal
    told: dict[str, Any] = {"type": known.type, "source": known.source, "event_id": known.event_id}
    told |= {"case": outcome.case} if outcome.case else {}
    told |= {"accepted": known.id} if known.id != event.id else {}
    told |= {"rule": refusal.rule, "field": refusal.field} if refusal else {}
    _log.info(f"event_{outcome.status}", correlation=event.id, bytes=event.length, **told)


def _process(app: App, event: rows.Event, raw: bytes, is_stored: bool) -> Outcome:
    known, document = event, None
    try:
        document = _whole(event, raw)
        known = _described(event, document)
        accepted = _accepted(app, document)
        if accepted is not None:
            return _again(app, known, accepted, is_stored, event)
        inbound = read(document, may_hold_halves=may_hold_halves(raw))
        window.check(inbound, event.received_at, app.policy.intake, late=event.late_by is not None)
        draft = HANDLERS[inbound.type](app, inbound, known, app.clock.now())
    except Refused as refusal:
        # A copy that was faster may have brought just what this one is now refused for.
        accepted = None if document is None else _accepted(app, document)
        if accepted is not None:
            return _again(app, known, accepted, is_stored, event)
        refusing.refuse(app, event, known, refusal, is_stored=is_stored, document=document)
        return Outcome(known, "refused", refusal=refusal)
    return _accept(event, known, document, draft, is_stored=is_stored)


def _accept(
    event: rows.Event, known: rows.Event, document: Mapping[str, Any], draft: Draft, *, is_stored: bool
) -> Outcome:
    """Write what an event brings, and that it was accepted."""
    taken = replace(
        known,
        state="accepted",
        claim=claims.of_pair(document),
        case_id=draft.case.id,
        retry_at=None,
        unfinished=0,
        last_error=None,
    )
    draft.first(*row_ops(event, taken, is_stored))
    moving.write(draft)
    return Outcome(taken, "accepted", draft.case.number)


def row_ops(before: rows.Event, after: rows.Event, is_stored: bool) -> list[Op]:
    """Return what writes an event's row, which may be stored already."""
    if not is_stored:
        return [new(after)]
    return [Change(tables.events, {"id": before.id, "state": "stored"}, changed(before, after))]


def _whole(event: rows.Event, raw: bytes) -> dict[str, Any]:
    if event.length > len(raw):  # only the first bytes were kept, so it was too big
        return parse(raw.ljust(event.length, b" "))
    return parse(raw)


def _described(event: rows.Event, document: Mapping[str, Any]) -> rows.Event:
    """Return the row with what can be told of an event that need not be valid."""
    pair = identity(document)
    event_type = document.get("type")
    return replace(
        event,
        source=pair[0] if pair else None,
        event_id=pair[1] if pair else None,
        type=event_type if isinstance(event_type, str) and event_type in list(EventType) else None,
        content_digest=content_digest(document),
    )


def opened_by(connection: Connection, source: str, event_id: str) -> str | None:
    """Return the number of the case that an accepted event was about; None where it was not accepted."""
    claim = claims.of_pair({"source": source, "id": event_id})
    event = None if claim is None else _BY_CLAIM.one(connection, claim)
    case = None if event is None else by_id(connection, rows.Case, event.case_id)
    return None if case is None else case.number


def _accepted(app: App, document: Mapping[str, Any]) -> rows.Event | None:
    claim = claims.of_pair(document)
    if claim is None:
        return None
    with app.database.reading() as connection:
        return _BY_CLAIM.one(connection, claim)


def _again(app: App, event: rows.Event, accepted: rows.Event, is_stored: bool, stored: rows.Event) -> Outcome:
    """Deal with an event whose pair is taken: the same again is nothing, another is shown as a conflict."""
    with app.database.reading() as connection:
        case = by_id(connection, rows.Case, accepted.case_id)
    number = case.number if case else None
    if event.content_digest == accepted.content_digest:
        if is_stored:
            again = replace(event, state="known", case_id=accepted.case_id, retry_at=None, unfinished=0)
            app.unit.write(row_ops(stored, again, is_stored))
        return Outcome(accepted, "known", number)
    assert case is not None  # an accepted event has one
    conflict = replace(event, state="conflict", case_id=case.id, retry_at=None, unfinished=0)
    if is_stored or not _is_kept(app, conflict):
        _flag(app, case.id, conflict, row_ops(stored, conflict, is_stored))
    return Outcome(accepted, "conflict", number)


def _flag(app: App, case_id: str, conflict: rows.Event, ops: list[Op]) -> None:
    """Show on the case that an accepted event came again with other content."""
    with app.database.reading() as connection:
        draft = Draft(
            app, dossier.read(connection, case_id), app.clock.now(), f"{conflict.source} {conflict.event_id}"
        )
    flag = f"conflict with {conflict.source} {conflict.event_id}"
    if flag not in draft.case.flags:
        draft.set(flags=[*draft.case.flags, flag])
        draft.note("conflicted", conflict=conflict.id)
    draft.op(*ops)
    moving.write(draft)


def _is_kept(app: App, conflict: rows.Event) -> bool:
    """Say whether a conflict with the same content is shown already."""
    table = tables.events
    same = (table.c.case_id == conflict.case_id, table.c.content_digest == conflict.content_digest)
    with app.database.reading() as connection:
        return one_of(connection, rows.Event, *same, table.c.state == "conflict") is not None
