"""When what is personal in a case is due to go, and what of its submission then stays: the register's facts."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from pipeline.domain.lifecycle import Kind, Result
from pipeline.domain.policy import Retention

# Of an activity's submission; of its hours not the justification.
_ACTIVITY: Final = ("title", "type", "sectors", "category")
_HOURS: Final = ("contact", "self_study")


def due_on(result: Result, closed_on: date, policy: Retention) -> date:
    """Return the first local date on which a case with this result may be erased."""
    months: int = getattr(policy, result.value)
    return months_later(closed_on, months)


def months_later(day: date, months: int) -> date:
    """Return the same day of the month so many months later, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def months_before(day: date, months: int) -> date:
    """Return the last day from which so many months have passed on ``day``."""
    return months_later(day, -months)


def lasting(kind: Kind, submission: Mapping[str, Any]) -> dict[str, Any]:
    """Return what stays of a submission: what the register has published, or could have."""
    match kind:
        case Kind.ADMISSION:
            provider = submission.get("provider") or {}
            return {"provider": _only(provider, ("name", "kvk_number"))}
        case Kind.ACTIVITY:
            activity = submission.get("activity") or {}
            hours = _only(activity.get("hours") or {}, _HOURS)
            kept = {**_only(activity, _ACTIVITY), "hours": hours}
            return {**_only(submission, ("provider_kvk", "previous_case")), "activity": kept}
        case Kind.OBJECTION:
            return _only(submission, ("case", "about"))


def _only(whole: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: whole[name] for name in names if name in whole}
