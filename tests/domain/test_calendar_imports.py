"""A calendar file is made of what was published only when all of it can be right."""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.contract import AMSTERDAM
from pipeline.domain.calendar_checks import faults
from pipeline.domain.calendar_files import CalendarFile
from pipeline.domain.calendar_imports import Faulty, local_day, public, school, written

FIRST = date(2028, 9, 4)
CSV = """name,regions,first,last,set
Herfstvakantie 2028,noord,2028-10-14,2028-10-22,advised
Herfstvakantie 2028,midden zuid,2028-10-21,2028-10-29,advised
Kerstvakantie 2028,heel Nederland,2028-12-23,2029-01-07,fixed
Voorjaarsvakantie 2029,Noord Midden,2029-02-17,2029-02-25,advised
Voorjaarsvakantie 2029,zuid,2029-02-10,2029-02-18,advised
Meivakantie 2029,heel Nederland,2029-04-28,2029-05-06,fixed
Zomervakantie 2029,noord,2029-07-21,2029-09-02,fixed
Zomervakantie 2029,midden,2029-07-07,2029-08-19,fixed
Zomervakantie 2029,zuid,2029-07-14,2029-08-26,fixed
"""


def moment(day: str) -> str:
    """Return local midnight as the open data has it."""
    midnight = datetime.combine(date.fromisoformat(day), time(), AMSTERDAM).astimezone(UTC)
    return midnight.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def open_data() -> dict[str, Any]:
    """Return the same holidays in the form of opendata.rijksoverheid.nl, stray white space included."""
    vacations: dict[str, dict[str, Any]] = {}
    for line in CSV.splitlines()[1:]:
        name, regions, first, last, set_ = line.split(",")
        kind = name.split()[0]
        one = vacations.setdefault(
            kind, {"type": f"{kind}\n", "compulsorydates": str(set_ == "fixed").lower(), "regions": []}
        )
        for region in [regions] if regions.startswith("heel") else regions.split():
            days = {"startdate": moment(first), "enddate": moment(last)}
            one["regions"].append({"region": region.lower().replace("nederland", "Nederland"), **days})
    return {"content": [{"schoolyear": " 2028-2029\n", "vacations": list(vacations.values())}]}


def made(text: str) -> CalendarFile:
    return school(text, 2028, FIRST, "rijksoverheid.nl")


def told(text: str) -> list[str]:
    with pytest.raises(Faulty) as caught:
        made(text)
    return str(caught.value).splitlines()


def test_open_data_and_table_make_the_same_file() -> None:
    file = made(CSV)
    assert made(json.dumps(open_data())) == made(json.dumps([open_data()])) == file
    assert list(faults([file])) == []
    assert (file.first_day, file.last_day) == (FIRST, date(2029, 9, 2))
    assert file.spans[0].model_dump() == {
        "name": "Herfstvakantie 2028", "regions": ["noord"], "first": date(2028, 10, 14),
        "last": date(2028, 10, 22), "set": "advised", "source": "published",
    }  # fmt: skip


def test_file_as_it_is_written_reads_as_it_was() -> None:
    for file in (made(CSV), public(2026, 2027, {date(2026, 5, 15): 'Vrijdag na "Hemelvaart"'}, "KB")):
        assert CalendarFile.model_validate(tomllib.loads(written(file))) == file


@given(st.dates(date(2016, 1, 1), date(2040, 12, 31)))
def test_published_midnight_is_the_local_day_on_both_sides_of_a_clock_change(day: date) -> None:
    assert local_day(moment(day.isoformat())) == day


def test_published_moment_in_summer_is_the_day_after_its_date_in_utc() -> None:
    assert local_day("2015-10-16T22:00:00.000Z") == date(2015, 10, 17)


def test_typing_error_as_it_was_published_is_named_with_its_row() -> None:
    assert told(CSV.replace("2029-02-18", "2029-03-18")) == [
        "line 6: expected Voorjaarsvakantie from a Saturday to a Sunday, 9 days, got Saturday 2029-02-10 to "
        "Sunday 2029-03-18, 37 days. Look it up where it was published and correct it."
    ]
    raw = json.dumps(open_data()).replace("2029-02-17T23:00:00.000Z", "2029-03-17T23:00:00.000Z")
    assert told(raw)[0].startswith("holiday 3 (Voorjaarsvakantie), zuid: expected Voorjaarsvakantie from")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("Herfstvakantie 2028,noord", "Herfst 2028,noord", "line 2: expected Herfstvakantie, Kerstvakantie,"),
        (
            ",noord,2028",
            ",oost,2028",
            "line 2: expected regions noord, midden, zuid or heel Nederland, got oost.",
        ),
        (
            ",noord,2028",
            ",,2028",
            "line 2: expected regions noord, midden, zuid or heel Nederland, got nothing.",
        ),
        (
            "2028-10-14",
            "14-10-2028",
            "line 2: expected days such as 2028-10-14, got 14-10-2028 and 2028-10-22.",
        ),
        (
            "2029-01-07,fixed",
            "2029-01-07,advised",
            "line 4: expected Kerstvakantie to be fixed, got advised.",
        ),
        ("name,regions", "naam,regio", "line 1: expected name,regions,first,last,set, got naam,regio"),
    ],
)
def test_every_fault_says_where_what_was_expected_and_what_came(old: str, new: str, fault: str) -> None:
    [line] = told(CSV.replace(old, new, 1))
    assert line.startswith(fault)


def test_all_faults_are_told_at_once() -> None:
    assert len(told(CSV.replace("2029-02-18", "2029-03-18").replace(",noord,2028", ",oost,2028"))) == 2


@pytest.mark.parametrize(
    "text", ["{}", '{"content": [{}]}', "[1]", '{"content": 1}', "{", '{"content": [{"schoolyear": 1}]}']
)
def test_json_of_another_form_is_refused(text: str) -> None:
    assert told(text)[0].startswith("It is not in the form of opendata.rijksoverheid.nl: ")


def test_another_school_year_than_was_asked_for_is_refused() -> None:
    raw = json.dumps(open_data()).replace("2028-2029", "2029-2030")
    assert told(raw) == ["There are no holidays of 2028-2029 in it. Give the file of that school year."]


def test_public_holidays_take_the_equated_days_of_a_decree() -> None:
    file = public(2028, 2028, {date(2028, 4, 28): "Vrijdag na Koningsdag"}, "KB")
    grounds = {entry.day: entry.ground for entry in file.days}
    assert grounds[date(2028, 4, 28)] == grounds[date(2028, 4, 14)] == "equated"  # the second is Good Friday
    assert list(faults([file])) == []


@pytest.mark.parametrize(
    ("day", "source", "fault"),
    [
        (date(2028, 4, 27), "KB", "--equated 2028-04-27: is Koningsdag already. Leave it out."),
        (
            date(2029, 4, 27),
            "KB",
            "--equated 2029-04-27: expected a day in 2028-2028. Correct it, or --public.",
        ),
        (
            date(2028, 4, 28),
            None,
            "--source: expected the decree that equates these days, got nothing. Name it.",
        ),
    ],
)
def test_equated_day_that_cannot_be_right_is_refused(day: date, source: str | None, fault: str) -> None:
    with pytest.raises(Faulty) as caught:
        public(2028, 2028, {day: "Vrijdag"}, source)
    assert str(caught.value) == fault
