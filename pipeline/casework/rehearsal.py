"""Which reminders would ring by some later moment, if nothing else happened until then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

import structlog
from sqlalchemy import or_

from pipeline.casework import digest_days, dossier, projection
from pipeline.casework.draft import Draft
from pipeline.domain import reminders
from pipeline.domain.lifecycle import State
from pipeline.domain.reminders import Ring
from pipeline.errors import CalendarEnds
from pipeline.store import rows, tables
from pipeline.store.reading import all_of
from pipeline.wiring import App

BY = "rehearsal"
_log = structlog.get_logger()


@dataclass(frozen=True)
class Expected:
    """One reminder that would ring.

    Attributes:
        case: the case's number.
        ring: what would ring, and when.
        at: the moment: that of the ring, or now for one that is overdue.
        to: whom it would be sent to; empty where a step follows instead of a letter.
        superseded_by: the key of the more urgent one that would be sent instead.
    """

    case: str
    ring: Ring
    at: datetime
    to: str
    superseded_by: str | None = None


def expected(app: App, until: datetime) -> list[Expected]:
    """Return what would ring up to and including that moment, in order; changes nothing.

    A case is left out, and logged, from where the calendar does not know the days of its reminders.
    """
    now = app.clock.now()
    with app.database.reading() as connection:
        cases = tables.cases.c  # of closed cases those with something to remind of
        looked_at = or_(cases.state != State.CLOSED, cases.wake_at.is_not(None))
        known = dossier.read_many(connection, all_of(connection, rows.Case, looked_at))
    digest_on = digest_days.last(app)
    found = [one for each in known for one in _of_case(Draft(app, each, now, BY), until, digest_on)]
    return sorted(found, key=lambda one: (one.at, one.case, one.to))


def _of_case(draft: Draft, until: datetime, digest_on: date | None) -> Iterator[Expected]:
    try:
        yield from _ring_after_ring(draft, until, digest_on)
    except CalendarEnds as error:  # the others are shown all the same
        _log.warning("not_rehearsed", case=draft.case.number, error=str(error))


def _ring_after_ring(draft: Draft, until: datetime, digest_on: date | None) -> Iterator[Expected]:
    """Ring after ring, as the waker would come by; a request that is not answered ends the case."""
    rung, ladder, calendar = projection.rung(draft), draft.policy.reminders, draft.app.calendar
    while True:
        rings = projection.rings(draft)
        moment = reminders.next_at(rings, draft.now, rung, ladder, calendar, digest_on)
        if moment is None or moment > until:
            return
        draft.now = moment
        due = reminders.due(rings, moment, rung, ladder, calendar, digest_on)
        for one in due.superseded:
            yield Expected(draft.case.number, one.ring, moment, _recipient(draft, one.ring), one.by)
        for ring in due.send:
            yield Expected(draft.case.number, ring, moment, _recipient(draft, ring))
        if any(ring.key == reminders.ANSWER_PASSED for ring in due.send):
            return
        rung |= {ring.rung for ring in (*due.send, *(one.ring for one in due.superseded))}


def _recipient(draft: Draft, ring: Ring) -> str:
    if not ring.letter:
        return ""
    match ring.to:
        case "provider":
            return draft.dossier.provider.name
        case "reviewer":
            return f"{draft.dossier.reviewers[ring.reviewer or ''].name} ({ring.reviewer})"
        case "owner":
            return draft.app.policy.tasks[ring.task].owner.name
        case "deputy":
            return draft.app.policy.tasks[ring.task].deputy.name
