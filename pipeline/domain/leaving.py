"""When a letter may leave: within the window that the policy gives, and never later than it must."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from pipeline.contract import AMSTERDAM
from pipeline.domain.calendar import Calendar
from pipeline.domain.policy import SendWindow
from pipeline.errors import CalendarEnds

# A server that is away for a moment must not make a letter late that leaves on its last day.
MARGIN: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)


def end_of(day: date) -> datetime:
    """Return the last moment at which a letter leaves that must be sent on this local day: an hour before its end."""
    return _at(day + _DAY, time()) - MARGIN


def start_of(day: date) -> datetime:
    """Return the last moment at which a letter leaves that must be there when this local day begins."""
    return _at(day, time())


def opens_at(window: SendWindow | None, now: datetime, calendar: Calendar) -> datetime:
    """Return the first moment, from now on, at which letters may leave.

    Raises:
        CalendarEnds: only working days count, and the calendar ends before the next is found.
    """
    if window is None:
        return now
    return next(until for begin, end in _openings(window, now, calendar) if (until := max(begin, now)) < end)


def leaves_at(now: datetime, at: datetime, send_by: datetime | None) -> datetime:
    """Return when a letter leaves that a window or a rate puts off until ``at``.

    A moment later than it must leave counts for nothing: then it leaves at once.
    """
    return now if send_by is not None and at > send_by else max(at, now)


def held_back_until(
    window: SendWindow | None,
    now: datetime,
    send_by: datetime | None,
    calendar: Calendar,
    since: datetime | None = None,
) -> datetime | None:
    """Return until when the window holds a letter back; None where it may leave now.

    A day that the calendar does not know is not guessed: the letter leaves.

    Args:
        since: before this moment the window is closed.
    """
    try:
        at = leaves_at(now, opens_at(window, max(now, since or now), calendar), send_by)
    except CalendarEnds:
        return None
    return at if at > now else None


def _openings(window: SendWindow, now: datetime, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    day = now.astimezone(AMSTERDAM).date()
    while True:
        if window.working_days_only:
            day = calendar.rolled_over(day)
        yield _at(day, window.from_), _at(day, window.until)
        day += _DAY


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, AMSTERDAM).astimezone(UTC)
