"""Terms: a budget of days and a ledger; every deadline and its explanation follow from them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import groupby
from typing import Final, Literal

from pipeline.domain.calendar import DAY, Calendar
from pipeline.domain.calendar_files import SchoolRegion
from pipeline.domain.lifecycle import Kind
from pipeline.domain.policy import Region, Terms
from pipeline.errors import CalendarEnds

Ground = Literal["received", "counted", "paused", "school_holiday", "rolled_over", "extended", "set_aside"]

RULES: Final = "docs/sources.md#terms"
SETTING_ASIDE: Final = "Awb 4:5, fourth paragraph"
_KEPT: Final = 256  # explanations: one step of a case asks several times for the same


@dataclass(frozen=True)
class Pause:
    """A request to complete that the provider was sent; local dates.

    Attributes:
        asked_on: the day on which the mail server accepted the request.
        answer_by: the last day on which it could be answered.
        answered_on: the day of receipt of the supplement, sufficient or not.
    """

    asked_on: date
    answer_by: date
    answered_on: date | None = None

    def holds(self, day: date) -> bool:
        """Say whether this day does not count: after asking, before the answer, at most to ``answer_by``."""
        if self.answered_on is not None and day >= self.answered_on:
            return False
        return self.asked_on < day <= self.answer_by


@dataclass(frozen=True)
class Extension:
    """A later end of the term, told to the provider before the former end with its reason."""

    to: date
    reason: str


@dataclass(frozen=True)
class SetAside:
    """That a case is set aside is to be sent within so many days after the last day to complete it.

    Source: Awb 4:5, fourth paragraph.
    """

    answer_by: date
    days: int


@dataclass(frozen=True)
class Ledger:
    """All that a term depends on besides the calendar.

    Attributes:
        received_on: day of receipt, day 0 of the term.
        budget_days: calendar days that the register has.
        region: whose school holidays do not count; ``none`` counts them all.
        roll_over: an end on a weekend or public holiday moves to the next working day.
        set_aside: what is to be decided since nobody completed the case; it may end the term sooner.
    """

    received_on: date
    budget_days: int
    region: Region
    pauses: tuple[Pause, ...] = ()
    extensions: tuple[Extension, ...] = ()
    roll_over: bool = True
    set_aside: SetAside | None = None


@dataclass(frozen=True)
class Day:
    """One day of a term: why it counts or not, and the source of that.

    Attributes:
        name: of the holiday, the pause or the reason; a weekday where a weekend rolls over.
        region: of the school holiday.
    """

    day: date
    ground: Ground
    source: str = RULES
    name: str = ""
    region: str = ""

    @property
    def is_counted(self) -> bool:
        """Whether the day is taken off the budget."""
        return self.ground == "counted"


@dataclass(frozen=True)
class Run:
    """Days in a row that count, or do not, for one reason; ``last`` included.

    Attributes:
        names: what the days have to say of it, each once and in order.
        sources: likewise.
    """

    ground: Ground
    first: date
    last: date
    names: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    @property
    def follows(self) -> date:
        """The day before, on which a term could not end where this one rolls over."""
        return self.first - DAY


def opened(kind: Kind, received_on: date, terms: Terms, place: SchoolRegion | None = None) -> Ledger:
    """Return the ledger of a case on its day of receipt; only an activity skips school holidays.

    Args:
        place: the region of the provider's place, None where it is not known; for a policy that goes by it.
    """
    budgets = {
        Kind.ADMISSION: terms.admission_days,
        Kind.ACTIVITY: terms.activity_days,
        Kind.OBJECTION: terms.objection_days,
    }
    return Ledger(received_on, budgets[kind], region(kind, terms, place), roll_over=terms.roll_over)


def region(kind: Kind, terms: Terms, place: SchoolRegion | None) -> Region:
    """Return whose school holidays do not count for such a case of a provider in that region."""
    if kind is not Kind.ACTIVITY:
        return "none"
    return (place or terms.office_region) if terms.region == "provider" else terms.region


def due_on(ledger: Ledger, calendar: Calendar) -> date:
    """Return the last local date on which the term is still met.

    Counts ``ledger.budget_days`` calendar days in Europe/Amsterdam from the day after receipt,
    without paused days and the region's school holidays; an end on a weekend or public holiday
    moves to the next working day. An extension to a later day moves the end there. A case that is to be
    set aside ends sooner where its own term does.

    Raises:
        CalendarEnds: a day on the way is not known to the calendar.

    Source: docs/sources.md#terms
    """
    return _explained(ledger, calendar)[-1].day


def explain(ledger: Ledger, calendar: Calendar) -> list[Day]:
    """Return each day from receipt to deadline, once, with its ground and source.

    Raises:
        CalendarEnds: a day on the way is not known to the calendar.
    """
    return list(_explained(ledger, calendar))


@lru_cache(_KEPT)
def _explained(ledger: Ledger, calendar: Calendar) -> tuple[Day, ...]:
    days = _ordinary(ledger, calendar)
    if ledger.set_aside is None:
        return tuple(days)
    last = ledger.set_aside.answer_by
    ended = [*(day for day in days if day.day <= last), *_setting_aside(ledger.set_aside, calendar)]
    sooner = min(days, ended, key=lambda each: each[-1].day)
    return tuple(sooner)


def _setting_aside(decided: SetAside, calendar: Calendar) -> Iterator[Day]:
    """Yield the days in which it is to be sent that a case is set aside; the last rolls over as a deadline does."""
    name = f"could be completed until {decided.answer_by}"
    day = decided.answer_by
    for _ in range(decided.days):
        day += DAY
        yield Day(day, "set_aside", SETTING_ASIDE, name)
    yield from _to_working_day(day, calendar)


def _ordinary(ledger: Ledger, calendar: Calendar) -> list[Day]:
    days = [Day(ledger.received_on, "received"), *_budget(ledger, calendar)]
    if ledger.roll_over:
        days += _to_working_day(days[-1].day, calendar)
    for extension in sorted(ledger.extensions, key=lambda extension: extension.to):
        days += _to(extension.to, days[-1].day, extension.reason)
        if ledger.roll_over:
            days += _to_working_day(days[-1].day, calendar)
    return days


def _budget(ledger: Ledger, calendar: Calendar) -> Iterator[Day]:
    left, day = ledger.budget_days, ledger.received_on
    pauses = sorted(ledger.pauses, key=lambda pause: (pause.asked_on, pause.answer_by))
    while left > 0:
        day += DAY
        judged = _judge(day, pauses, ledger.region, calendar)
        left -= judged.ground == "counted"
        yield judged


def _judge(day: date, pauses: Sequence[Pause], region: Region, calendar: Calendar) -> Day:
    for pause in pauses:
        if pause.holds(day):
            name = f"asked on {pause.asked_on}, to be answered by {pause.answer_by}"
            return Day(day, "paused", name=name)
    holiday = calendar.school_holiday(day, region)
    if holiday is not None:
        return Day(day, "school_holiday", holiday.source, holiday.name, holiday.region)
    return Day(day, "counted")


def _to(end: date, last: date, reason: str) -> Iterator[Day]:
    return (Day(last + DAY * count, "extended", name=reason) for count in range(1, (end - last).days + 1))


def _to_working_day(last: date, calendar: Calendar) -> Iterator[Day]:
    """Yield the days after ``last`` up to the next working day, each with why the one before is none."""
    while not calendar.is_working_day(last):
        holiday = calendar.public_holiday(last)
        name, source = (holiday.name, holiday.source) if holiday else (f"{last:%A}", RULES)
        last += DAY
        yield Day(last, "rolled_over", source, name)


def runs(explained: Sequence[Day]) -> list[Run]:
    """Return an explanation in as few lines as it takes: days in a row with the same to say."""
    grouped = groupby(explained, lambda day: (day.ground, "" if day.ground == "rolled_over" else day.name))
    return [_run(list(days)) for _, days in grouped]


def _run(days: Sequence[Day]) -> Run:
    names = dict.fromkeys(day.name for day in days if day.name)
    sources = dict.fromkeys(day.source for day in days)
    return Run(days[0].ground, days[0].day, days[-1].day, tuple(names), tuple(sources))


def answer_by(asked_on: date, answer_days: int, calendar: Calendar) -> date:
    """Return the last day to answer a request: so many days after asking, moved to a working day.

    Raises:
        CalendarEnds: that day is not known to the calendar.
    """
    return calendar.rolled_over(asked_on + DAY * answer_days)


def repair_by(sent_on: date, repair_days: int, calendar: Calendar) -> date:
    """Return the last day to submit a deferred activity again: so many days after it was sent, moved to a working day.

    What lies beyond the calendar is not moved: so much later nobody is helped by a day.
    """
    day = sent_on + DAY * repair_days
    try:
        return calendar.rolled_over(day)
    except CalendarEnds:
        return day


def review_by(asked_on: date, review_days: int, due: date, calendar: Calendar) -> date:
    """Return the last day for a reviewer to answer, a working day; not past the case's deadline while that lies ahead.

    Raises:
        CalendarEnds: that day is not known to the calendar.
    """
    last = calendar.rolled_over(asked_on + DAY * review_days)
    return min(last, due) if due > asked_on else last
