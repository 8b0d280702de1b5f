"""What is wrong with a calendar that each of its files by itself cannot show, and how long it lasts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from operator import itemgetter
from typing import Final, get_args

from pipeline.domain.calendar import DAY, Calendar
from pipeline.domain.calendar_files import LENGTHS, REGIONS, CalendarFile, Covers, PublicDay, SchoolSpan
from pipeline.domain.public_days import GOOD_FRIDAY, recognised

FRIDAY: Final = 4
JULY: Final = 7
# Month and day by which a holiday has been in every year that was ever published.
OVER_BY: Final = {
    "Herfstvakantie": (11, 15),
    "Kerstvakantie": (1, 15),
    "Voorjaarsvakantie": (3, 15),
    "Meivakantie": (5, 15),
}
_ADD: Final = "Add it, with its source."


@dataclass(frozen=True)
class Subject:
    """How long one subject of the calendar lasts.

    Attributes:
        first_day: of all that is known.
        last_day: of what is known without a gap from today on; the last of all where today is not known.
        days_left: from today to then; less than 0 where today is not known.
        warnings: what to see to before it runs out, and where nothing is known between.
    """

    covers: Covers
    first_day: date
    last_day: date
    days_left: int
    warnings: tuple[str, ...]


def subjects(calendar: Calendar, today: date, warn_days: int) -> Iterator[Subject]:
    """Return each subject that a calendar holds, with how long it lasts."""
    for covers in get_args(Covers):
        spans = calendar.spans(covers)
        last = next((last for first, last in spans if first <= today <= last), None)
        left = -1 if last is None else (last - today).days
        warnings = [*_running_out(covers, last, left, warn_days), *_gaps(spans)]
        yield Subject(covers, spans[0][0], last or spans[-1][1], left, tuple(warnings))


def _running_out(covers: Covers, last: date | None, left: int, warn_days: int) -> Iterator[str]:
    if last is None:
        yield f"today is not known: add the {covers} holidays of now"
    elif left < warn_days:
        yield f"ends in {left} days: add the {covers} holidays after {last}"


def _gaps(spans: Sequence[tuple[date, date]]) -> Iterator[str]:
    for (_, last), (first, _) in pairwise(spans):
        yield f"nothing is known from {last + DAY} to {first - DAY}"


def faults(files: Iterable[CalendarFile]) -> Iterator[str]:
    """Name each fault that shows between rows, or beside what is known otherwise, and what to do."""
    files = list(files)
    for file in (file for file in files if file.covers == "public"):
        yield from _public(file)
    spans = sorted((span for file in files for span in file.spans), key=lambda span: (span.first, span.name))
    for region in REGIONS:
        yield from _overlaps(region, [span for span in spans if region in span.regions])
    yield from _incomplete(spans, files)


def _overlaps(region: str, spans: Sequence[SchoolSpan]) -> Iterator[str]:
    for earlier, later in pairwise(spans):
        if later.first <= earlier.last:
            yield (
                f"{earlier.name} and {later.name} overlap in region {region}: one ends on {earlier.last}, "
                f"the other begins on {later.first}. Correct one of them."
            )


def school_year(span: SchoolSpan) -> int:
    """Return the year in which the school year of a holiday begins; the summer holidays end it."""
    return span.first.year if span.first.month > JULY else span.first.year - 1


def _incomplete(spans: Sequence[SchoolSpan], files: Iterable[CalendarFile]) -> Iterator[str]:
    """Every region has every holiday of each school year once: one left out would shift every term.

    Of the school year in which a file begins, what was surely over by then is not expected.
    """
    listed_from = sorted(((file.first_day, span) for file in files for span in file.spans), key=itemgetter(0))
    begins = {school_year(span): first for first, span in reversed(listed_from)}  # of two the earlier stays
    for year in sorted({school_year(span) for span in spans}):
        listed = Counter(
            (region, span.kind) for span in spans if school_year(span) == year for region in span.regions
        )
        for region in REGIONS:
            for kind in LENGTHS:
                if kind in OVER_BY and begins[year] > _in_school_year(year, *OVER_BY[kind]):
                    continue
                if (times := listed[region, kind]) != 1:
                    what = _ADD if times == 0 else "Take out what is not right."
                    yield (
                        f"{year}-{year + 1}: expected one {kind} in region {region}, got {times or 'none'}. {what}"
                    )


def _in_school_year(year: int, month: int, day: int) -> date:
    return date(year if month > JULY else year + 1, month, day)


def _public(file: CalendarFile) -> Iterator[str]:
    """Hold what a file recognises against what the law does; decrees are known from the file alone."""
    known = {day: name for year in range(file.first_day.year, file.last_day.year + 1)
             for day, name in recognised(year).items() if file.first_day <= day <= file.last_day}  # fmt: skip
    listed = {entry.day: entry for entry in file.days}
    for day, name in known.items():
        if day not in listed:
            yield f"{day}: expected {name}, got nothing. {_ADD}"
        elif listed[day].name != name:
            yield f"{day}: expected {name}, got {listed[day].name}. Correct the name or the day."
    for entry in file.days:
        yield from _grounds(entry, known.get(entry.day))


def _grounds(entry: PublicDay, name: str | None) -> Iterator[str]:
    """Hold the ground of a day against the name that the law gives it, if any."""
    got = f"{entry.day}: {entry.name} ({entry.ground})"
    if entry.ground == "recognised" and name is None:
        yield f"{got} is no holiday that the law recognises. Correct the day, or its ground."
    elif name is not None and (entry.ground == "equated") != (name == GOOD_FRIDAY):
        yield f"{got} must be {'equated' if name == GOOD_FRIDAY else 'recognised'}. Correct its ground."
    elif name is None and entry.day.weekday() > FRIDAY:
        yield f"{got} must be from Monday to Friday, got a {entry.day:%A}. Correct the day."
