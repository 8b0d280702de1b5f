"""The calendar knows what the files say, and refuses to guess the rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import holidays
import pytest
from pydantic import ValidationError

from pipeline.domain.calendar import Calendar, CalendarFile
from pipeline.domain.calendar_files import REGIONS
from pipeline.domain.policy import Region
from pipeline.errors import CalendarEnds

DECREED = {
    "2017-04-28", "2017-05-26", "2018-05-11", "2018-12-24", "2018-12-31", "2019-05-31", "2019-12-27",
    "2024-05-10", "2024-12-27", "2025-05-30", "2026-01-02", "2026-05-15", "2027-05-07", "2028-04-28",
    "2028-05-26",
}  # fmt: skip
SUNDAYS = ("Eerste paasdag", "Eerste pinksterdag")  # no term ends on a Sunday anyway

PUBLIC: dict[str, Any] = {
    "covers": "public",
    "first_day": date(2030, 1, 1),
    "last_day": date(2030, 6, 30),
    "days": [{"day": date(2030, 1, 1), "name": "Nieuwjaarsdag", "ground": "recognised", "source": "law"}],
    "sources": {"law": "a law"},
}
SPAN: dict[str, Any] = {
    "name": "Voorjaarsvakantie 2030",
    "regions": ["noord", "midden", "zuid"],
    "first": date(2030, 2, 16),
    "last": date(2030, 2, 24),
    "set": "advised",
    "source": "table",
}
SCHOOL: dict[str, Any] = {
    "covers": "school",
    "first_day": date(2030, 1, 1),
    "last_day": date(2030, 4, 30),
    "spans": [SPAN],
    "sources": {"table": "a table"},
}


def span(**changes: object) -> dict[str, Any]:
    return SPAN | changes


def build(*documents: dict[str, Any]) -> Calendar:
    return Calendar.build([CalendarFile.model_validate(document) for document in documents])


def every_day(first: date, last: date) -> list[date]:
    return [first + timedelta(days=count) for count in range((last - first).days + 1)]


@pytest.mark.parametrize(
    ("first", "last"),
    [(date(2016, 7, 1), date(2019, 12, 31)), (date(2024, 1, 1), date(2028, 12, 31))],
)
def test_public_holidays_are_those_of_the_library_and_of_the_decrees(
    calendar: Calendar, first: date, last: date
) -> None:
    library = holidays.country_holidays(
        "NL",
        years=range(first.year, last.year + 1),
        categories=("public", "optional"),  # Good Friday and every 5 May are among the optional
        language="nl",
    )
    expected = {day for day, name in library.items() if name not in SUNDAYS}
    expected |= {date.fromisoformat(day) for day in DECREED}

    found = [day for day in every_day(first, last) if calendar.public_holiday(day)]

    assert found == sorted(day for day in expected if first <= day <= last)


def test_holiday_says_its_name_and_where_it_was_found(calendar: Calendar) -> None:
    friday = calendar.public_holiday(date(2027, 5, 7))
    spring = calendar.school_holiday(date(2026, 2, 14), "midden")

    assert friday is not None
    assert (friday.name, friday.source[:18]) == ("Vrijdag na Hemelvaartsdag", "Koninklijk besluit")
    assert spring is not None
    assert (spring.name, spring.region, spring.source[:25]) == (
        "Voorjaarsvakantie 2026",
        "midden",
        "opendata.rijksoverheid.nl",
    )


@pytest.mark.parametrize("year", [2017, 2018, 2025, 2026, 2027, 2028])
def test_summer_lasts_58_days_in_some_region_and_30_in_all(calendar: Calendar, year: int) -> None:
    days = [day for day in every_day(date(year, 6, 15), date(year, 9, 15)) if calendar.knows(day)]
    some = [day for day in days if calendar.school_holiday(day, "union")]
    every = [day for day in days if calendar.school_holiday(day, "intersection")]
    assert (len(some), len(every)) == (58, 30)


@pytest.mark.parametrize(
    ("day", "regions"),
    [
        (date(2026, 10, 10), ("noord", "union")),
        (date(2026, 10, 17), ("noord", "midden", "zuid", "union", "intersection")),
        (date(2026, 10, 19), ("midden", "zuid", "union")),
        (date(2026, 10, 26), ()),
        (date(2027, 2, 13), ("zuid", "union")),
        (date(2026, 12, 19), ("noord", "midden", "zuid", "union", "intersection")),
    ],
)
def test_school_holiday_depends_on_the_region(
    calendar: Calendar, day: date, regions: tuple[Region, ...]
) -> None:
    every: tuple[Region, ...] = ("none", "noord", "midden", "zuid", "union", "intersection")
    assert tuple(region for region in every if calendar.school_holiday(day, region)) == regions


def test_holiday_of_several_regions_says_which(calendar: Calendar) -> None:
    for day in every_day(date(2024, 9, 2), date(2029, 9, 2)):
        each = [calendar.school_holiday(day, region) for region in REGIONS]
        found = [holiday for holiday in each if holiday is not None]
        shared = replace(found[0], region=", ".join(one.region for one in found)) if found else None
        assert calendar.school_holiday(day, "union") == shared
        assert calendar.school_holiday(day, "intersection") == (shared if len(found) == 3 else None)


def test_no_region_asks_nothing_of_the_calendar(calendar: Calendar) -> None:
    assert calendar.school_holiday(date(2020, 7, 20), "none") is None


@pytest.mark.parametrize(
    ("day", "after", "before"),
    [
        (date(2026, 11, 24), date(2026, 11, 24), date(2026, 11, 24)),  # an ordinary Tuesday
        (date(2026, 11, 21), date(2026, 11, 23), date(2026, 11, 20)),  # a Saturday
        (date(2027, 5, 5), date(2027, 5, 10), date(2027, 5, 4)),  # 5 May, Ascension, the Friday, a weekend
        (date(2027, 3, 26), date(2027, 3, 30), date(2027, 3, 25)),  # Good Friday to Easter Monday
        (date(2026, 12, 25), date(2026, 12, 28), date(2026, 12, 24)),
        (date(2027, 1, 1), date(2027, 1, 4), date(2026, 12, 31)),
    ],
)
def test_end_moves_to_a_working_day(calendar: Calendar, day: date, after: date, before: date) -> None:
    assert (calendar.rolled_over(day), calendar.working_day_before(day)) == (after, before)


def test_days_known_are_those_of_both_kinds_of_file(calendar: Calendar) -> None:
    assert (calendar.first_day, calendar.last_day) == (date(2016, 7, 1), date(2028, 12, 31))
    edges = [
        "2016-06-30",
        "2016-07-01",
        "2018-09-02",
        "2018-09-03",
        "2024-09-01",
        "2024-09-02",
        "2028-12-31",
        "2029-01-01",
    ]
    known = [day for day in edges if calendar.knows(date.fromisoformat(day))]
    assert known == ["2016-07-01", "2018-09-02", "2024-09-02", "2028-12-31"]


@pytest.mark.parametrize("day", [date(2016, 6, 30), date(2018, 9, 3), date(2021, 8, 1), date(2029, 9, 3)])
def test_school_holiday_that_no_file_covers_is_not_guessed(calendar: Calendar, day: date) -> None:
    with pytest.raises(CalendarEnds) as caught:
        calendar.school_holiday(day, "midden")
    assert str(caught.value) == (
        f"The school holidays of {day} are not known, only those of 2016-07-01 to 2018-09-02 and "
        "2024-09-02 to 2029-09-02: add them to the calendar (config/calendar/), with their source."
    )


@pytest.mark.parametrize("day", [date(2016, 6, 30), date(2020, 1, 1), date(2023, 12, 31), date(2029, 1, 1)])
def test_working_day_that_no_file_covers_is_not_guessed(calendar: Calendar, day: date) -> None:
    for ask in (calendar.is_working_day, calendar.rolled_over, calendar.working_day_before):
        with pytest.raises(CalendarEnds, match=f"The public holidays of {day} are not known"):
            ask(day)


def test_roll_over_past_the_last_known_day_is_not_guessed() -> None:
    last = build(PUBLIC | {"last_day": date(2030, 3, 31)}, SCHOOL)  # a Sunday
    with pytest.raises(CalendarEnds, match="2030-04-01"):
        last.rolled_over(date(2030, 3, 30))


def test_digest_changes_with_any_file_and_not_with_their_order() -> None:
    moved = SCHOOL | {"spans": [span(first=date(2030, 2, 9), last=date(2030, 2, 17))]}

    assert build(PUBLIC, SCHOOL).digest == build(SCHOOL, PUBLIC).digest
    assert build(PUBLIC, SCHOOL).digest != build(PUBLIC, moved).digest


def test_neighbouring_files_leave_no_gap() -> None:
    next_part = PUBLIC | {"first_day": date(2030, 7, 1), "last_day": date(2030, 12, 31), "days": []}
    calendar = build(PUBLIC, next_part, SCHOOL)
    with pytest.raises(CalendarEnds, match="only those of 2030-01-01 to 2030-12-31: add"):
        calendar.is_working_day(date(2031, 1, 1))


@pytest.mark.parametrize(
    ("documents", "sentence"),
    [
        ([PUBLIC], 'no file has covers = "school".'),
        ([], 'no file has covers = "public".'),
        (
            [
                PUBLIC,
                PUBLIC | {"first_day": date(2030, 6, 30), "last_day": date(2030, 7, 1), "days": []},
                SCHOOL,
            ],
            "two files say which public holidays there are on 2030-06-30.",
        ),
        (
            [PUBLIC, SCHOOL | {"spans": [SPAN, span(regions=["zuid"])]}],
            "Voorjaarsvakantie 2030 and Voorjaarsvakantie 2030 overlap in region zuid.",
        ),
        (
            [PUBLIC, SCHOOL | {"spans": [span(regions=["noord", "midden"])]}],
            "region zuid has no school holiday between 2030-01-01 and 2030-04-30.",
        ),
        (
            [PUBLIC, SCHOOL | {"last_day": date(2030, 5, 31)}],
            "region noord has no school holiday between 2030-02-24 and 2030-05-31.",
        ),
    ],
)
def test_files_that_do_not_go_together_are_refused(documents: list[dict[str, Any]], sentence: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 -- the sentence is compared whole
        build(*documents)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (
            SCHOOL | {"spans": [span(last=date(2030, 2, 23))]},
            "from Saturday 2030-02-16 to Saturday 2030-02-23",
        ),
        (SCHOOL | {"spans": [span(first=date(2030, 2, 17))]}, "from Sunday 2030-02-17 to Sunday 2030-02-24"),
        (SCHOOL | {"spans": [span(last=date(2030, 3, 24))]}, "from Saturday 2030-02-16 to Sunday 2030-03-24"),
        (SCHOOL | {"spans": [span(regions=["oost"])]}, "Input should be 'noord', 'midden' or 'zuid'"),
        (SCHOOL | {"spans": [span(regions=[])]}, "at least 1 item"),
        (
            SCHOOL | {"first_day": date(2030, 2, 20)},
            "must lie within first_day and last_day, got Voorjaarsvakantie 2030 on",
        ),
        (
            SCHOOL | {"last_day": date(2030, 2, 20)},
            "must lie within first_day and last_day, got Voorjaarsvakantie 2030 on",
        ),
        (SCHOOL | {"sources": {}}, "source must be one of [sources], got table (Voorjaarsvakantie 2030)"),
        (SCHOOL | {"days": PUBLIC["days"]}, "must hold spans only, since it covers school"),
        (PUBLIC | {"spans": [SPAN]}, "must hold days only, since it covers public"),
        (PUBLIC | {"days": PUBLIC["days"] * 2}, "must hold each day once, got 2030-01-01 2 times"),
        (PUBLIC | {"last_day": date(2029, 1, 1)}, "last_day must not lie before first_day, got 2029-01-01"),
        (PUBLIC | {"first_day": "2030-01-01"}, "Input should be a valid date"),
        (PUBLIC | {"region": "noord"}, "Extra inputs are not permitted"),
    ],
)
def test_file_that_cannot_be_right_is_refused(document: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError) as caught:
        CalendarFile.model_validate(document)
    assert sentence in str(caught.value)
