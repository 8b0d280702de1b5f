"""What is sent in a season, and when: arrivals by week, the rush before the closing date, who sends what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from pipeline.contract import AMSTERDAM
from pipeline.domain.calendar import Calendar
from pipeline.domain.lifecycle import Kind
from pipeline.errors import UsageError
from pipeline.replay.lots import Lots, Random

PROVIDERS_SHARE: Final = 0.12  # of all first submissions
APPLY_WEEKS: Final = 30  # providers come in the first weeks of a season
AHEAD: Final = timedelta(
    days=45
)  # after applying, before the first activity is planned: an admission takes two weeks
RUSH_WEEKS: Final = 6
# All of the following are our assumptions: no source tells how a season went.
INCOMPLETE: Final = 0.22
SILENT: Final = 0.14  # of those asked to complete: never answer
LATE: Final = 0.05  # answer when it is too late
ADMITTED: Final = 0.88
WITHDRAWN: Final = 0.025
DEFERRED: Final = 0.11
REJECTED: Final = 0.06
FEWER_HOURS: Final = 0.14
DISSENT: Final = 0.10  # a reviewer who sees it otherwise
RECUSED: Final = 0.03
OBJECTS: Final = 0.25  # of those who did not get what they asked
RESUBMITS: Final = 0.6


@dataclass(frozen=True)
class Span:
    """The days of a season on which something is taken in, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many there are."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class Opening:
    """One first submission.

    Attributes:
        key: id of the event, and what everything about its case is drawn by.
        provider: number of the provider.
        at: when it is sent, in UTC; later if its provider has still to be admitted.
    """

    key: str
    kind: Kind
    provider: int
    at: datetime


def span(season: str, calendar: Calendar, closing: date | None) -> Span:
    """Return the days of a season such as ``2016-2017``: from 1 August, as far as the calendar knows.

    Raises:
        UsageError: it is no season, or the calendar knows too little of it.
    """
    begins, _, ends = season.partition("-")
    if not (begins.isdigit() and ends.isdigit() and len(begins) == 4 and int(ends) == int(begins) + 1):
        raise UsageError(f"--season is two years such as 2016-2017, got {season}.")
    first, last = date(int(begins), 8, 1), date(int(ends), 7, 31)
    known = [day for day in _days(first, last) if calendar.knows(day)]
    if len(known) < 300 or not calendar.knows(last + timedelta(days=365)):
        raise UsageError(f"The calendar must know {season} and a year more; `pipeline calendar check` tells.")
    return Span(known[0], min(last, closing - timedelta(days=1)) if closing else last)


def openings(lots: Lots, span: Span, calendar: Calendar, cases: int, *, closes: bool) -> list[Opening]:
    """Return every first submission of the season, by moment.

    Args:
        cases: how many; objections and resubmissions come on top.
        closes: whether the register closes at the end, so that everybody hurries.
    """
    count = max(2, round(cases * PROVIDERS_SHARE))
    applied = [_application(lots, span, number) for number in range(1, count + 1)]
    days = [
        one
        for one in _weighted(span, calendar, closes=closes)
        if any(_may_send(lots, each, one[0]) for each in applied)
    ]
    sent = [_activity(lots, applied, days, number) for number in range(1, cases - count + 1)]
    return sorted([*applied, *sent], key=lambda one: (one.at, one.key))


def is_admitted(lots: Lots, number: int) -> bool:
    """Say whether this provider is one that will be admitted, in the end."""
    return number == 1 or lots.draw("provider", number).random() < ADMITTED


def _application(lots: Lots, span: Span, number: int) -> Opening:
    key = f"app-{number:04d}"
    dice = lots.draw(key, "arrival")
    day = span.first + timedelta(days=int(7 * APPLY_WEEKS * dice.random() ** 1.6))
    return Opening(key, Kind.ADMISSION, number, at_desk(dice, day))


def _activity(lots: Lots, applied: list[Opening], days: list[tuple[date, float]], number: int) -> Opening:
    key = f"act-{number:05d}"
    dice = lots.draw(key, "arrival")
    day = dice.choices([day for day, _ in days], [weight for _, weight in days])[0]
    able = [one.provider for one in applied if _may_send(lots, one, day)]
    return Opening(key, Kind.ACTIVITY, dice.choice(able), at_desk(dice, day))


def _may_send(lots: Lots, one: Opening, day: date) -> bool:
    """Say whether a provider is admitted by then, as things go."""
    return is_admitted(lots, one.provider) and one.at + AHEAD < _noon(day)


def _weighted(span: Span, calendar: Calendar, *, closes: bool) -> list[tuple[date, float]]:
    """How likely each day is: few at weekends and in holidays, but before the closing date whatever day it is."""
    return [(day, _weight(day, span, calendar, closes=closes)) for day in _days(span.first, span.last)]


def _weight(day: date, span: Span, calendar: Calendar, *, closes: bool) -> float:
    rush = 0.0
    if closes:
        rush = 7.0 * max(0.0, 1 - (span.last - day).days / (7 * RUSH_WEEKS)) ** 2
    quiet = 0.35 if calendar.school_holiday(day, "midden") else 1.0
    return (0.15 if day.weekday() >= 5 else 1.0) * (quiet + rush)


def at_desk(dice: Random, day: date) -> datetime:
    """Return a moment of that day, in UTC: mostly in office hours, now and then late in the evening."""
    seconds = int(min(max(dice.gauss(14, 3.2), 7), 23.9) * 3600)
    return datetime.combine(day, time(), AMSTERDAM).astimezone(UTC) + timedelta(seconds=seconds)


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=count) for count in range((last - first).days + 1))
