"""Whether a term may be extended to a day: told before it ends, once, and not for too long.

Source: docs/sources.md#terms
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from pipeline.domain import terms
from pipeline.domain.calendar import Calendar
from pipeline.domain.lifecycle import Kind
from pipeline.domain.policy import Extending
from pipeline.domain.terms import Ledger


def fault(
    kind: Kind, ledger: Ledger, to: date, today: date, limits: Extending, calendar: Calendar
) -> str | None:
    """Return why the term cannot be extended to this day, and what to do instead; None where it can.

    Args:
        today: the local day; the last one of the term is in time.

    Raises:
        CalendarEnds: the day, or one on the way to the end of the term, is not known.
    """
    due, working_day = terms.due_on(ledger, calendar), calendar.rolled_over(to)
    last = latest(kind, ledger, limits, calendar)
    if today > due:
        return (
            f"The term ended on {due}: an extension is told before that. "
            "Decide as soon as you can, and tell the provider when to expect it."
        )
    if len(ledger.extensions) >= limits.times:
        return f"The term may be extended {_times(limits.times)}, and was, to {due}: decide by then."
    if to <= due:
        return f"The term ends on {due}: name a later day, got {to}."
    if to > last:
        return f"The term may be extended to {last} at the latest, got {to}."
    if ledger.roll_over and to != working_day:
        holiday = calendar.public_holiday(to)
        what = holiday.name if holiday else f"a {to:%A}"
        return f"{to} is {what}, and no term ends on such a day: name {working_day}, the next working day."
    return None


def latest(kind: Kind, ledger: Ledger, limits: Extending, calendar: Calendar) -> date:
    """Return the last day to which the term may be extended, working day or not.

    Raises:
        CalendarEnds: a day on the way to the end of the term is not known.
    """
    plain = terms.due_on(replace(ledger, extensions=()), calendar)
    return plain + timedelta(days=_most_days(kind, limits))


def _most_days(kind: Kind, limits: Extending) -> int:
    days: int = getattr(limits, f"{kind}_days")
    return days


def _times(times: int) -> str:
    return "once" if times == 1 else f"{times} times"
