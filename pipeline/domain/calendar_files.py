"""What a file in ``config/calendar/`` may hold; each is checked by itself before it is used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from types import MappingProxyType
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

SATURDAY: Final = 5
# Days of each kind of school holiday: one, two or six weeks, with the weekends around them.
LENGTHS: Final = MappingProxyType(
    {
        "Herfstvakantie": 9,
        "Kerstvakantie": 16,
        "Voorjaarsvakantie": 9,
        "Meivakantie": 9,
        "Zomervakantie": 44,
    }
)
FIXED: Final = (
    "Kerstvakantie",
    "Meivakantie",
    "Zomervakantie",
)  # by regulation; schools may deviate from others

Text = Annotated[str, Field(min_length=1)]
SchoolRegion = Literal["noord", "midden", "zuid"]
REGIONS: Final[tuple[SchoolRegion, ...]] = ("noord", "midden", "zuid")
Covers = Literal["public", "school"]


class Facts(BaseModel):
    """Base of every table in a calendar file: unknown keys are errors, dates are TOML dates."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class PublicDay(Facts):
    """One public holiday, or a day equated with one; ``source`` is a key of the file's sources."""

    day: date
    name: Text
    ground: Literal["recognised", "equated"]
    source: Text


class SchoolSpan(Facts):
    """One school holiday in some regions, from a Saturday to a Sunday, both included."""

    name: Text
    regions: Annotated[list[SchoolRegion], Field(min_length=1)]
    first: date
    last: date
    set: Literal["fixed", "advised"]
    source: Text

    @property
    def length(self) -> int:
        """How many days it lasts."""
        return (self.last - self.first).days + 1

    def days(self) -> Iterator[date]:
        """Yield each day, in order."""
        return (self.first + timedelta(days=count) for count in range(self.length))

    @property
    def kind(self) -> str:
        """Which of the year's holidays it is, by its name without the year."""
        return self.name.rpartition(" ")[0]

    @model_validator(mode="after")
    def _is_plausible(self) -> Self:
        """Typing errors in published tables show as an odd day or length."""
        for fault in self._faults():
            raise ValueError(f"{fault}, got {self._told()}")
        return self

    def _faults(self) -> Iterator[str]:
        days = LENGTHS.get(self.kind)
        if days is None:
            yield f"must be named {', '.join(LENGTHS)}, each with its year"
        elif self.first.weekday() != SATURDAY or self.length != days:
            yield f"must run from a Saturday to a Sunday, {days} days"
        elif self.name != f"{self.kind} {self.first.year}":
            yield "must be named with the year in which it begins"
        elif (self.set == "fixed") != (self.kind in FIXED):
            yield f"must be {'fixed' if self.kind in FIXED else 'advised'}"

    def _told(self) -> str:
        days = f"{self.first:%A} {self.first} to {self.last:%A} {self.last}"
        return f"{self.name} ({' '.join(self.regions)}, {self.set}) from {days}, {self.length} days"


class CalendarFile(Facts):
    """One file: everything there is to know of one subject from ``first_day`` to ``last_day``.

    Attributes:
        covers: public holidays with the days equated by decree, or school holidays.
        days: for ``public`` only.
        spans: for ``school`` only; none may cross the file's first or last day.
        sources: where the dates were found, by the name that they refer to.
    """

    covers: Covers
    first_day: date
    last_day: date
    days: list[PublicDay] = []
    spans: list[SchoolSpan] = []
    sources: dict[str, Text]

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        for fault in self._faults():
            raise ValueError(fault)
        return self

    def _faults(self) -> Iterator[str]:
        if self.last_day < self.first_day:
            yield f"last_day must not lie before first_day, got {self.last_day}"
        if self.spans if self.covers == "public" else self.days:
            yield f"must hold {'days' if self.covers == 'public' else 'spans'} only, since it covers {self.covers}"
        for name, first, last, source in self._entries():
            if first < self.first_day or last > self.last_day:
                yield f"must lie within first_day and last_day, got {name} on {first}"
            if source not in self.sources:
                yield f"source must be one of [sources], got {source} ({name})"
        for day, times in Counter(entry.day for entry in self.days).items():
            if times > 1:
                yield f"must hold each day once, got {day} {times} times"

    def _entries(self) -> Iterator[tuple[str, date, date, str]]:
        yield from ((entry.name, entry.day, entry.day, entry.source) for entry in self.days)
        yield from ((span.name, span.first, span.last, span.source) for span in self.spans)
