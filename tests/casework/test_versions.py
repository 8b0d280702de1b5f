"""Each supplement makes a version of the submission; what it changed follows from the events that are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.casework import erasing, overview, versions
from pipeline.casework.versions import _events, submissions
from pipeline.errors import NotFound, UsageError
from pipeline.store.reading import case_by_number
from tests.casework.events import admitted, at
from tests.stages import System, system


def number_of(home: System, event_id: str) -> str:
    return next(str(one["case"]) for one in overview.cases(home.app) if one["event_id"] == event_id)


def test_last_version_of_every_case_is_what_the_case_holds(season: System) -> None:
    numbers = [one["case"] for one in overview.cases(season.app) if one["kind"] != "objection"]
    for number in numbers:
        with season.app.database.reading() as connection:
            case = case_by_number(connection, number)
            *_, last = submissions([event for _, event in _events(connection, case.id)])
        assert last == case.data


def test_versions_tell_day_origin_and_each_field_that_changed(season: System) -> None:
    number = number_of(season, "act-06")
    first, second = versions.versions(season.app, number)["versions"]
    assert (first["version"], first["event_id"], first["source"], first["changes"]) == (
        1,
        "act-06",
        "/portal",
        [],
    )
    assert (second["taken_in_on"], second["event_id"]) == ("2026-11-03", "sup-03")
    fields = {one["field"]: (one["old"], one["label"]) for one in second["changes"]}
    assert fields["activity.closing_test.kind"] == (None, "soort afsluitende toets")


def test_each_of_three_supplements_is_a_version(season: System) -> None:
    found = versions.versions(season.app, number_of(season, "act-22"))["versions"]
    assert [one["event_id"] for one in found] == ["act-22", "sup-09", "sup-10", "sup-11"]
    assert all(one["changes"] for one in found[1:])


def test_case_without_a_supplement_has_one_version(season: System) -> None:
    assert len(versions.versions(season.app, number_of(season, "act-01"))["versions"]) == 1


def test_resubmission_is_held_against_the_last_version_of_the_earlier_round(season: System) -> None:
    found = versions.versions(season.app, number_of(season, "res-01"))
    assert found["previous_case"] == number_of(season, "act-10")
    changed = {one["field"]: one for one in found["versions"][0]["changes"]}
    earlier = overview.case(season.app, found["previous_case"])["submission"]["activity"]
    now = overview.case(season.app, found["case"])["submission"]["activity"]
    assert changed["previous_case"]["new"] == found["previous_case"]
    assert (changed["activity.programme"]["old"], changed["activity.programme"]["new"]) == (
        earlier["programme"],
        now["programme"],
    )


def test_objection_has_no_versions_of_its_own(season: System) -> None:
    with pytest.raises(UsageError, match="is an objection"):
        versions.versions(season.app, number_of(season, "obj-01"))


def test_case_that_is_not_there_is_said_so(season: System) -> None:
    with pytest.raises(NotFound):
        versions.versions(season.app, "A-2026-999999")


def test_of_an_erased_case_is_left_that_there_were_versions_and_when(tmp_path: Path) -> None:
    home = system(tmp_path / "home")
    number = admitted(home)
    at(home, "2033-10-07T09:00:00+02:00")
    erasing.erase_all(home.app, OFFICE)
    found = versions.versions(home.app, number)
    home.app.database.close()
    assert found["erased_on"] == "2033-10-07"
    assert [(one["event_id"], one["taken_in_on"], one["changes"]) for one in found["versions"]] == [
        ("app-02", "2026-10-05", None)
    ]


OFFICE = "Ineke Vermeer"
