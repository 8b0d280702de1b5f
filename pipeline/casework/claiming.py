"""A reminder that was dealt with is claimed by a row of its own, which can be written once."""

from __future__ import annotations

from datetime import date

from pipeline.casework import projection
from pipeline.casework.draft import Draft
from pipeline.domain.reminders import Deadline, Ring
from pipeline.errors import CalendarEnds
from pipeline.store import rows


def claim(draft: Draft, ring: Ring, superseded_by: str | None = None) -> None:
    """Remember a reminder as dealt with.

    Args:
        superseded_by: why no letter goes with it: the key of the one sent instead, or the event that
            came before anybody looked.
    """
    rung = rows.Rung(draft.case.id, ring.key, ring.day, ring.reviewer or "", draft.now, superseded_by)
    draft.remember(rung)
    facts = {"key": ring.key, "day": ring.day.isoformat(), "reviewer": ring.reviewer}
    draft.note("reminded", **facts, **({"superseded_by": superseded_by} if superseded_by else {}))


def settle(draft: Draft) -> None:
    """Claim what came due in silence of the deadlines that are settled now, without a letter.

    So the same reminders are claimed as if somebody had looked at each moment. Where the calendar does
    not know those moments, none is.
    """
    before = draft.before()
    if before is None or not (settled := _deadlines(before) - _deadlines(draft)):
        return
    claimed = projection.rung(draft)
    by = draft.moves[-1].event.value if draft.moves else draft.by
    for ring in _passed(before):
        if ring.about in settled and ring.rung not in claimed:
            claim(draft, ring, by)


def _passed(draft: Draft) -> list[Ring]:
    try:
        return projection.passed(draft)
    except CalendarEnds:
        return []


def _deadlines(draft: Draft) -> set[tuple[Deadline, date, str | None]]:
    return {(one.deadline, one.day, one.reviewer) for one in projection.deadlines(draft)}
