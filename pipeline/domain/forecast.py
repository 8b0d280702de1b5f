"""Which open cases will likely miss their term, from how long such work took in this register before.

The time that a stage takes is the empirical distribution of this home's own cases, shrunk towards a
prior while there are few; a reviewer's own pace, leave and the time that a case has waited already
count. All of it deterministic. Days are days at work: in school holidays less gets done, on leave nothing.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from itertools import accumulate
from typing import Final

DAY: Final = timedelta(days=1)
LIKELY: Final = 0.5  # of missing the term, from which a case is told of
SURE: Final = 0.9  # of keeping it, that a repair aims at
QUIET: Final = 0.5  # of a day's work, on a day of school holidays: our assumption
PRIOR_WEIGHT: Final = 8.0  # so many observations count as much as the prior
TAIL_DAYS: Final = 10.0  # beyond all that was seen, it takes so long on average
TAIL_WEIGHT: Final = 0.5
NEAR: Final = 800  # days before and after today of which the holidays are looked up
FURTHEST: Final = 120  # days ahead in which a better date is looked for
REVIEW_PRIOR: Final = (2, 4, 5, 7, 8, 10, 13, 16, 21, 32)  # days: our assumption
DECISION_PRIOR: Final = (2, 4, 6, 8, 11, 15)  # of the commission


@dataclass(frozen=True)
class Durations:
    """How many days a stage took; ``prior``, in order, speaks as long as few are known."""

    seen: tuple[float, ...]
    prior: tuple[int, ...]

    def within(self, more: float, elapsed: float = 0.0) -> float:
        """Return the chance that it ends within so many days more, having lasted ``elapsed``."""
        if more < 0:
            return 0.0
        ends = self._weight(elapsed + more) - self._weight(elapsed)
        goes_on = len(self.seen) + PRIOR_WEIGHT - self._weight(elapsed)
        tail = TAIL_WEIGHT * (1 - math.exp(-more / TAIL_DAYS))
        return min(1.0, (ends + tail) / (goes_on + TAIL_WEIGHT))

    def _weight(self, days: float) -> float:
        """Return how much of all that is known ended within so many days."""
        prior = bisect_right(self.prior, days) * PRIOR_WEIGHT / len(self.prior)
        return prior + bisect_right(self._in_order, days)

    @cached_property
    def _in_order(self) -> list[float]:
        return sorted(self.seen)


@dataclass(frozen=True)
class History:
    """What closed work of this home tells.

    Attributes:
        paces: of each reviewer, how long they take beside all: 2 is twice as long.
        differ: the chance that reviewers do not agree, so that one more is asked.
    """

    reviews: Durations
    decisions: Durations
    paces: Mapping[str, float] = field(default_factory=dict)
    differ: float = 0.1


def paces(reviews: Sequence[tuple[str, float]]) -> dict[str, float]:
    """Return each reviewer's pace from their reviews (id, days), shrunk towards that of all."""
    if not reviews:
        return {}
    logs = [(who, math.log(max(days, 0.5))) for who, days in reviews]
    mean = sum(each for _, each in logs) / len(logs)
    own: dict[str, list[float]] = {}
    for who, each in logs:
        own.setdefault(who, []).append(each - mean)
    return {who: math.exp(sum(each) / (len(each) + PRIOR_WEIGHT)) for who, each in own.items()}


def share(differed: int, of: int) -> float:
    """Return a share of cases, shrunk towards one in ten."""
    return (differed + 0.1 * PRIOR_WEIGHT) / (of + PRIOR_WEIGHT)


@dataclass(frozen=True)
class Work:
    """One answer that a case waits for.

    Attributes:
        since: the day on which it was or can be asked; one that lies ahead waits for somebody to be free.
        reviewer: who was asked; None where nobody is yet.
        away: first and last day of their leave.
    """

    since: date
    reviewer: str | None = None
    away: tuple[date, date] | None = None


@dataclass(frozen=True)
class Open:
    """An open case as the forecast sees it.

    Attributes:
        work: the reviews that it waits for; empty where the commission decides or all is said.
        decides_since: the day since which the commission has to decide.
        may_differ: whether reviewers may still come to ask for one more.
    """

    number: str
    due_on: date
    work: tuple[Work, ...] = ()
    decides_since: date | None = None
    may_differ: bool = False


@dataclass(frozen=True)
class Forecaster:
    """Reckons with one history from one day on.

    Args:
        is_quiet: says whether a day lies in school holidays.
    """

    today: date
    history: History
    is_quiet: Callable[[date], bool]

    def chance(self, case: Open, by: date | None = None) -> float:
        """Return the chance that a case is decided on that day at the latest; its deadline by default."""
        by = by or case.due_on
        if by < self.today:
            return 0.0
        if case.decides_since is not None:
            more = self.days(self.today, by)
            return self.history.decisions.within(more, self.days(case.decides_since, self.today))
        alone = math.prod(self.answered(one, by) for one in case.work)
        if not case.may_differ:
            return alone
        return (1 - self.history.differ) * alone + self.history.differ * self._with_one_more(case, by)

    def _with_one_more(self, case: Open, by: date) -> float:
        """Return the chance for a case in which reviewers differ: one more is asked when the last has answered."""
        total, before = 0.0, 0.0
        for count in range((by - self.today).days + 1):
            day = self.today + DAY * count
            now = math.prod(self.answered(one, day) for one in case.work)
            total += (now - before) * self.history.reviews.within(self.days(day, by))
            before = now
        return total

    def answered(self, work: Work, by: date) -> float:
        """Return the chance that an answer is there by a day."""
        pace = self.history.paces.get(work.reviewer or "", 1.0)
        begins = max(work.since, self.today)
        more, elapsed = self.days(begins, by, work.away), self.days(work.since, begins)
        return self.history.reviews.within(more / pace, elapsed / pace) if by >= begins else 0.0

    def days(self, since: date, until: date, away: tuple[date, date] | None = None) -> float:
        """Count the days at work after ``since`` up to and including ``until``."""
        there = self._up_to(until) - self._up_to(since) if until > since else 0.0
        if away is None or there == 0.0:
            return there
        last = min(until, away[1])
        first = max(since + DAY, away[0])
        return there - (self._up_to(last) - self._up_to(first - DAY) if first <= last else 0.0)

    def _up_to(self, day: date) -> float:
        """Return the days at work up to and including this one; long before or after today every day is one."""
        place = (day - self._since).days
        summed = self._summed
        if 0 <= place < len(summed):
            return summed[place]
        return float(place) if place < 0 else summed[-1] + place - len(summed) + 1

    @cached_property
    def _since(self) -> date:
        return self.today - DAY * NEAR

    @cached_property
    def _summed(self) -> list[float]:
        days = (self._since + DAY * count for count in range(2 * NEAR))
        return [*accumulate(QUIET if self.is_quiet(day) else 1.0 for day in days)]

    def sure_by(self, case: Open) -> date | None:
        """Return the first day after the deadline by which the case is nearly surely decided."""
        start = max(case.due_on, self.today)
        ahead = (start + DAY * count for count in range(1, FURTHEST))
        return next((day for day in ahead if self.chance(case, day) >= SURE), None)

    def slowest(self, case: Open) -> Work | None:
        """Return the answer that is least likely to be there in time."""
        asked = [one for one in case.work if one.reviewer is not None]
        return min(asked, key=lambda one: (self.answered(one, case.due_on), one.reviewer or ""), default=None)

    def reassigned(self, case: Open, slow: Work, other: Work) -> float:
        """Return the chance of a case in which somebody else is asked today instead."""
        work = tuple(other if one == slow else one for one in case.work)
        return self.chance(Open(case.number, case.due_on, work, may_differ=case.may_differ))
