"""Reminders: when each watched deadline rings, and what is due of that at a moment."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Final

from pipeline.contract import AMSTERDAM
from pipeline.domain import leaving
from pipeline.domain.calendar import Calendar
from pipeline.domain.lifecycle import Kind
from pipeline.domain.policy import Addressee, Policy, Reminders, TaskKind, Watchable
from pipeline.domain.policy import Rung as Rule
from pipeline.errors import CalendarEnds

Deadline = Watchable
Rung = tuple[str, date, str | None]  # what was rung before: key, day and reviewer of a ring

DIGEST: Final = "deadline_digest"  # one letter a working day, about every case whose deadline comes near
ANSWER_PASSED: Final = "answer_passed"  # nobody is written to: the case takes a step
BUILT_IN: Final = (ANSWER_PASSED,)  # keys that no rung of the policy may have
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Watched:
    """One deadline of a case.

    Attributes:
        day: the last local date on which it is met.
        since: from when it is watched, in UTC; no reminder is sent that was due before.
        reviewer: whose deadline it is, for a review.
        uncounted: the days that do not count for it, such as a pause.
    """

    deadline: Deadline
    day: date
    since: datetime
    reviewer: str | None = None
    uncounted: frozenset[date] = frozenset()


@dataclass(frozen=True)
class Ring:
    """One moment at which a deadline is to be looked at.

    Attributes:
        key: the rung of the policy's ladder; the last after a deadline comes back as ``<key>_2`` ...;
            or ``answer_passed``.
        at: the moment, in UTC.
        letter: the letter to send then; empty for ``answer_passed``.
        to: whom that reaches; the provider's silence is what ``answer_passed`` is about.
        days_before: how many days before the deadline the policy puts it; 0 once it has passed.
        task: the task that a letter ``task_waiting`` tells of.
    """

    key: str
    deadline: Deadline
    day: date
    reviewer: str | None
    at: datetime
    letter: str
    to: Addressee
    days_before: int = 0
    task: TaskKind = "late"

    @property
    def rung(self) -> Rung:
        """What to remember of it when it has rung."""
        return self.key, self.day, self.reviewer

    @property
    def about(self) -> tuple[Deadline, date, str | None]:
        """Which deadline it is of."""
        return self.deadline, self.day, self.reviewer

    @property
    def row(self) -> tuple[str, ...]:
        """Of the rings with the same row the latest says all: one deadline, and one side that is told."""
        side = "office" if self.to in ("owner", "deputy") else self.to
        return self.deadline, self.reviewer or "", side


@dataclass(frozen=True)
class Superseded:
    """A ring that came due in silence, and the key of the more urgent one that is sent instead."""

    ring: Ring
    by: str


@dataclass(frozen=True)
class Due:
    """What is to ring now, in order; what was superseded is only to be remembered as rung."""

    send: tuple[Ring, ...] = ()
    superseded: tuple[Superseded, ...] = ()


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
        found += _before(kind, deadline, policy.reminders, calendar)
        found += _after(kind, deadline, policy.reminders, calendar, until)
        if deadline.deadline == "answer":  # a step, at the first local midnight
            at = start_of_next_day(deadline.day)
            found.append(Ring(ANSWER_PASSED, "answer", deadline.day, None, at, "", "provider"))
    return tuple(sorted(found, key=lambda ring: (ring.at, -ring.days_before, ring.reviewer or "", ring.key)))


def _of(kind: Kind, watched: Watched, ladder: Reminders) -> list[Rule]:
    return [rung for rung in ladder.rungs if rung.deadline == watched.deadline and kind in rung.kinds]


def _before(kind: Kind, watched: Watched, ladder: Reminders, calendar: Calendar) -> Iterator[Ring]:
    for rung in _of(kind, watched, ladder):
        if rung.days_before is None:
            continue
        on = _working_day(watched, days_before(watched, rung.days_before), calendar)
        at = _moment(on, ladder.hour)
        if at > watched.since:
            yield _ring(rung, watched, at, rung.key, rung.days_before)


def _working_day(watched: Watched, day: date, calendar: Calendar) -> date:
    """Return the last working day up to this one.

    What is valid for years ends where no calendar reaches yet: until one does, the day itself stands for it.

    Raises:
        CalendarEnds: the day of another reminder is not known to the calendar.
    """
    try:
        return calendar.working_day_before(day)
    except CalendarEnds:
        if watched.deadline not in ("validity", "admission"):
            raise
        return day


def days_before(watched: Watched, days: int) -> date:
    """Return the latest day with so many days that count after it, up to and including the deadline."""
    day = watched.day
    while days > 0:
        days -= day not in watched.uncounted
        day -= _DAY
    return day


def _after(
    kind: Kind, watched: Watched, ladder: Reminders, calendar: Calendar, until: datetime
) -> Iterator[Ring]:
    """What rings once the deadline is over: the last that the office has comes back without end."""
    rungs = [rung for rung in _of(kind, watched, ladder) if rung.days_after is not None]
    last = max(
        (rung for rung in rungs if rung.is_office), key=lambda rung: rung.days_after or 0, default=None
    )
    for rung in rungs:
        for times in count():
            days = (rung.days_after or 0) + times * ladder.late_every_days
            at = _moment(_opening_day(watched.day + days * _DAY, calendar), ladder.hour)
            yield _ring(rung, watched, at, f"{rung.key}_{times + 1}" if times else rung.key)
            if at > until or rung is not last:
                break


def _opening_day(day: date, calendar: Calendar) -> date:
    """Return the first working day from this day on; the day itself where the calendar ends: somebody must know."""
    try:
        return calendar.rolled_over(day)
    except CalendarEnds:
        return day


def _ring(rung: Rule, watched: Watched, at: datetime, key: str, days_before: int = 0) -> Ring:
    about = (watched.deadline, watched.day, watched.reviewer)
    return Ring(key, *about, at, rung.letter, rung.to, days_before, rung.task)


def start_of_next_day(day: date) -> datetime:
    """Return the moment, in UTC, at which this local day is over."""
    return _moment(day + _DAY, time())


def _moment(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, AMSTERDAM).astimezone(UTC)


def passed(rings: Iterable[Ring], now: datetime, rung: Collection[Rung]) -> list[Ring]:
    """Return whose moment has come without their having rung."""
    return [ring for ring in rings if ring.at <= now and ring.rung not in rung]


def due(
    rings: Iterable[Ring],
    now: datetime,
    rung: Collection[Rung],
    ladder: Reminders,
    calendar: Calendar,
    digest_on: date | None = None,
) -> Due:
    """Return what is to ring at this moment, and what not any more.

    Of several that came due for one deadline (of one reviewer) only the latest rings, for each side
    that is told; the caller remembers all of them as rung. What would ring outside office hours waits.

    Args:
        rings: in the order of ``rings()``.
        rung: what has rung before.
        digest_on: the local day of the last digest; another one waits for the day after.
    """
    rows = _rows(passed(rings, now, rung))
    going = [row for row in rows if held_until(row[-1], now, ladder, calendar, digest_on) is None]
    superseded = [Superseded(ring, row[-1].key) for row in going for ring in row[:-1]]
    return Due(tuple(row[-1] for row in going), tuple(superseded))


def _rows(rings: Iterable[Ring]) -> Collection[list[Ring]]:
    """Return what is told of one deadline to one side together; the latest of it says all."""
    rows: dict[tuple[str, ...], list[Ring]] = {}
    for ring in rings:
        rows.setdefault(ring.row, []).append(ring)
    return rows.values()


def held_until(
    ring: Ring, now: datetime, ladder: Reminders, calendar: Calendar, digest_on: date | None = None
) -> datetime | None:
    """Return when the office opens for a ring whose moment has passed; None where it rings now.

    It does not wait for an opening after the last day of a deadline that it can still save, and a
    step waits for none. For a second digest the office is closed until the next day.
    """
    if not ring.letter:
        return None
    is_over = now >= start_of_next_day(ring.day)
    send_by = None if is_over else leaving.end_of(ring.day)
    today = now.astimezone(AMSTERDAM).date()
    since = start_of_next_day(today) if ring.letter == DIGEST and digest_on == today else None
    return leaving.held_back_until(ladder.office, now, send_by, calendar, since)


def next_at(
    rings: Collection[Ring],
    now: datetime,
    rung: Collection[Rung],
    ladder: Reminders,
    calendar: Calendar,
    digest_on: date | None = None,
) -> datetime | None:
    """Return when to look again: ``now`` if something is to ring already, ``None`` if nothing ever is."""
    ahead = [ring.at for ring in rings if ring.at > now and ring.rung not in rung]
    latest = [row[-1] for row in _rows(passed(rings, now, rung))]  # what it supersedes waits with it
    held = [held_until(ring, now, ladder, calendar, digest_on) or now for ring in latest]
    return min([*ahead, *held], default=None)
