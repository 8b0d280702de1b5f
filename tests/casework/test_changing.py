"""What a provider changes of an activity in the register: dates are taken up, anything else is judged anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.casework import changing, explaining, overview, verifying, versions
from pipeline.errors import UsageError
from tests.casework.events import at, case, event, take_in, verdict
from tests.casework.registers import NUMBER, granted, home_with, last_letter
from tests.casework.registers import registered as in_the_register
from tests.casework.test_cases import approve, follow, kinds, submitted
from tests.stages import System

BY = "Tom de Wit"
DATES = {"activity": {"runs": [{"starts_on": "2027-03-03", "ends_on": "2027-03-04", "city": "Zwolle"}]}}
GOAL = {"activity": {"goal": "Leraren herkennen rekenproblemen vroeg en stellen hun lessen daarop af."}}


@pytest.fixture
def registered(tmp_path: Path) -> Iterator[System]:
    """A home with one activity in the register, on the day after."""
    home = in_the_register(tmp_path)
    at(home, "2026-10-23T10:00:00+02:00")
    yield home
    home.app.database.close()


def change(home: System, patch: dict[str, Any], **more: Any) -> changing.Outcome:
    outcome = changing.change(home.app, NUMBER, patch, BY, **more)
    home.stage.rest()
    return outcome


def stands(home: System) -> list[tuple[int, str]]:
    found = case(home, "A-2026-000001")["registrations"]
    return [(one["version"], one["state"]) for one in found]


def test_change_of_dates_is_taken_up_without_a_judgement(registered: System) -> None:
    outcome = change(registered, DATES)
    assert (outcome.fields, outcome.case, outcome.is_known) == (["activity.runs"], None, False)
    assert stands(registered) == [(1, "valid")]
    row = case(registered, "A-2026-000001")["journal"][-1]
    assert (row["event"], row["by"]) == ("adjusted", BY)
    assert row["facts"]["changes"][0]["new"] == DATES["activity"]["runs"]
    assert kinds(registered, "A-2026-000001")[-1] == "adjusted"
    assert "3 tot en met 4 maart 2027, Zwolle" in last_letter(registered)
    assert verifying.verify(registered.app).faults == []


def test_change_of_dates_is_taken_up_once(registered: System) -> None:
    change(registered, DATES)
    assert change(registered, DATES).is_known
    assert kinds(registered, "A-2026-000001").count("adjusted") == 1


def test_change_of_content_is_judged_while_the_old_stays_valid(registered: System) -> None:
    outcome = change(registered, GOAL)
    assert (outcome.fields, outcome.case) == (["activity.goal"], "A-2026-000002")
    found = case(registered, "A-2026-000002")
    assert (found["state"], found["previous_case"], found["activity_number"]) == (
        "in_review",
        "A-2026-000001",
        NUMBER,
    )
    assert found["journal"][0]["by"] == BY
    asked = case(registered, "A-2026-000001")["reviewers"]
    assert found["reviewers"] == asked  # those who know it
    assert "staat al in het register (nummer 10000012). De aanbieder verandert: doel." in last_letter(
        registered
    )
    assert stands(registered) == [(1, "valid")]


def test_content_that_is_granted_replaces_the_old_under_the_same_number(registered: System) -> None:
    change(registered, DATES)
    change(registered, GOAL)
    for moment in ("2026-10-26T10:00:00+01:00", "2026-10-27T10:00:00+01:00"):
        approve(registered, "A-2026-000002", "5", moment)
    assert stands(registered) == [(1, "replaced"), (2, "valid")]
    assert [(one["number"], one["hours"]["total"]) for one in overview.registrations(registered.app)] == [
        (NUMBER, "5")
    ]
    assert "Het activiteitnummer blijft hetzelfde." in last_letter(registered)
    assert case(registered, "A-2026-000002")["submission"]["activity"]["runs"] == DATES["activity"]["runs"]
    for number in ("A-2026-000001", "A-2026-000002"):
        assert explaining.explain(registered.app, number)["letter"]["same"]
    at(registered, "2026-10-27T11:00:00+01:00")
    assert submitted(registered, id="next", time="2026-10-27T11:00:00+01:00") == "A-2026-000003"


def test_content_that_is_rejected_leaves_the_old_valid(registered: System) -> None:
    change(registered, GOAL)
    for moment in ("2026-10-26T10:00:00+01:00", "2026-10-27T10:00:00+01:00"):
        verdict(registered, "A-2026-000002", "reject", moment, hours=None)
    assert stands(registered) == [(1, "valid")]
    assert "(nummer 10000012) blijft geldig: deze wijziging komt er niet in." in last_letter(registered)


def test_content_that_was_deferred_comes_back_about_the_same_registration(registered: System) -> None:
    change(registered, GOAL)
    for moment in ("2026-10-26T10:00:00+01:00", "2026-10-27T10:00:00+01:00"):
        verdict(registered, "A-2026-000002", "defer", moment, hours=None)
    assert "blijft intussen geldig" in last_letter(registered)
    again = {"provider_kvk": "90000102", "previous_case": "A-2026-000002"}
    at(registered, "2026-10-27T12:00:00+01:00")
    back = take_in(registered, event("act-02", again, id="back", time="2026-10-27T12:00:00+01:00")).case
    for moment in ("2026-10-28T10:00:00+01:00", "2026-10-29T10:00:00+01:00"):
        approve(registered, back or "", "6", moment)
    assert stands(registered) == [(1, "replaced"), (2, "valid")]


def test_objection_to_the_rejection_of_a_change_brings_the_new_version(registered: System) -> None:
    change(registered, GOAL)
    for moment in ("2026-10-26T10:00:00+01:00", "2026-10-27T10:00:00+01:00"):
        verdict(registered, "A-2026-000002", "reject", moment, hours=None)
    told = {"about": "decision", "grounds": "Het doel is juist beter."}
    assert follow(registered, "objected", "A-2026-000002", "2026-10-28T10:00:00+01:00", **told) == ""
    verdict(registered, "B-2026-000001", "approve", "2026-10-29T10:00:00+01:00", hours=None)
    assert case(registered, "B-2026-000001")["result"] == "founded"
    assert stands(registered) == [(1, "replaced"), (2, "valid")]


def test_objection_to_hours_that_a_change_replaced_leaves_what_replaced_them(registered: System) -> None:
    change(registered, GOAL)
    told = {"about": "hours", "grounds": "Het waren er zeven."}
    assert follow(registered, "objected", "A-2026-000001", "2026-10-24T10:00:00+02:00", **told) == ""
    for moment in ("2026-10-26T10:00:00+01:00", "2026-10-27T10:00:00+01:00"):
        approve(registered, "A-2026-000002", "5", moment)
    approve(registered, "B-2026-000001", "7", "2026-10-28T10:00:00+01:00")
    assert case(registered, "B-2026-000001")["result"] == "founded"
    assert stands(registered) == [(1, "replaced"), (2, "valid")]


def test_change_is_asked_for_once_and_nothing_else_beside_it(registered: System) -> None:
    assert change(registered, GOAL).case == change(registered, GOAL).case
    assert len(overview.cases(registered.app)) == 3  # the admission, the activity and its change
    with pytest.raises(UsageError, match="Case A-2026-000002 about registration 10000012 is open"):
        change(registered, DATES)


def test_renewal_is_judged_though_nothing_differs(registered: System) -> None:
    outcome = change(registered, {}, renew=True)
    assert outcome.case == "A-2026-000002"
    assert "De aanbieder vraagt om verlenging." in last_letter(registered)
    assert versions.versions(registered.app, "A-2026-000002")["versions"][0]["changes"] == []


def test_what_is_not_valid_or_not_the_providers_is_not_changed(registered: System) -> None:
    with pytest.raises(UsageError, match="provider_kvk is not the provider's to change"):
        change(registered, {"provider_kvk": "90000110"})
    assert stands(registered) == [(1, "valid")]


def test_dates_of_what_expired_are_not_changed(tmp_path: Path) -> None:
    home = home_with(tmp_path, ("# valid_days = 1461 ", "valid_days = 180 "))
    granted(home)
    at(home, "2027-04-21T10:00:00+02:00")
    with pytest.raises(UsageError, match="Registration 10000012 is expired"):
        change(home, DATES)
    home.app.database.close()
