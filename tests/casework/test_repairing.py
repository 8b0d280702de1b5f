"""A deferred activity comes back repaired until the day that its letter told; after that it is a new one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.casework import explaining, intake
from tests.casework.events import at, case, event, take_in, verdict
from tests.casework.registers import home_with, last_letter
from tests.casework.test_cases import approve, follow, submitted
from tests.stages import System

CASE = "A-2026-000001"


@pytest.fixture
def deferred(tmp_path: Path) -> Iterator[System]:
    """A home with an activity that was deferred on 22 October 2026; 84 days later is 14 January 2027."""
    home = home_with(tmp_path)
    submitted(home)
    for day in ("21", "22"):
        verdict(home, CASE, "defer", f"2026-10-{day}T10:00:00+02:00", hours=None)
    yield home
    home.app.database.close()


def again(home: System, time: str, previous: str | None = CASE) -> intake.Outcome:
    at(home, time)
    changes = {"provider_kvk": "90000102", "previous_case": previous, "activity": {"goal": "Anders. " * 10}}
    return take_in(home, event("act-02", changes, id=f"again {time}", time=time))


def test_letter_says_what_to_repair_and_by_when(deferred: System) -> None:
    told = last_letter(deferred)
    assert "Wat u moet verbeteren Omdat het zo is." in told
    assert "Dien de verbeterde activiteit uiterlijk donderdag 14 januari 2027 opnieuw in." in told
    assert case(deferred, CASE)["decision"]["repair_by"] == "2027-01-14"
    explained = explaining.explain(deferred.app, CASE)
    assert (explained["same"], explained["letter"]["same"]) == (True, True)


def test_repaired_on_the_last_day_it_follows_on_the_round_before(deferred: System) -> None:
    back = again(deferred, "2027-01-14T23:30:00+01:00").case
    assert back is not None
    assert case(deferred, back)["previous_case"] == CASE


def test_repaired_after_the_last_day_it_is_taken_in_as_a_new_one_only(deferred: System) -> None:
    refused = again(deferred, "2027-01-15T00:30:00+01:00")
    assert refused.refusal is not None
    assert (refused.refusal.rule, refused.refusal.field) == ("repaired_late", "previous_case")
    assert again(deferred, "2027-01-15T00:40:00+01:00", None).case is not None


def test_second_objection_brings_a_version_and_no_second_number(tmp_path: Path) -> None:
    home = home_with(tmp_path)
    submitted(home)
    for day in ("21", "22"):
        verdict(home, CASE, "reject", f"2026-10-{day}T10:00:00+02:00", hours=None)
    told = {"about": "decision", "grounds": "Oneens."}
    for place, (objected, judged) in enumerate((("23", "24"), ("26", "27")), 1):
        assert follow(home, "objected", CASE, f"2026-10-{objected}T10:00:00+02:00", **told) == ""
        approve(home, f"B-2026-00000{place}", str(4 + place), f"2026-10-{judged}T10:00:00+02:00")
    found = case(home, "B-2026-000002")["registrations"]
    assert [(one["number"], one["state"], one["hours"]["total"]) for one in found] == [
        ("10000012", "replaced", "5"),
        ("10000012", "valid", "6"),
    ]
    home.app.database.close()
