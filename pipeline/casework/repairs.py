"""What would cost least to keep a term that is in danger: a decision, another reviewer, or a later end."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, Final

from pipeline.casework import around, projection
from pipeline.casework.prospects import Prospect, Seen, work_of
from pipeline.domain import extending
from pipeline.domain.forecast import FURTHEST, LIKELY, Work
from pipeline.domain.lifecycle import State
from pipeline.domain.workdays import DAY
from pipeline.errors import CalendarEnds

HELPS: Final = 0.5  # of the chance to be late, that a repair leaves at most: our assumption


def cheapest(seen: Seen, one: Prospect) -> dict[str, Any]:
    """Return what to do, and in a sentence why; ``none`` where nothing that the register can do helps."""
    if one.open.decides_since is not None:
        return _decide(seen, one)
    return _reassign(seen, one) or _extend(seen, one)


def _decide(seen: Seen, one: Prospect) -> dict[str, Any]:
    signs, due_on = one.draft.case.state is State.TO_SIGN, one.open.due_on
    owner = seen.app.policy.tasks["sign_off" if signs else "escalated"].owner.name
    by = f"by {due_on}" if due_on >= seen.today else f"now: the term ended on {due_on}"
    do, why = ("sign", "reviewers agree") if signs else ("decide", "reviewers differ")
    sentence = f"Ask {owner} to {do} {by}; {why}, and nothing else is waited for."
    return _told("sign" if signs else "decide", sentence, who=owner, until=due_on.isoformat())


def _reassign(seen: Seen, one: Prospect) -> dict[str, Any] | None:
    """Return who would be asked if the slowest reviewer gave it back; None where that does not help."""
    slow, other = seen.forecaster.slowest(one.open), _next(seen, one)
    if slow is None or other is None or one.open.due_on < seen.today:
        return None
    late = 1 - seen.forecaster.chance(one.open)
    left = 1 - seen.forecaster.reassigned(one.open, slow, other)
    if not _helps(left, late):
        return None
    free = "now" if other.since <= seen.today else f"from {other.since}"
    sentence = (
        f"Let {slow.reviewer}, asked on {slow.since}, give it back (a verdict `recuse`): {other.reviewer} is next, "
        f"and is free {free}; that makes it {1 - left:.0%} likely to be in time, and not {1 - late:.0%}."
    )
    return _told("reassign", sentence, who=other.reviewer)


def _next(seen: Seen, one: Prospect) -> Work | None:
    """Return the work of whom assignment would choose next; None where nobody is in sight."""
    waiting = seen.waiting[one.draft.case.id]
    able = seen.seats.able(replace(waiting, review_by=around.review_by(one.draft)))
    return work_of(one.draft, able[0], seen.reminded) if able else None


def _extend(seen: Seen, one: Prospect) -> dict[str, Any]:
    """Return to which day the term is to be extended, or why it cannot."""
    if seen.forecaster.chance(one.open, seen.today + DAY * FURTHEST) < LIKELY:
        return _told("none", "Nobody is in sight in the coming months: find another reviewer.")
    sure = seen.forecaster.sure_by(one.open)
    try:
        until = _until(seen, one, sure)
        fault = _fault(seen, one, until)
    except CalendarEnds as error:
        return _told("none", str(error))
    if fault is not None:
        by = f" It is likely decided by {sure}." if sure else ""
        return _told("none", f"{fault}{by}", until=sure.isoformat() if sure else None)
    in_time = seen.forecaster.chance(one.open, until)
    if not _helps(1 - in_time, 1 - seen.forecaster.chance(one.open)):
        return _told(
            "none", f"Even by {until}, the last day to which the term may be extended, it is likely late."
        )
    sentence = (
        f"Extend the term to {until} and tell the provider; that makes it {in_time:.0%} likely to be in time."
    )
    return _told("extend", sentence, until=until.isoformat())


def _until(seen: Seen, one: Prospect, sure: date | None) -> date:
    """Return the first working day by which the case is nearly surely decided, if a term may end so late."""
    draft, calendar = one.draft, seen.app.calendar
    limits = draft.policy.terms.extending
    latest = extending.latest(draft.case.kind, projection.ledger(draft), limits, calendar)
    if sure is not None and (until := calendar.rolled_over(sure)) <= latest:
        return until
    return calendar.working_day_before(latest)


def _fault(seen: Seen, one: Prospect, until: date) -> str | None:
    draft, today, calendar = one.draft, seen.today, seen.app.calendar
    ledger, limits = projection.ledger(draft), draft.policy.terms.extending
    return extending.fault(draft.case.kind, ledger, until, today, limits, calendar)


def _helps(left: float, late: float) -> bool:
    """Say whether a chance to be late that is left is worth the trouble."""
    return left < LIKELY and left <= HELPS * late


def _told(do: str, sentence: str, *, who: str | None = None, until: str | None = None) -> dict[str, Any]:
    return {"do": do, "who": who, "until": until, "sentence": sentence}
