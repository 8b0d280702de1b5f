"""Which open cases will likely miss their term: chances, from what a register's own past tells.

A chance grows with time as the hazard of what is waited for says; each reviewer's own speed, leave, reminders,
and the time that a case has waited already count. All of it deterministic.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final

from pipeline.domain.durations import Durations
from pipeline.domain.experience import History
from pipeline.domain.workdays import DAY, Leave, WorkDays

LIKELY: Final = 0.5  # of missing the term, from which it is said that a case will: our assumption
# From which a case is watched: our assumption. A term is extended before its end or never, and at an even chance
# it is mostly too late to tell the provider in peace.
WATCH: Final = 0.2
SURE: Final = 0.9  # of keeping it, that a repair aims at
FURTHEST: Final = 120  # days ahead in which a better date is looked for
MOST_DAYS: Final = (
    24  # of a term that are looked at for the last answer; of a longer one every other, and so on
)
NEVER: Final = date.max  # of what nobody is in sight for


class Outlook(StrEnum):
    """What is said of an open case; one that is late is no longer forecast."""

    LATE = "late"
    LIKELY = "likely"
    WATCH = "watch"
    IN_TIME = "in_time"


def outlook(chance_late: float, due_on: date, today: date) -> Outlook:
    """Return what is said at a chance to miss the term."""
    if due_on < today:
        return Outlook.LATE
    if chance_late >= LIKELY:
        return Outlook.LIKELY
    return Outlook.WATCH if chance_late >= WATCH else Outlook.IN_TIME


@dataclass(frozen=True)
class Work:
    """One answer that a case waits for.

    Attributes:
        since: the day on which it was or can be asked; one that lies ahead waits for somebody to be free.
        reviewer: who was asked, or will be; None where nobody is in sight.
        away: first and last day of their leave.
        reminded_on: the day of their first reminder, past or to come.
    """

    since: date
    reviewer: str | None = None
    away: Leave | None = None
    reminded_on: date | None = None


@dataclass(frozen=True)
class Open:
    """An open case as the forecast sees it.

    Attributes:
        work: the reviews that it waits for; empty where the commission decides or all is said.
        decides_since: the day since which the commission has to decide.
        may_differ: whether reviewers may still come to ask for one more.
        may_stay_undecided: whether they may still leave it to the commission.
        next_seat: the day from which one more reviewer is free for it; None where that is today.
    """

    number: str
    due_on: date
    work: tuple[Work, ...] = ()
    decides_since: date | None = None
    may_differ: bool = False
    may_stay_undecided: bool = False
    next_seat: date | None = None


@dataclass(frozen=True)
class Forecaster:
    """Reckons with one history from one day on; that day is still ahead."""

    today: date
    history: History
    days: WorkDays

    def chance(self, case: Open, by: date | None = None) -> float:
        """Return the chance that a case is decided on that day at the latest; its deadline by default."""
        by = by or case.due_on
        if by < self.today:
            return 0.0
        if case.decides_since is not None:
            return self._decided(case.decides_since, by)
        more = list(self._more(case))
        shares = sum(share for share, _ in more)
        found = sum(share * self._afterwards(case, by, after) for share, after in more)
        return (found + max(1 - shares, 0.0) * self._answered(case, by)) / max(shares, 1.0)

    def _more(self, case: Open) -> Iterator[tuple[float, Callable[[date, date], float]]]:
        """Yield what may be needed once all have answered, with its chance."""
        again = 1 - (1 - self.history.recused) ** len(case.work)
        seat = case.next_seat or self.today
        yield again + self.history.differ * case.may_differ, lambda day, by: self._fresh(max(day, seat), by)
        if case.may_stay_undecided:
            yield self.history.undecided, self._decided

    def _afterwards(self, case: Open, by: date, after: Callable[[date, date], float]) -> float:
        """Return the chance where something follows on the day on which the last has answered."""
        total, before, since = 0.0, 0.0, self.today
        for day in self._some_days(by):
            now = self._answered(case, day)
            if now > before:
                total += (now - before) * after(since + (day - since) / 2, by)
            before, since = now, day
        return total

    def _some_days(self, until: date) -> Iterator[date]:
        """Yield days from today to the last, each of them where they are few."""
        ahead = (until - self.today).days
        step = ahead // MOST_DAYS + 1
        yield from (until - DAY * count for count in range(ahead - ahead % step, -1, -step))

    def _answered(self, case: Open, by: date) -> float:
        return math.prod(self.answered(one, by) for one in case.work)

    def _decided(self, since: date, by: date) -> float:
        """Return the chance that the commission, asked on a day, has decided by another."""
        begins = max(since, self.today - DAY)
        elapsed = self.days.between(since, begins)
        return self.history.decisions.within(self.days.between(begins, by), elapsed)

    def _fresh(self, since: date, by: date) -> float:
        return self.answered(Work(since), by)

    def answered(self, work: Work, by: date) -> float:
        """Return the chance that an answer is there by a day."""
        begins = max(work.since, self.today - DAY)
        if by < begins:
            return 0.0
        speed = self.history.speeds.get(work.reviewer or "", 1.0)
        split = by if work.reminded_on is None else max(work.reminded_on - DAY, work.since)
        hazard = 0.0
        if begins < split:
            hazard += self._hazard(self.history.unreminded, work, work.since, begins, min(by, split))
        if split < by:
            hazard += self._hazard(self.history.reminded, work, split, max(begins, split), by)
        return 1 - math.exp(-speed * hazard)

    def _hazard(self, of: Durations, work: Work, since: date, begins: date, until: date) -> float:
        """Return the hazard between two days of a stage that began on an earlier one."""
        elapsed = self.days.between(since, begins, work.away)
        return of.between(elapsed, elapsed + self.days.between(begins, until, work.away))

    def sure_by(self, case: Open) -> date | None:
        """Return the first day after the deadline by which the case is nearly surely decided."""
        start = max(case.due_on, self.today)
        ahead = [start + DAY * count for count in range(1, FURTHEST)]
        place = bisect_left(ahead, SURE, key=lambda day: self.chance(case, day))
        return ahead[place] if place < len(ahead) else None

    def slowest(self, case: Open) -> Work | None:
        """Return the answer that is least likely to be there in time."""
        asked = [one for one in case.work if one.reviewer is not None and one.since <= self.today]
        return min(asked, key=lambda one: (self.answered(one, case.due_on), one.reviewer or ""), default=None)

    def reassigned(self, case: Open, slow: Work, other: Work) -> float:
        """Return the chance of a case in which somebody else is asked today instead."""
        work = tuple(other if one == slow else one for one in case.work)
        return self.chance(replace(case, work=work))
