"""A term as a chapter: day by day in a calendar, and in runs with why they count or not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Final

from pipeline.domain.terms import RULES, Day, Run, runs
from pipeline.logo.legible import shown
from pipeline.mail import dutch
from pipeline.mail import words as letter_words
from pipeline.paper.blocks import Block, Chapter, Note, Square, Table, Week, Weeks
from pipeline.paper.words import tables, word

_DAY: Final = r"(\d{4}-\d\d-\d\d)"
_REASONS: Final = {
    "paused": rf"asked on {_DAY}, to be answered by {_DAY}",
    "set_aside": rf"could be completed until {_DAY}",
}


def chapter(days: Sequence[Day], region: str) -> Chapter:
    """Return the term of a case; it says so where the calendar does not reach.

    Args:
        region: whose school holidays do not count.
    """
    if not days:
        said = "De kalender loopt niet ver genoeg door om deze termijn te tellen."
        return Chapter("Termijn, dag voor dag", [Note(said)])
    counted = sum(day.is_counted for day in days)
    holidays = (
        ""
        if region == "none"
        else f" Schoolvakanties ({letter_words.word(region, 'region')}) tellen niet mee."
    )
    sentence = (
        f"Ontvangen op {dutch.day(days[0].day)}; de dag erna is de eerste. {counted} dagen tellen mee.{holidays}"
        f" De laatste dag is {dutch.day(days[-1].day)}."
    )
    head = ("dagen", "aantal", "grond", "reden", "bron")
    blocks: list[Block] = [
        Note(sentence),
        Weeks(list(_weeks(days)), _legend(days)),
        Table(head, [_row(run) for run in runs(days)], (4, 1, 3, 4, 4)),
    ]
    return Chapter("Termijn, dag voor dag", blocks)


def _weeks(days: Sequence[Day]) -> Iterator[Week]:
    counted, month = 0, ""
    for _, each in groupby(days, lambda day: day.day.isocalendar()[:2]):
        week = {day.day: day for day in each}
        first = next(iter(week))
        monday = first - timedelta(days=first.weekday())
        counted += sum(day.is_counted for day in week.values())
        name = f"{dutch.MONTHS[first.month - 1][:3]} {first.year}"
        around = [monday + timedelta(days=count) for count in range(7)]
        squares = [_square(week[day]) if day in week else Square(str(day.day)) for day in around]
        yield Week(name if name != month else "", squares, str(counted))
        month = name


def _square(day: Day) -> Square:
    return Square(str(day.day.day), day.ground, tables()["sign"].get(day.ground, ""))


def _legend(days: Sequence[Day]) -> list[tuple[str, str, str]]:
    found = dict.fromkeys(day.ground for day in days)
    return [(ground, tables()["sign"].get(ground, ""), word(ground, "ground")) for ground in found]


def _reason(name: str) -> str:
    """Return why a day counts or not in Dutch: what the terms say in English is told with its dates."""
    for code, pattern in _REASONS.items():
        if found := re.fullmatch(pattern, name):
            dates = [dutch.dated(date.fromisoformat(one)) for one in found.groups()]
            return word(code, "reason").format(*dates)
    return word(name, "weekday")


def _row(run: Run) -> tuple[str, ...]:
    return (
        dutch.span(run.first, run.last),
        str(run.days),
        word(run.ground, "ground"),
        shown(", ".join(map(_reason, run.names))),
        shown(", ".join(source for source in run.sources if source != RULES)),
    )
