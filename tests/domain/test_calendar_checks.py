"""What published tables get wrong shows between rows, or beside the law."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest
from pydantic import ValidationError

from pipeline.domain.calendar import Calendar
from pipeline.domain.calendar_checks import faults, subjects
from pipeline.domain.calendar_files import CalendarFile
from pipeline.domain.public_days import recognised

FOLDER = Path(__file__).parents[2] / "config" / "calendar"


@cache
def documents() -> tuple[str, ...]:
    return tuple(path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.toml")))


def files(old: str = "", new: str = "") -> list[CalendarFile]:
    """Return the files that come along, with one change in one place."""
    if old:
        assert sum(text.count(old) for text in documents()) == 1
    return [
        CalendarFile.model_validate(tomllib.loads(text.replace(old, new) if old else text))
        for text in documents()
    ]


def test_files_that_come_along_have_no_fault() -> None:
    assert list(faults(files())) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("last = 2027-02-21", "last = 2027-03-21"),  # as published
        ("first = 2027-02-13", "first = 2027-02-14"),
        (
            "first = 2027-07-10, last = 2027-08-22",
            "first = 2027-07-10, last = 2027-07-18",
        ),  # nine days of summer
    ],
)
def test_holiday_of_another_day_or_length_than_its_kind_has_is_refused(old: str, new: str) -> None:
    with pytest.raises(ValidationError, match=r"must run from a Saturday to a Sunday, (9|44) days, got"):
        files(old, new)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            'regions = ["midden", "zuid"],          first = 2028-02-26',
            'regions = ["zuid"],          first = 2028-02-26',
            "2027-2028: expected one Voorjaarsvakantie in region midden, got none. Add it, with its source.",
        ),
        (
            'regions = ["noord"],                   first = 2028-02-19',
            'regions = ["noord", "midden"],                   first = 2028-02-19',
            "2027-2028: expected one Voorjaarsvakantie in region midden, got 2. Take out what is not right.",
        ),
        (
            '{ day = 2026-05-05, name = "Bevrijdingsdag",',
            '{ day = 2026-05-06, name = "Bevrijdingsdag",',
            "2026-05-05: expected Bevrijdingsdag, got nothing. Add it, with its source.",
        ),
        (
            '{ day = 2026-05-14, name = "Hemelvaartsdag",',
            '{ day = 2026-05-14, name = "Hemelvaart",',
            "2026-05-14: expected Hemelvaartsdag, got Hemelvaart. Correct the name or the day.",
        ),
        (
            "day = 2028-05-26",
            "day = 2028-05-27",
            "2028-05-27: Vrijdag na Hemelvaartsdag (equated) must be from Monday to Friday, got a Saturday. "
            "Correct the day.",
        ),
    ],
)
def test_fault_between_rows_or_beside_the_law_is_named(old: str, new: str, fault: str) -> None:
    assert fault in faults(files(old, new))


@pytest.mark.parametrize(
    ("begins", "lacks"),
    [
        ("2016-07-01", []),  # only its summer is left
        ("2016-05-15", ["Meivakantie"]),
        ("2016-03-01", ["Meivakantie", "Voorjaarsvakantie"]),
        ("2015-08-01", ["Herfstvakantie", "Kerstvakantie", "Meivakantie", "Voorjaarsvakantie"]),
    ],
)
def test_school_year_in_which_a_file_begins_needs_no_holiday_that_was_over(
    begins: str, lacks: list[str]
) -> None:
    document = next(text for text in documents() if "Zomervakantie 2016" in text)
    file = CalendarFile.model_validate(
        tomllib.loads(document.replace("first_day = 2016-07-01", f"first_day = {begins}"))
    )
    told = [
        f"2015-2016: expected one {kind} in region {region}, got none. Add it, with its source."
        for region in ("noord", "midden", "zuid")
        for kind in lacks
    ]
    assert sorted(faults([file])) == sorted(told)


def test_summer_that_is_left_out_where_a_file_begins_is_missed() -> None:
    [gone] = [line for text in documents() for line in text.splitlines() if "first = 2016-07-23" in line]
    assert list(faults(files(gone))) == [
        "2015-2016: expected one Zomervakantie in region zuid, got none. Add it, with its source."
    ]


def test_holidays_that_overlap_are_named_with_their_days() -> None:
    change = ("first = 2028-02-19, last = 2028-02-27", "first = 2028-04-29, last = 2028-05-07")
    told = list(faults(files(*change)))
    assert (
        "Meivakantie 2028 and Voorjaarsvakantie 2028 overlap in region noord: one ends on 2028-05-07, "
        "the other begins on 2028-04-29. Correct one of them."
    ) in told


def test_kings_day_on_a_sunday_is_the_day_before() -> None:
    assert recognised(2025)[date(2025, 4, 26)] == "Koningsdag"
    assert date(2025, 4, 27) not in recognised(2025)


@pytest.mark.parametrize("year", [2026, 2027, 2030])
def test_fifth_of_may_is_recognised_every_year_and_no_easter_sunday(year: int) -> None:
    named = recognised(year)
    assert named[date(year, 5, 5)] == "Bevrijdingsdag"
    assert not {"Eerste paasdag", "Eerste pinksterdag"} & set(named.values())


@pytest.mark.parametrize(("days", "warned"), [(90, False), (89, True)])
def test_subject_warns_when_fewer_days_are_left(days: int, warned: bool) -> None:
    calendar = Calendar.build(files())
    today = calendar.spans("public")[-1][1] - timedelta(days=days)
    public = next(one for one in subjects(calendar, today, 90) if one.covers == "public")
    assert public.days_left == days
    assert any("add the public holidays after" in warning for warning in public.warnings) == warned


def test_gap_between_files_is_told_and_a_day_in_it_has_nothing_left() -> None:
    calendar = Calendar.build(files())
    school = next(one for one in subjects(calendar, date(2022, 1, 1), 90) if one.covers == "school")
    assert school.days_left < 0
    assert school.warnings == (
        "today is not known: add the school holidays of now",
        "nothing is known from 2018-09-03 to 2024-09-01",
    )
