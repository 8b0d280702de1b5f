"""The calendar: which days are working days and which are school holidays, as far as is known.

It is data with sources; a day that no file covers is refused, never guessed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from pipeline.domain.calendar_files import REGIONS, SATURDAY, CalendarFile, Covers, SchoolRegion, SchoolSpan
from pipeline.domain.policy import Region
from pipeline.errors import CalendarEnds

__all__ = ["Calendar", "CalendarFile", "Holiday"]

DAY: Final = timedelta(days=1)
LONGEST_SCHOOL_TIME: Final = timedelta(weeks=13)  # more without a holiday means that one was forgotten


@dataclass(frozen=True)
class Holiday:
    """Why a day is special: the name people know it by, and where that was found.

    Attributes:
        region: of a school holiday, where it is one; several are joined by commas.
    """

    name: str
    source: str
    region: str = ""


Known = tuple[tuple[date, date], ...]  # spans of days, both ends included, in order


@dataclass(frozen=True)
class Calendar:
    """Everything that the files say, ready to be asked.

    Attributes:
        first_day: the first day of which everything is known.
        last_day: the last such day; there may be gaps between, see ``knows``.
        digest: changes when any file does, so that terms can be counted anew; calendars are equal by it.
    """

    first_day: date
    last_day: date
    digest: str
    _known: Mapping[Covers, Known] = field(repr=False, compare=False)
    _public: Mapping[date, Holiday] = field(repr=False, compare=False)
    _school: Mapping[Region, Mapping[date, Holiday]] = field(repr=False, compare=False)

    @classmethod
    def build(cls, files: Sequence[CalendarFile]) -> Calendar:
        """Put the files together.

        Raises:
            ValueError: they contradict one another or leave a holiday out; says which.
        """
        ordered = sorted(files, key=lambda file: (file.covers, file.first_day))
        known: dict[Covers, Known] = {
            "public": _known(ordered, "public"),
            "school": _known(ordered, "school"),
        }
        _check_school(ordered, known["school"])
        return cls(
            max(spans[0][0] for spans in known.values()),
            min(spans[-1][1] for spans in known.values()),
            _digest(ordered),
            MappingProxyType(known),
            MappingProxyType(dict(_public(ordered))),
            MappingProxyType(_school(ordered)),
        )

    def knows(self, day: date) -> bool:
        """Say whether both public and school holidays are known on this day."""
        return all(_within(day, spans) for spans in self._known.values())

    def spans(self, covers: Covers) -> Known:
        """Return what is known of a subject: spans of days without a gap, both ends included, in order."""
        return self._known[covers]

    def known_until(self, day: date) -> date | None:
        """Return the last day up to which all is known from this one on; None where it is not known itself."""
        ends = [last for spans in self._known.values() for first, last in spans if first <= day <= last]
        return min(ends) if len(ends) == len(self._known) else None

    def public_holiday(self, day: date) -> Holiday | None:
        """Return the public holiday (or day equated with one) that falls on this day.

        Raises:
            CalendarEnds: no file covers the day.
        """
        holiday = self._public.get(day)
        if holiday is None:  # one that is found is in a file that covers its day
            self._must_know("public", day)
        return holiday

    def is_working_day(self, day: date) -> bool:
        """Say whether this is neither a weekend nor a public or equated holiday.

        Raises:
            CalendarEnds: no file covers the day.
        """
        return self.public_holiday(day) is None and day.weekday() < SATURDAY

    def rolled_over(self, day: date) -> date:
        """Return the day itself, or the first working day after it.

        Raises:
            CalendarEnds: no file covers a day on the way.
        """
        while not self.is_working_day(day):
            day += DAY
        return day

    def working_day_before(self, day: date) -> date:
        """Return the day itself, or the last working day before it.

        Raises:
            CalendarEnds: no file covers a day on the way.
        """
        while not self.is_working_day(day):
            day -= DAY
        return day

    def school_holiday(self, day: date, region: Region) -> Holiday | None:
        """Return the school holiday on this day in the region.

        ``union`` is a holiday in any of the three regions, ``intersection`` one in all; with
        ``none`` no day is, known or not.

        Raises:
            CalendarEnds: no file covers the day.
        """
        if region == "none":
            return None
        holiday = self._school[region].get(day)
        if holiday is None:
            self._must_know("school", day)
        return holiday

    def _must_know(self, covers: Covers, day: date) -> None:
        if not _within(day, spans := self._known[covers]):
            known = " and ".join(f"{first} to {last}" for first, last in spans)
            raise CalendarEnds(
                f"The {covers} holidays of {day} are not known, only those of {known}: "
                "add them to the calendar (config/calendar/), with their source."
            )


def _within(day: date, spans: Known) -> bool:
    for first, last in spans:  # noqa: SIM110 -- each day of each term asks; any() takes three times as long
        if first <= day <= last:
            return True
    return False


def _known(files: Iterable[CalendarFile], covers: Covers) -> Known:
    """The spans of one subject; neighbours are joined, so that no gap shows where there is none."""
    spans: list[tuple[date, date]] = []
    for file in (file for file in files if file.covers == covers):
        if spans and file.first_day <= spans[-1][1]:
            raise ValueError(f"two files say which {covers} holidays there are on {file.first_day}.")
        joins = bool(spans) and file.first_day == spans[-1][1] + DAY
        first = spans.pop()[0] if joins else file.first_day
        spans.append((first, file.last_day))
    if not spans:
        raise ValueError(f'no file has covers = "{covers}".')
    return tuple(spans)


def _digest(files: Iterable[CalendarFile]) -> str:
    return hashlib.sha256("\n".join(file.model_dump_json() for file in files).encode()).hexdigest()


def _public(files: Iterable[CalendarFile]) -> Iterator[tuple[date, Holiday]]:
    for file in files:
        for entry in file.days:
            yield entry.day, Holiday(entry.name, file.sources[entry.source])


def _school(files: Sequence[CalendarFile]) -> dict[Region, Mapping[date, Holiday]]:
    """The school holidays by the rules that a policy may have for the region."""
    each = {region: dict(_in_region(files, region)) for region in REGIONS}
    tables: dict[Region, Mapping[date, Holiday]] = {region: each[region] for region in REGIONS}
    return tables | {"union": dict(_shared(each, 1)), "intersection": dict(_shared(each, len(REGIONS)))}


def _in_region(files: Iterable[CalendarFile], region: SchoolRegion) -> Iterator[tuple[date, Holiday]]:
    for file in files:
        for span in file.spans:
            if region in span.regions:
                holiday = Holiday(span.name, file.sources[span.source], region)
                yield from ((day, holiday) for day in span.days())


def _shared(
    each: Mapping[SchoolRegion, Mapping[date, Holiday]], least: int
) -> Iterator[tuple[date, Holiday]]:
    """The holidays of so many regions at the least, under the name that the first has for it."""
    for day in sorted(set[date]().union(*each.values())):
        found = [each[region][day] for region in REGIONS if day in each[region]]
        if len(found) >= least:
            yield day, replace(found[0], region=", ".join(one.region for one in found))


def _check_school(files: Iterable[CalendarFile], known: Known) -> None:
    """A holiday that was left out, or entered twice, would silently shift every deadline."""
    spans = sorted((span for file in files for span in file.spans), key=lambda span: span.first)
    for region in REGIONS:
        mine = [span for span in spans if region in span.regions]
        for earlier, later in pairwise(mine):
            if later.first <= earlier.last:
                raise ValueError(f"{earlier.name} and {later.name} overlap in region {region}.")
        for first, last in known:
            _check_distances(region, first, [span for span in mine if first <= span.first <= last], last)


def _check_distances(region: str, first: date, spans: Iterable[SchoolSpan], last: date) -> None:
    since = first
    for begins, ends in [*((span.first, span.last) for span in spans), (last, last)]:
        if begins - since > LONGEST_SCHOOL_TIME:
            raise ValueError(f"region {region} has no school holiday between {since} and {begins}.")
        since = ends
