"""Reminders: when each watched deadline rings, and what is due of that at a moment."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Final, Literal

from pipeline.contract import AMSTERDAM
from pipeline.domain.calendar import Calendar
from pipeline.domain.lifecycle import Kind
from pipeline.domain.policy import Policy, Reminders

Deadline = Literal["decision", "answer", "review"]
Rung = tuple[str, date, str | None]  # what was rung before: key, day and reviewer of a ring

LATE: Final = "late"  # a decision deadline has passed; then late_2, late_3, ...
ANSWER_PASSED: Final = "answer_passed"  # nobody is written to: the case takes a step


@dataclass(frozen=True)
class Watched:
    """One deadline of a case.

    Attributes:
        day: the last local date on which it is met.
        since: from when it is watched, in UTC; no reminder is sent that was due before.
        reviewer: whose deadline it is, for a review.
    """

    deadline: Deadline
    day: date
    since: datetime
    reviewer: str | None = None


@dataclass(frozen=True)
class Ring:
    """One moment at which a deadline is to be looked at.

    Attributes:
        key: the rung of the policy's ladder, or ``late``, ``late_2`` ..., ``answer_passed``.
        at: the moment, in UTC.
        letter: the letter to send then; empty for ``answer_passed``.
        days_before: how many days before the deadline the policy puts it; 0 once it has passed.
    """

    key: str
    deadline: Deadline
    day: date
    reviewer: str | None
    at: datetime
    letter: str
    days_before: int = 0

    @property
    def rung(self) -> Rung:
        """What to remember of it when it has rung."""
        return self.key, self.day, self.reviewer


@dataclass(frozen=True)
class Due:
    """What is to ring now, in order; ``skipped`` was overtaken and is only to be remembered as rung."""

    send: tuple[Ring, ...] = ()
    skipped: tuple[Ring, ...] = ()


def rings(
    kind: Kind, watched: Iterable[Watched], policy: Policy, calendar: Calendar, until: datetime
) -> tuple[Ring, ...]:
    """Return every ring of these deadlines, by moment.

    Args:
        until: a late case comes back without end; of those rings the first after this moment is the last.

    Raises:
        CalendarEnds: the day of a reminder is not known to the calendar.
    """
    found: list[Ring] = []
    for deadline in watched:
        found += _ladder(kind, deadline, policy.reminders, calendar)
        found += _passed(deadline, policy.reminders, until)
    return tuple(sorted(found, key=lambda ring: (ring.at, -ring.days_before, ring.reviewer or "", ring.key)))


def _ladder(kind: Kind, watched: Watched, ladder: Reminders, calendar: Calendar) -> Iterator[Ring]:
    for rung in ladder.rungs:
        if rung.deadline != watched.deadline or kind not in rung.kinds:
            continue
        on = calendar.working_day_before(watched.day - timedelta(days=rung.days_before))
        at = _moment(on, ladder.hour)
        if at > watched.since:
            yield _ring(rung.key, watched, at, rung.letter, rung.days_before)


def _passed(watched: Watched, ladder: Reminders, until: datetime) -> Iterator[Ring]:
    """What rings once the deadline is over: a step at the first local midnight, letters at the office's hour."""
    if watched.deadline == "answer":
        yield _ring(ANSWER_PASSED, watched, start_of_next_day(watched.day), "")
    if watched.deadline == "decision":
        yield from _late(watched, ladder, until)


def _late(watched: Watched, ladder: Reminders, until: datetime) -> Iterator[Ring]:
    for times in count():
        day = watched.day + timedelta(days=1 + times * ladder.late_every_days)
        at = _moment(day, ladder.hour)
        yield _ring(f"{LATE}_{times + 1}" if times else LATE, watched, at, "task_waiting")
        if at > until:
            return


def _ring(key: str, watched: Watched, at: datetime, letter: str, days_before: int = 0) -> Ring:
    return Ring(key, watched.deadline, watched.day, watched.reviewer, at, letter, days_before)


def start_of_next_day(day: date) -> datetime:
    """Return the moment, in UTC, at which this local day is over."""
    return _moment(day + timedelta(days=1), time())


def _moment(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, AMSTERDAM).astimezone(UTC)


def due(rings: Iterable[Ring], now: datetime, rung: Collection[Rung]) -> Due:
    """Return what is to ring at this moment, and what not any more.

    Of several that came due for one deadline (of one reviewer) only the latest rings; the caller
    remembers both as rung.

    Args:
        rings: in the order of ``rings()``.
        rung: what has rung before.
    """
    latest: dict[tuple[Deadline, str | None], Ring] = {}
    skipped: list[Ring] = []
    for ring in rings:
        if ring.at <= now and ring.rung not in rung:
            overtaken = latest.pop((ring.deadline, ring.reviewer), None)
            skipped += [overtaken] if overtaken else []
            latest[ring.deadline, ring.reviewer] = ring
    return Due(tuple(latest.values()), tuple(skipped))


def next_at(rings: Iterable[Ring], now: datetime, rung: Collection[Rung]) -> datetime | None:
    """Return when to look again: ``now`` if something is due already, ``None`` if nothing ever is."""
    return min((max(ring.at, now) for ring in rings if ring.rung not in rung), default=None)
