"""What a forecast says of one case as time goes, and which repair it offers: the cheapest of those that help."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from typing import Any

from pipeline.casework import extending, forecasting, reviewing
from pipeline.store import rows, tables
from pipeline.store.reading import all_of
from tests.casework.events import at, case, event, take_in, verdict
from tests.casework.test_cases import escalated, submitted
from tests.stages import System

DUE = date(2026, 12, 7)  # of what is submitted on 20 October
BACK = date(2026, 12, 16)  # after that end


def on(home: System, day: str) -> None:
    """Let it be noon of a day, with nobody having been reminded."""
    at(home, f"{day}T12:00:00+01:00")


def told(home: System, number: str) -> dict[str, Any]:
    return next(one for one in forecasting.forecasts(home.app) if one["case"] == number)


def asked(home: System, number: str) -> list[str]:
    return [one["reviewer"] for one in case(home, number)["assignments"] if one["state"] == "asked"]


def listed(home: System, *, away: Collection[str] = (), left: Collection[str] = ()) -> None:
    """Import the list of reviewers with some on leave past the term, and some gone."""
    wanted = [
        replace(one, away_from=date(2026, 11, 11), away_until=BACK) if one.id in away else one
        for one in everybody(home)
        if one.id not in left
    ]
    reviewing.carry_out(home.app, reviewing.plan(home.app, wanted))


def everybody(home: System) -> list[rows.Reviewer]:
    with home.app.database.reading() as connection:
        return all_of(connection, rows.Reviewer, order=[tables.reviewers.c.id])


def half_done(home: System) -> tuple[str, str]:
    """Return a case that one of two reviewers has answered, and who has not."""
    number = submitted(home)
    verdict(home, number, "approve", "2026-11-02T10:00:00+01:00")
    return number, asked(home, number)[0]


def test_case_with_time_left_is_in_time_and_needs_no_repair(ready: System) -> None:
    number = submitted(ready)
    on(ready, "2026-10-21")

    found = told(ready, number)

    assert (found["outlook"], found["late_since"], found["repair"]) == ("in_time", None, None)
    assert (found["due_on"], found["waits_for"]) == (DUE.isoformat(), asked(ready, number))


def test_case_is_watched_before_it_is_likely_late(ready: System) -> None:
    number = submitted(ready)
    outlooks = []
    for day in range(22, 31):
        on(ready, f"2026-11-{day}")
        outlooks.append(told(ready, number)["outlook"])
    assert outlooks == sorted(outlooks, key=["in_time", "watch", "likely"].index)
    assert {"watch", "likely"} <= set(outlooks)


def test_case_whose_term_has_passed_is_late_since_the_day_after_and_no_forecast(ready: System) -> None:
    number = submitted(ready)
    on(ready, "2026-12-14")

    found = told(ready, number)

    assert (found["outlook"], found["late_since"], found["chance_late"]) == ("late", "2026-12-08", None)
    assert found["repair"]["do"] == "none"
    assert "The term ended on 2026-12-07" in found["repair"]["sentence"]
    assert forecasting.chances(ready.app) == {}


def test_review_of_somebody_on_leave_goes_to_another_who_is_free(ready: System) -> None:
    number, slow = half_done(ready)
    listed(ready, away={slow})
    on(ready, "2026-11-16")

    repair = told(ready, number)["repair"]

    assert (repair["do"], repair["until"]) == ("reassign", None)
    assert repair["who"] not in {one["reviewer"] for one in case(ready, number)["assignments"]}
    assert repair["sentence"].startswith(f"Let {slow}, asked on 2026-10-20, give it back")


def test_who_is_offered_is_who_is_asked_once_the_review_is_given_back(ready: System) -> None:
    number, slow = half_done(ready)
    listed(ready, away={slow})
    on(ready, "2026-11-16")
    offered = told(ready, number)["repair"]["who"]

    verdict(ready, number, "recuse", "2026-11-16T13:00:00+01:00", hours=None, motivation=None, scores={})

    assert asked(ready, number) == [offered]


def test_reviewer_who_works_for_the_provider_is_never_offered(ready: System) -> None:
    number, slow = half_done(ready)
    fit = {one["reviewer"] for one in case(ready, number)["assignments"]} | {"r004"}  # of this provider
    others = {one.id for one in everybody(ready)} - fit
    listed(ready, away={slow}, left=others)
    on(ready, "2026-11-16")

    assert told(ready, number)["repair"]["do"] == "extend"


def test_another_reviewer_for_whom_there_is_no_time_left_is_not_offered(ready: System) -> None:
    number, slow = half_done(ready)
    listed(ready, away={slow})
    on(ready, "2026-12-07")

    repair = told(ready, number)["repair"]

    assert (repair["do"], repair["who"]) == ("extend", None)
    assert date.fromisoformat(repair["until"]) > DUE


def test_extension_that_is_offered_can_be_made_and_keeps_the_term(ready: System) -> None:
    number = submitted(ready)
    on(ready, "2026-12-04")
    until = date.fromisoformat(told(ready, number)["repair"]["until"])

    extending.extend(ready.app, number, until, "Een beoordelaar is ziek.", "Ineke Vermeer")

    found = told(ready, number)
    assert (found["due_on"], found["outlook"]) == (until.isoformat(), "in_time")
    assert found["repair"] is None


def test_term_that_was_extended_already_is_not_to_be_extended_again(ready: System) -> None:
    number = submitted(ready)
    extending.extend(ready.app, number, date(2026, 12, 14), "Een beoordelaar is ziek.", "Ineke Vermeer")
    on(ready, "2026-12-14")

    repair = told(ready, number)["repair"]

    assert repair["do"] == "none"
    assert "The term may be extended once, and was, to 2026-12-14" in repair["sentence"]


def test_case_for_which_nobody_is_in_sight_needs_another_reviewer(ready: System) -> None:
    listed(ready, left={one.id for one in everybody(ready)})
    number = submitted(ready)

    found = told(ready, number)

    assert (found["state"], found["chance_late"], found["waits_for"]) == ("complete", 1.0, [])
    assert found["repair"]["do"] == "none"
    assert "find another reviewer" in found["repair"]["sentence"]


def test_commission_is_asked_to_decide_what_reviewers_left_open(ready: System) -> None:
    number = escalated(ready)
    due = case(ready, number)["due_on"]
    at(ready, f"{due}T08:00:00+01:00")

    repair = told(ready, number)["repair"]

    assert (repair["do"], repair["who"], repair["until"]) == ("decide", "Aletta Hoekstra", due)
    assert repair["sentence"].startswith(f"Ask Aletta Hoekstra to decide by {due}")


def test_commission_that_is_late_is_asked_to_decide_now(ready: System) -> None:
    number = escalated(ready)
    on(ready, "2026-12-20")

    found = told(ready, number)

    assert found["outlook"] == "late"
    assert found["repair"]["sentence"].startswith("Ask Aletta Hoekstra to decide now: the term ended on")


def test_case_that_waits_for_its_supplement_counts_from_when_that_is_due(ready: System) -> None:
    made = event("act-07", {"provider_kvk": "90000102"}, time="2026-10-20T10:00:00+02:00")
    number = take_in(ready, made).case

    found = told(ready, str(number))

    assert (found["state"], found["outlook"], found["waits_for"]) == ("incomplete", "in_time", [])


def test_late_cases_come_first_and_then_the_likeliest(ready: System) -> None:
    first, later = submitted(ready), "2026-11-10T10:00:00+01:00"
    at(ready, later)
    second = submitted(ready, id="act-02-b", time=later)
    on(ready, "2026-12-12")
    assert [one["case"] for one in forecasting.forecasts(ready.app)] == [first, second]
