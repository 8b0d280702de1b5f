"""When an event may come, and from whom."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Final

from pipeline.contract import AMSTERDAM, EventType, Inbound
from pipeline.domain.policy import Intake
from pipeline.errors import Refused

OPENING: Final = (EventType.PROVIDER_APPLIED, EventType.ACTIVITY_SUBMITTED)  # what the closing date ends


def check(inbound: Inbound, arrived: datetime, policy: Intake, *, late: bool = False) -> None:
    """Check the time of an event against its arrival, then the right of its source.

    Args:
        late: an operator accepts it though it comes too late.

    Raises:
        Refused: it comes too early, too late, after the closing date or from a source without the right.
    """
    _check_time(inbound, arrived, policy, late)
    if inbound.type in OPENING and policy.closing_date is not None:
        _check_closing(inbound, arrived, policy, late)
    check_source(inbound, policy)


def check_source(inbound: Inbound, policy: Intake) -> None:
    """Check that the source of an event may send its type.

    Raises:
        Refused: it may not.
    """
    if inbound.type not in policy.sources.get(inbound.source, []):
        allowed = " or ".join(sorted(name for name, types in policy.sources.items() if inbound.type in types))
        raise Refused("source", "source", f"{allowed}, who may send this type", inbound.source)


def _check_time(inbound: Inbound, arrived: datetime, policy: Intake, late: bool) -> None:
    told = inbound.document["time"]
    if inbound.time > arrived + timedelta(minutes=policy.ahead_minutes):
        expected = f"a moment at most {policy.ahead_minutes} minutes ahead"
        raise Refused("too_early", "time", expected, told)
    if not late and inbound.time < arrived - timedelta(days=policy.behind_days):
        raise Refused("too_late", "time", f"a moment at most {policy.behind_days} days back", told)


def _check_closing(inbound: Inbound, arrived: datetime, policy: Intake, late: bool) -> None:
    closing = policy.closing_date
    assert closing is not None  # asked by the caller
    told = inbound.document["time"]
    if inbound.received_on >= closing:
        raise Refused("closed", "time", f"a day before {closing}, when the register closed", told)
    closed_at = datetime.combine(closing, time(), AMSTERDAM)
    if not late and arrived > closed_at + timedelta(hours=policy.closing_grace_hours):
        expected = f"arrival within {policy.closing_grace_hours} hours after the closing date {closing}"
        raise Refused("too_late", "time", expected, told)
