"""Simulated reviewers: what they can judge, when they are away, how long they take."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import product
from typing import Final

from pipeline.contract import received_on
from pipeline.domain.calendar import Calendar
from pipeline.domain.calendar_files import REGIONS
from pipeline.domain.policy import Region
from pipeline.replay.arrivals import Span, at_desk
from pipeline.replay.lots import Lots, Random
from pipeline.replay.submissions import CATEGORIES, SECTORS, person
from pipeline.store import rows

CASES_EACH: Final = 34  # first submissions in a season for each reviewer: our assumption
FEWEST: Final = 12
FIT: Final = 4  # for each sector and category at least: two, a third, and one for who gives it back
SPREAD: Final = 0.7  # of the logarithm of the days that a review takes: some take very long
IN_HOLIDAYS: Final = 0.4  # of a day's work gets done on a day of school holidays
HURRY: Final = 0.5  # answer within two days of their first reminder
DAY: Final = timedelta(days=1)
LEAVE: Final = (
    ("zomer", 0.95, 10, 24),
    ("herfst", 0.3, 4, 9),
    ("kerst", 0.6, 7, 14),
    ("voorjaar", 0.3, 4, 9),
    ("mei", 0.4, 5, 9),
)


@dataclass(frozen=True)
class Reviewer:
    """One reviewer.

    Attributes:
        row: as the register's list has it, but for leave.
        pace: days of work that a review takes, half of the time less.
        leave: first and last days on which they are away, in order.
    """

    row: rows.Reviewer
    pace: float
    leave: tuple[tuple[date, date], ...]

    def is_away(self, day: date) -> bool:
        """Say whether they are away on this day."""
        return any(first <= day <= last for first, last in self.leave)

    def listed(self, day: date) -> rows.Reviewer:
        """Return them as the list of this day has them: with the leave they are on or take next."""
        ahead = next((one for one in self.leave if one[1] >= day), (None, None))
        return replace(self.row, away_from=ahead[0], away_until=ahead[1])


def recruit(lots: Lots, span: Span, calendar: Calendar, cases: int) -> dict[str, Reviewer]:
    """Return the reviewers of a season, by id; enough of them for so many cases, but for the rush."""
    count = max(FEWEST, round(cases / CASES_EACH))
    made = [
        _reviewer(lots.draw("reviewer", number), number, span, calendar) for number in range(1, count + 1)
    ]
    return {one.row.id: one for one in _covering(made)}


def _covering(made: list[Reviewer]) -> list[Reviewer]:
    """Let reviewers of a sector judge one category more where too few of them can."""
    for sector, category in product(SECTORS, CATEGORIES):
        there = [one for one in made if sector in one.row.sectors]
        lacking = FIT - sum(category in one.row.categories for one in there)
        others = [one for one in there if category not in one.row.categories][: max(lacking, 0)]
        made = [_judging(one, category) if one in others else one for one in made]
    return made


def _judging(one: Reviewer, category: str) -> Reviewer:
    return replace(one, row=replace(one.row, categories=sorted({*one.row.categories, category})))


def _reviewer(dice: Random, number: int, span: Span, calendar: Calendar) -> Reviewer:
    return Reviewer(_row(dice, number), dice.uniform(4.5, 14), tuple(_leave(dice, span, calendar)))


def found(lots: Lots, number: int) -> Reviewer:
    """Return somebody whom the office finds for what nobody else can judge, or has been asked already."""
    dice = lots.draw("found", number)
    row = replace(_row(dice, number), sectors=sorted(SECTORS), categories=sorted(CATEGORIES))
    return Reviewer(row, dice.uniform(4.5, 14), ())


def _row(dice: Random, number: int) -> rows.Reviewer:
    return rows.Reviewer(
        id=f"r{number:03d}",
        version=1,
        name=person(dice),
        email=f"beoordelaar{number}@school{number}.example",
        sectors=sorted({SECTORS[number % 4], *dice.sample(SECTORS, 2)}),
        categories=sorted({CATEGORIES[number // 4 % 4], *dice.sample(CATEGORIES, 2)}),
        employer=None,
        employer_kvk=None,
        capacity=dice.randint(4, 9),
        away_from=None,
        away_until=None,
        active=True,
    )


def _leave(dice: Random, span: Span, calendar: Calendar) -> Iterator[tuple[date, date]]:
    region = dice.choice(REGIONS)
    for first, last, name in _holidays(span, calendar, region):
        for season, chance, least, most in LEAVE:
            if name.lower().startswith(season) and dice.random() < chance:
                begins = first + DAY * dice.randint(0, max(0, (last - first).days - most))
                yield begins, min(begins + DAY * dice.randint(least, most), last)


def _holidays(span: Span, calendar: Calendar, region: Region) -> list[tuple[date, date, str]]:
    found: list[tuple[date, date, str]] = []
    for count in range(span.days + 300):
        day = span.first + DAY * count
        holiday = calendar.school_holiday(day, region) if calendar.knows(day) else None
        if holiday is None:
            continue
        if found and found[-1][1] == day - DAY:
            found[-1] = (found[-1][0], day, found[-1][2])
        else:
            found.append((day, day, holiday.name))
    return found


def answers_at(dice: Random, reviewer: Reviewer, asked: datetime, calendar: Calendar) -> datetime:
    """Return when a reviewer answers, in UTC, if nobody reminds them."""
    left = math.exp(dice.gauss(math.log(reviewer.pace), SPREAD))
    day = received_on(asked)
    while left > 0:
        day += DAY
        if not reviewer.is_away(day):
            left -= IN_HOLIDAYS if calendar.school_holiday(day, "midden") else 1.0
    return at_desk(dice, day)


def hurried(dice: Random, reviewer: Reviewer, reminded: datetime) -> datetime | None:
    """Return when a reviewer answers whom a reminder moves; None for one whom it does not."""
    if dice.random() >= HURRY:
        return None
    day = received_on(reminded) + DAY * dice.choice((0, 1, 1, 2))
    while reviewer.is_away(day):
        day += DAY
    return max(at_desk(dice, day), reminded + timedelta(hours=1))
