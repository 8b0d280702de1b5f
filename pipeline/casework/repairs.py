"""What would cost least to keep a term that is in danger: a decision, another reviewer, or a later end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from pipeline.casework import projection
from pipeline.casework.prospects import Prospect, Seen, work_of
from pipeline.domain import extending
from pipeline.domain.forecast import FURTHEST, LIKELY, NEVER, Work
from pipeline.domain.workdays import DAY
from pipeline.errors import CalendarEnds

HELPS: Final = 0.5  # of the chance to be late, that a repair leaves at most: our assumption
ASKED_ABOUT: Final = 12  # reviewers who are free soonest


def cheapest(seen: Seen, one: Prospect) -> dict[str, Any]:
    """Return what to do, and in a sentence why; ``none`` where nothing that the register can do helps."""
    if one.open.decides_since is not None:
        return _decide(seen, one)
    return _reassign(seen, one) or _extend(seen, one)


def _decide(seen: Seen, one: Prospect) -> dict[str, Any]:
    owner, due_on = seen.app.policy.tasks["escalated"].owner.name, one.open.due_on
    by = f"by {due_on}" if due_on >= seen.today else f"now: the term ended on {due_on}"
    sentence = f"Ask {owner} to decide {by}; reviewers differ, and nothing else is waited for."
    return _told("decide", sentence, who=owner, until=due_on.isoformat())


def _reassign(seen: Seen, one: Prospect) -> dict[str, Any] | None:
    """Return who could take the place of the slowest reviewer; None where that does not help."""
    slow = seen.forecaster.slowest(one.open)
    if slow is None or one.open.due_on < seen.today:
        return None
    late = 1 - seen.forecaster.chance(one.open)
    offered = ((1 - seen.forecaster.reassigned(one.open, slow, other), other) for other in _others(seen, one))
    helpful = [(left, other) for left, other in offered if _helps(left, late)]
    if not helpful:
        return None
    left, other = min(helpful, key=lambda pair: (pair[0], pair[1].since, pair[1].reviewer or ""))
    free = "now" if other.since <= seen.today else f"from {other.since}"
    sentence = (
        f"Let {slow.reviewer}, asked on {slow.since}, give it back (a verdict `recuse`): {other.reviewer} may review "
        f"it and is free {free}; that makes it {1 - left:.0%} likely to be in time, and not {1 - late:.0%}."
    )
    return _told("reassign", sentence, who=other.reviewer)


def _others(seen: Seen, one: Prospect) -> Iterator[Work]:
    """Yield the work of those who might be asked instead."""
    for seat in seen.seats.able(seen.waiting[one.draft.case.id])[:ASKED_ABOUT]:
        if seat.day <= one.open.due_on:
            yield work_of(one.draft, seat, seen.reminded)


def _extend(seen: Seen, one: Prospect) -> dict[str, Any]:
    """Return to which day the term is to be extended, or why it cannot."""
    if seen.forecaster.chance(one.open, seen.today + DAY * FURTHEST) < LIKELY:
        return _told("none", "Nobody is in sight in the coming months: find another reviewer.")
    try:
        until = _until(seen, one)
        fault = _fault(seen, one, until)
    except CalendarEnds as error:
        return _told("none", str(error))
    if fault is not None:
        return _told("none", f"Likely decided by {until}. {fault}", until=until.isoformat())
    in_time = seen.forecaster.chance(one.open, until)
    if not _helps(1 - in_time, 1 - seen.forecaster.chance(one.open)):
        return _told("none", f"Even by {until}, the last day that a term may end, it is likely not decided.")
    sentence = (
        f"Extend the term to {until} and tell the provider; that makes it {in_time:.0%} likely to be in time."
    )
    return _told("extend", sentence, until=until.isoformat())


def _until(seen: Seen, one: Prospect) -> date:
    """Return the first working day by which the case is nearly surely decided, if a term may end so late."""
    draft, calendar = one.draft, seen.app.calendar
    sure = seen.forecaster.sure_by(one.open) or NEVER
    limits = draft.policy.terms.extending
    latest = extending.latest(draft.case.kind, projection.ledger(draft), limits, calendar)
    if sure > latest > one.open.due_on >= seen.today:
        return calendar.working_day_before(latest)
    return calendar.rolled_over(sure)


def _fault(seen: Seen, one: Prospect, until: date) -> str | None:
    draft = one.draft
    limits = draft.policy.terms.extending
    return extending.fault(
        draft.case.kind, projection.ledger(draft), until, seen.today, limits, seen.app.calendar
    )


def _helps(left: float, late: float) -> bool:
    """Say whether a chance to be late that is left is worth the trouble."""
    return left < LIKELY and left <= HELPS * late


def _told(do: str, sentence: str, *, who: str | None = None, until: str | None = None) -> dict[str, Any]:
    return {"do": do, "who": who, "until": until, "sentence": sentence}
