"""Days at work: in school holidays less gets done in a day, on leave nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import accumulate
from typing import Final

DAY: Final = timedelta(days=1)
QUIET: Final = 0.5  # of a day's work gets done where schools are closed: our assumption
NEAR: Final = 400  # days before and after today of which the holidays are looked up

Leave = tuple[date, date]  # first and last day


@dataclass(frozen=True)
class WorkDays:
    """Counts days at work around today.

    Attributes:
        closed: says in which share of the country schools are closed on a day.
    """

    today: date
    closed: Callable[[date], float]

    def between(self, since: date, until: date, away: Leave | None = None) -> float:
        """Count the days at work after ``since`` up to and including ``until``."""
        if until <= since:
            return 0.0
        there = self._up_to(until) - self._up_to(since)
        if away is None:
            return there
        first, last = max(since + DAY, away[0]), min(until, away[1])
        return there - (self._up_to(last) - self._up_to(first - DAY) if first <= last else 0.0)

    def first_closed(self, after: date, until: date) -> date | None:
        """Return the first day after one, up to and including another, on which any school is closed."""
        days = (after + DAY * count for count in range(1, (until - after).days + 1))
        return next((day for day in days if self.closed(day)), None)

    def _up_to(self, day: date) -> float:
        """Return the days at work up to and including this one; long before or after today every day is one."""
        place = (day - self._since).days
        summed = self._summed
        if 0 <= place < len(summed):
            return summed[place]
        return place + 1.0 if place < 0 else summed[-1] + place - len(summed) + 1

    @cached_property
    def _since(self) -> date:
        return self.today - DAY * NEAR

    @cached_property
    def _summed(self) -> list[float]:
        days = (self._since + DAY * count for count in range(2 * NEAR))
        return [*accumulate(1 - (1 - QUIET) * self.closed(day) for day in days)]
