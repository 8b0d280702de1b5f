"""A takeover: all that one provider had is the other's, once; its id leads there, and both journals tell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.casework import directory, merging
from pipeline.errors import NotFound, UsageError
from pipeline.store import tables
from tests.casework.events import SUBMITTED, admitted, at, case, event, take_in, verdict
from tests.stages import System, system

APPLIED = "2026-10-07T10:00:00+02:00"
ADMITTED = "2026-10-08T10:00:00+02:00"
WHY = "Fusie per 1 oktober, akte gezien."
BY = "Aletta Hoekstra"
TAKER, FORMER = "90000102", "69599068"  # KvK numbers


@pytest.fixture
def two(tmp_path: Path) -> System:
    """A home with two admitted providers: of app-02, by T-2026-000001, and of app-01, by T-2026-000002."""
    made = system(tmp_path / "home")
    admitted(made)
    at(made, APPLIED)
    number = take_in(made, event("app-01", time=APPLIED)).case
    verdict(made, str(number), "approve", ADMITTED, hours=None)
    at(made, SUBMITTED)
    return made


def submitted(home: System, kvk: str, key: str = "act") -> str:
    number = take_in(home, event("act-02", {"provider_kvk": kvk}, id=key, time=SUBMITTED)).case
    assert number is not None
    return number


def told(home: System, number: str) -> list[dict[str, Any]]:
    return [row for row in case(home, number)["journal"] if row["event"] == "taken_over"]


def test_all_that_was_the_formers_is_found_under_the_taker(two: System) -> None:
    number = submitted(two, FORMER)

    merging.merge(two.app, FORMER, TAKER, WHY, BY)

    found = directory.one(two.app, TAKER)
    assert found["name"] == "Rekenrijk Onderwijsadvies B.V."
    assert {one["kvk"] for one in found["kvks"]} == {TAKER, FORMER}
    assert [one["case"] for one in found["cases"]] == ["T-2026-000001", "T-2026-000002", number]
    assert [one["name"] for one in found["took_over"]] == ["Stichting Klankkleur in de Klas"]
    assert case(two, number)["provider"] == "Rekenrijk Onderwijsadvies B.V."


def test_both_journals_and_those_of_open_cases_tell_of_it(two: System) -> None:
    number = submitted(two, FORMER)
    former = directory.one(two.app, FORMER)["provider"]

    merging.merge(two.app, FORMER, TAKER, WHY, BY)

    for each in ("T-2026-000001", "T-2026-000002", number):
        [row] = told(two, each)
        assert (row["by"], row["facts"]["former"], row["facts"]["reason"]) == (BY, former, WHY)
    [row] = directory.one(two.app, former)["history"]
    assert (row["event"], row["by"]) == ("taken_over", BY)


def test_number_and_id_of_the_former_lead_to_the_taker(two: System) -> None:
    former, taker = (directory.one(two.app, kvk)["provider"] for kvk in (FORMER, TAKER))

    merging.merge(two.app, former, taker, WHY, BY)

    number = submitted(two, FORMER)
    assert case(two, number)["provider"] == "Rekenrijk Onderwijsadvies B.V."
    assert directory.one(two.app, FORMER)["provider"] == taker
    assert directory.one(two.app, former)["merged_into"] == taker
    assert [one["provider"] for one in directory.every(two.app)] == [taker]


def test_takeover_is_done_once_however_often_it_is_asked_for(two: System) -> None:
    former = directory.one(two.app, FORMER)["provider"]
    first = merging.merge(two.app, former, TAKER, WHY, BY)
    again = merging.merge(two.app, former, TAKER, WHY, BY)
    assert (first.is_done, again.is_done) == (False, True)
    assert len(told(two, "T-2026-000001")) == 1


def test_trying_says_what_would_change_hands_and_changes_nothing(two: System) -> None:
    number = submitted(two, FORMER)
    found = merging.plan(two.app, FORMER, TAKER)
    assert (set(found.kvks), found.open_cases) == ({FORMER}, (number,))
    assert found.counts["cases"] == 2
    assert case(two, number)["provider"] == "Stichting Klankkleur in de Klas"


def test_reviewer_who_works_for_the_former_may_not_review_for_the_taker(two: System) -> None:
    """Of r015 the list says that they work for the provider of app-01."""
    merging.merge(two.app, FORMER, TAKER, WHY, BY)
    number = submitted(two, TAKER)
    given = {"case": number, "reviewer": "r015", "hours": {"contact": "6", "self_study": "0"}}
    refusal = take_in(two, event("ver-010", given, id="r015", time=SUBMITTED)).refusal
    assert refusal is not None
    assert refusal.rule == "interest"


def test_asked_reviewer_with_a_tie_to_the_former_is_let_go_and_another_is_asked(two: System) -> None:
    number = submitted(two, TAKER)
    asked = [one["reviewer"] for one in case(two, number)["assignments"]]
    with two.app.database.writing() as connection:
        one = tables.reviewers.update().where(tables.reviewers.c.id == asked[0])
        connection.execute(one.values(interests=[FORMER]))

    merging.merge(two.app, FORMER, TAKER, WHY, BY)
    two.stage.ring()
    two.stage.rest()

    now = case(two, number)["assignments"]
    assert [one["state"] for one in now if one["reviewer"] == asked[0]] == ["released"]
    assert len([one for one in now if one["state"] == "asked"]) == len(asked)
    bodies = [letter.get_body(("plain",)) for letter in two.mailer.letters()]
    said = [" ".join(body.get_content().split()) for body in bodies if body is not None]
    assert sum("is met de aanbieder samengegaan" in one for one in said) == 1


def test_takeover_of_one_by_itself_by_a_stranger_or_by_two_is_refused(two: System) -> None:
    former = directory.one(two.app, FORMER)["provider"]
    with pytest.raises(UsageError, match="named twice"):
        merging.merge(two.app, FORMER, FORMER, WHY, BY)
    with pytest.raises(NotFound, match="There is no provider"):
        merging.merge(two.app, FORMER, "11111111", WHY, BY)
    merging.merge(two.app, FORMER, TAKER, WHY, BY)
    applied = event("app-03", time=SUBMITTED)
    third = take_in(two, applied).case
    with pytest.raises(UsageError, match="was taken over before"):
        merging.merge(two.app, former, str(third), WHY, BY)
    with pytest.raises(UsageError, match="is not admitted yet"):
        merging.merge(two.app, TAKER, str(third), WHY, BY)


def test_case_that_is_opened_while_the_provider_is_taken_over_is_the_takers(two: System) -> None:
    real, seen = two.app.unit.write, list[str]()

    def write(ops: Any) -> None:
        if not seen:
            seen.append("once")
            merging.merge(two.app, FORMER, TAKER, WHY, BY)
        real(ops)

    two.app.unit.write = write  # type: ignore[method-assign]
    number = submitted(two, FORMER)
    assert case(two, number)["provider"] == "Rekenrijk Onderwijsadvies B.V."
