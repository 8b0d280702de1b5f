"""Why these and not others: which rule, what cost, and what would change it."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given

from pipeline.domain.assignment import solve
from pipeline.domain.eligibility import Fact, Reviewer, Rule, Waiting
from pipeline.domain.explanation import NEAREST, Explanation, Other, explain
from pipeline.domain.policy import Assigning
from tests.domain.test_assignment import CASE, RULES, TODAY, reviewers, rounds

NOBODY: frozenset[str] = frozenset()


def explained(people: list[Reviewer], case: Waiting = CASE, others: tuple[Waiting, ...] = ()) -> Explanation:
    return explain(solve([case, *others], people, TODAY, RULES), case.case_id)


def test_chosen_are_told_with_what_they_cost() -> None:
    found = explained(reviewers(0, 1), replace(CASE, sectors=frozenset({"po", "vo"})))
    assert found.why == {"r1": {"load": 25, "sector": 30}, "r2": {"load": 75, "sector": 30}}


def test_others_are_told_by_the_rule_that_stands_first_in_their_way() -> None:
    stranger = replace(reviewers(4)[0], id="r9", sectors=frozenset({"vo"}))
    found = explained([*reviewers(0, 0, 4, 4), stranger])
    assert found.why_not == {Rule.SECTOR: ["r9"], Rule.CAPACITY: ["r3", "r4"]}


def test_who_costs_more_is_told_in_whose_place_and_for_which_reasons() -> None:
    found = explained(reviewers(0, 1, 2), replace(CASE, met={"r2": 1}))
    assert found.nearest == {"r3": Other("r2", {"load": 50, "same_provider": -20})}


def test_only_the_nearest_are_told_with_their_costs() -> None:
    found = explained(reviewers(*[0] * 9, capacity=9))
    assert list(found.nearest) == ["r3", "r4", "r5", "r6", "r7"]
    assert len(found.nearest) == NEAREST
    assert found.others == ["r8", "r9"]


def test_whose_last_place_went_to_another_case_is_told_so() -> None:
    met = {"r2": 9, "r3": 9}
    urgent = replace(CASE, case_id="c2", number="A-2026-000002", places=1, due_on=TODAY, met=met)
    assert explained(reviewers(3, 0, 0), CASE, (urgent,)).why_not == {Rule.TAKEN: ["r1"]}


def test_what_is_not_known_of_the_chosen_is_to_be_confirmed() -> None:
    found = explained([replace(one, earlier_kvks=None) for one in reviewers(0)], replace(CASE, places=1))
    assert found.confirm == {"r1": (Fact.EARLIER_EMPLOYERS,)}


def test_rule_that_keeps_most_away_all_by_itself_stands_in_the_way() -> None:
    people = [replace(one, sectors=frozenset({"vo"}), capacity=1, load=1) for one in reviewers(1, 1, 1)]
    away = [replace(reviewers(0)[0], id=f"r{each}", away_from=TODAY) for each in (7, 8)]
    found = explained([*people, *away])
    assert found.gains == {Rule.AWAY: ["r7", "r8"]}
    assert found.in_the_way is Rule.AWAY


def test_where_no_rule_alone_keeps_anybody_away_it_is_that_of_most() -> None:
    people = [replace(one, sectors=frozenset({"vo"}), categories=NOBODY) for one in reviewers(0, 0, 4)]
    found = explained(people)
    assert found.gains == {}
    assert found.in_the_way is Rule.SECTOR


def test_case_that_lost_its_reviewers_to_a_more_urgent_one_says_so() -> None:
    urgent = replace(CASE, case_id="c2", number="A-2026-000002", due_on=TODAY)
    found = explained(reviewers(3, 3), CASE, (urgent,))
    assert found.in_the_way is Rule.TAKEN
    assert found.gains == {Rule.TAKEN: ["r1", "r2"]}


def test_nobody_stands_in_the_way_of_a_case_that_got_its_reviewers() -> None:
    assert explained(reviewers(0, 0, 4)).in_the_way is None


def test_without_reviewers_there_is_no_rule_to_name() -> None:
    assert explained([]).in_the_way is None


@given(rounds())
def test_nobody_else_would_have_cost_less_and_everybody_is_told_once(
    made: tuple[list[Waiting], list[Reviewer], Assigning],
) -> None:
    waiting, people, rules = made
    solved = solve(waiting, people, TODAY, rules)
    for case in waiting:
        found = explain(solved, case.case_id)
        assert all(sum(other.more.values()) >= 0 for other in found.nearest.values())
        kept_away = [key for ids in found.why_not.values() for key in ids]
        told = [*found.why, *kept_away, *found.nearest, *found.others]
        assert sorted(told) == sorted(one.id for one in people)


def test_five_hundred_reviewers_are_told_briefly() -> None:
    people = [replace(one, id=f"r{count:03d}") for count, one in enumerate(reviewers(*[0] * 500))]
    found = explained(people)
    assert len(found.nearest) == NEAREST
    assert sum(map(len, found.others)) < 3000
