"""By when a deferred activity is submitted again, repaired: told with the decision, and kept to."""

from __future__ import annotations

from datetime import date

from pipeline.casework.draft import Draft
from pipeline.domain import terms
from pipeline.errors import Refused
from pipeline.store import rows
from pipeline.wiring import App


def promised(draft: Draft) -> str:
    """Return the day that the letter tells of what is deferred today."""
    return terms.repair_by(draft.today, draft.policy.terms.repair_days, draft.app.calendar).isoformat()


def last_day(app: App, case: rows.Case) -> date | None:
    """Return the last day on which a deferred activity comes back; a letter that was sent late leaves as much time.

    None where no day was told.
    """
    told = (case.decision or {}).get("repair_by")
    if told is None or case.in_effect_on is None:
        return None
    days = app.policy_of(case.policy_version).terms.repair_days
    return max(date.fromisoformat(told), terms.repair_by(case.in_effect_on, days, app.calendar))


def check(app: App, case: rows.Case | None, on: date) -> None:
    """Check that an activity comes back in time.

    Args:
        case: the round that it follows on, if any.
        on: the day of receipt.

    Raises:
        Refused: it comes too late to be the same activity, repaired; it may come as a new one.
    """
    last = None if case is None else last_day(app, case)
    if case is not None and last is not None and on > last:
        expected = f"a deferred activity that could be repaired until {last} or later"
        until = f"{case.number} could be repaired until {last}"
        reason = f"previous_case: {until}. Leave it out: submit it as a new activity."
        raise Refused("repaired_late", "previous_case", expected, case.number, reason)
