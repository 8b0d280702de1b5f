"""Hard rules keep reviewers from a case; of the others the least loaded are asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.assignment import Reviewer, Waiting, obstacle, solve
from pipeline.domain.lifecycle import Kind

TODAY = date(2026, 11, 24)
REVIEWER = Reviewer(
    id="r1",
    name="Joke Hermans",
    sectors=frozenset({"po", "so"}),
    categories=frozenset({"didactic"}),
    employer_kvk="90100101",
    capacity=4,
    away_from=None,
    away_until=None,
    load=0,
)
CASE = Waiting(
    case_id="c1",
    number="A-2026-000001",
    kind=Kind.ACTIVITY,
    about_admission=False,
    sectors=frozenset({"po", "vo"}),
    category="didactic",
    places=2,
    provider_kvks=frozenset({"69599068"}),
)


def reviewers(*loads: int, **changes: Any) -> list[Reviewer]:
    """Return r1, r2 ... with these loads."""
    return [
        replace(REVIEWER, id=f"r{number}", load=load, **changes) for number, load in enumerate(loads, start=1)
    ]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"employer_kvk": "69599068"}, "works for the provider (KvK number)"),
        ({"employer_kvk": None}, None),
        ({"employer_kvk": ""}, None),
        ({"sectors": frozenset({"mbo"})}, "no sector in common"),
        ({"categories": frozenset({"subject"})}, "not the category of the activity"),
        ({"away_from": TODAY}, "away"),
        ({"away_until": TODAY}, "away"),
        ({"away_from": date(2026, 11, 1), "away_until": date(2026, 11, 23)}, None),
        ({"away_from": date(2026, 11, 25)}, None),
        ({"load": 3}, None),
        ({"load": 4}, "has no capacity left in these four weeks"),
        ({"capacity": 0}, "has no capacity left in these four weeks"),
    ],
)
def test_hard_rule_keeps_a_reviewer_from_a_case(changes: dict[str, Any], reason: str | None) -> None:
    reviewer = replace(REVIEWER, **changes)
    assert obstacle(CASE, reviewer, reviewer.load, TODAY) == reason


@pytest.mark.parametrize(
    ("kind", "about_admission", "reason"),
    [
        (Kind.ADMISSION, False, None),
        (Kind.ADMISSION, True, None),
        (Kind.OBJECTION, True, None),
        (Kind.OBJECTION, False, "no sector in common"),
    ],
)
def test_anyone_may_judge_an_admission_and_an_objection_to_one(
    kind: Kind, about_admission: bool, reason: str | None
) -> None:
    case = replace(CASE, kind=kind, about_admission=about_admission, sectors=frozenset(), category=None)
    assert obstacle(case, REVIEWER, 0, TODAY) == reason


def test_reviewer_who_was_asked_before_is_not_asked_again() -> None:
    case = replace(CASE, excluded={"r1": "recused"})
    assert obstacle(case, REVIEWER, 0, TODAY) == "recused"


def test_least_loaded_are_asked_and_the_choice_is_explained() -> None:
    [choice] = solve([CASE], [*reviewers(2, 0, 1), replace(REVIEWER, id="r4", sectors=frozenset())], TODAY)
    assert choice.reviewers == ("r2", "r3")
    assert choice.why == {"r2": "has 0 of 4 cases in four weeks", "r3": "has 1 of 4 cases in four weeks"}
    assert choice.why_not == {"r4": "no sector in common", "r1": "has 2 of 4 cases in four weeks"}


def test_load_is_measured_by_capacity() -> None:
    roomy, tight = (
        replace(REVIEWER, id="r1", capacity=10, load=2),
        replace(REVIEWER, id="r2", capacity=4, load=1),
    )
    [choice] = solve([replace(CASE, places=1)], [tight, roomy], TODAY)
    assert choice.reviewers == ("r1",)


def test_of_equal_load_the_first_by_id_is_asked() -> None:
    [choice] = solve([CASE], list(reversed(reviewers(1, 1, 1))), TODAY)
    assert choice.reviewers == ("r1", "r2")


def test_too_few_reviewers_are_not_asked_at_all() -> None:
    [choice] = solve([CASE], reviewers(0, 4), TODAY)
    assert choice.reviewers == ()
    assert choice.why == {}
    assert choice.why_not == {
        "r1": "has 0 of 4 cases in four weeks",
        "r2": "has no capacity left in these four weeks",
    }


def test_cases_are_solved_together_in_the_order_of_their_numbers() -> None:
    cases = [replace(CASE, case_id=f"c{n}", number=f"A-2026-00000{n}", places=1) for n in (3, 1, 2)]
    choices = solve(cases, reviewers(0, 0, capacity=1), TODAY)
    assert [(choice.case_id, choice.reviewers) for choice in choices] == [
        ("c1", ("r1",)),
        ("c2", ("r2",)),
        ("c3", ()),
    ]


@given(st.lists(st.integers(1, 3), max_size=12), st.lists(st.integers(0, 4), max_size=6), st.data())
def test_nobody_gets_more_than_their_capacity_and_order_does_not_matter(
    places: list[int], loads: list[int], data: st.DataObject
) -> None:
    cases = [
        replace(CASE, case_id=f"c{n}", number=f"A-2026-{n:06d}", places=count)
        for n, count in enumerate(places)
    ]
    people = reviewers(*loads)

    choices = solve(cases, people, TODAY)

    mixed = data.draw(st.permutations(cases)), data.draw(st.permutations(people))
    assert solve(*mixed, TODAY) == choices
    for reviewer in people:
        taken = sum(reviewer.id in choice.reviewers for choice in choices)
        assert reviewer.load + taken <= reviewer.capacity
    assert all(
        len(set(choice.reviewers)) in (0, case.places) for case, choice in zip(cases, choices, strict=True)
    )


@given(st.integers(1, 12))
def test_work_is_spread_evenly(count: int) -> None:
    cases = [replace(CASE, case_id=f"c{n}", number=f"A-2026-{n:06d}", places=2) for n in range(count)]
    choices = solve(cases, reviewers(0, 0, 0, 0, capacity=10), TODAY)
    loads = [sum(f"r{n}" in choice.reviewers for choice in choices) for n in range(1, 5)]
    assert max(loads) - min(loads) <= 1
