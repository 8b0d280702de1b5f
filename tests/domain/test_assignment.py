"""All waiting cases get their reviewers together: the most urgent first, then at the lowest cost that there is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.assignment import Round, solve
from pipeline.domain.eligibility import Panel, Reviewer, Waiting
from pipeline.domain.lifecycle import Kind
from pipeline.domain.policy import Assigning, Costs
from pipeline.domain.weighing import Weighing, of_load

TODAY = date(2026, 11, 24)
DAY = timedelta(days=1)
RULES = Assigning()
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
    domain="dewilgenroos.example",
    earlier_kvks=frozenset(),
    interest_kvks=frozenset(),
)
CASE = Waiting(
    case_id="c1",
    number="A-2026-000001",
    kind=Kind.ACTIVITY,
    about_admission=False,
    sectors=frozenset({"po"}),
    category="didactic",
    places=2,
    provider_kvks=frozenset({"69599068"}),
    due_on=TODAY + 30 * DAY,
    review_by=TODAY + 20 * DAY,
)


def reviewers(*loads: int, **changes: Any) -> list[Reviewer]:
    """Return r1, r2 ... with these loads."""
    return [
        replace(REVIEWER, id=f"r{number}", load=load, **changes) for number, load in enumerate(loads, start=1)
    ]


def cases(count: int, **changes: Any) -> list[Waiting]:
    """Return c1, c2 ... that differ in their numbers alone."""
    return [
        replace(CASE, case_id=f"c{each}", number=f"A-2026-{each:06d}", **changes)
        for each in range(1, count + 1)
    ]


def chosen(
    waiting: Sequence[Waiting], people: Sequence[Reviewer], **costs: int
) -> dict[str, tuple[str, ...]]:
    """Return who is chosen where only these reasons cost anything."""
    free = dict.fromkeys(Costs.model_fields, 0)
    rules = Assigning(costs=Costs(**{**free, **costs}))
    return dict(solve(waiting, people, TODAY, rules).chosen)


def test_least_loaded_are_asked() -> None:
    assert chosen([CASE], reviewers(2, 0, 1), load=100) == {"c1": ("r2", "r3")}


def test_load_is_measured_by_capacity() -> None:
    roomy, tight = replace(REVIEWER, capacity=10, load=2), replace(REVIEWER, id="r2", load=1)
    assert chosen([replace(CASE, places=1)], [tight, roomy], load=100) == {"c1": ("r1",)}


def test_load_costs_more_with_each_case() -> None:
    assert [of_load(REVIEWER, count, RULES) for count in (1, 2, 3, 4)] == [25, 75, 125, 175]


def test_work_is_spread_evenly() -> None:
    found = solve(cases(7), reviewers(0, 0, 0, 0, capacity=10), TODAY, RULES)
    assert sorted(found.given) == [3, 3, 4, 4]


def test_of_equal_cost_the_first_by_id_are_asked() -> None:
    assert chosen([CASE], list(reversed(reviewers(1, 1, 1))), load=100) == {"c1": ("r1", "r2")}


def test_who_knows_all_sectors_is_asked_rather() -> None:
    case = replace(CASE, places=1, sectors=frozenset({"po", "vo"}))
    both = replace(REVIEWER, id="r2", sectors=frozenset({"po", "vo"}))
    assert chosen([case], [REVIEWER, both], sector=1) == {"c1": ("r2",)}


def test_who_judges_little_else_is_asked_rather() -> None:
    broad = replace(REVIEWER, categories=frozenset({"didactic", "subject"}))
    assert chosen([replace(CASE, places=1)], [broad, replace(REVIEWER, id="r2")], other_category=1) == {
        "c1": ("r2",)
    }


def test_who_goes_on_leave_soon_is_asked_less_the_longer_it_is() -> None:
    soon = [
        replace(REVIEWER, id=f"r{days}", away_from=TODAY + DAY, away_until=TODAY + days * DAY)
        for days in (9, 5, 1)
    ]
    assert chosen([CASE], soon, leave=100) == {"c1": ("r1", "r5")}


def test_leave_after_the_review_costs_nothing() -> None:
    later = replace(REVIEWER, away_from=TODAY + 21 * DAY, away_until=TODAY + 40 * DAY)
    assert chosen([replace(CASE, places=1)], [later, replace(REVIEWER, id="r2")], leave=100) == {
        "c1": ("r1",)
    }


def test_resubmission_goes_to_those_who_judged_the_round_before() -> None:
    case = replace(CASE, earlier_round=frozenset({"r2", "r3"}))
    assert chosen([case], reviewers(0, 3, 3), load=100, continuity=200) == {"c1": ("r2", "r3")}


def test_who_was_asked_about_the_same_provider_is_asked_less() -> None:
    case = replace(CASE, met={"r1": 3, "r2": 1})
    assert chosen([case], reviewers(0, 0, 0), same_provider=20) == {"c1": ("r2", "r3")}


def test_who_has_nothing_left_to_confirm_is_asked_rather() -> None:
    unknown = replace(REVIEWER, employer_kvk=None, interest_kvks=None)
    assert chosen([replace(CASE, places=1)], [unknown, replace(REVIEWER, id="r2")], unconfirmed=1) == {
        "c1": ("r2",)
    }


def test_too_few_reviewers_are_not_asked_at_all() -> None:
    assert chosen([CASE], reviewers(0, 4)) == {"c1": ()}


def test_fewest_days_left_go_first_then_the_number() -> None:
    waiting = [replace(case, places=1) for case in cases(3)]
    waiting[2] = replace(waiting[2], due_on=TODAY + 5 * DAY)
    assert chosen(waiting, reviewers(3, 4)) == {"c1": (), "c2": (), "c3": ("r1",)}
    assert chosen(waiting, reviewers(3, 3))["c2"] == ()


def test_urgent_case_is_not_passed_over_for_two_others() -> None:
    waiting = [replace(CASE, due_on=TODAY), *(replace(case, places=1) for case in cases(3)[1:])]
    assert chosen(waiting, reviewers(3, 3)) == {"c1": ("r1", "r2"), "c2": (), "c3": ()}


def test_case_that_cannot_be_served_leaves_its_reviewers_to_others() -> None:
    waiting = [replace(CASE, due_on=TODAY), replace(CASE, case_id="c2", number="A-2026-000002", places=1)]
    assert chosen(waiting, reviewers(3)) == {"c1": (), "c2": ("r1",)}


def test_specialist_is_kept_for_the_case_that_nobody_else_can_judge() -> None:
    general = replace(REVIEWER, capacity=1, load=0)
    other = replace(general, id="r2", sectors=frozenset({"po"}))
    waiting = [
        replace(CASE, places=1, due_on=TODAY),
        replace(CASE, case_id="c2", number="A-2026-000002", places=1, sectors=frozenset({"so"})),
    ]
    assert chosen(waiting, [general, other]) == {"c1": ("r2",), "c2": ("r1",)}


SETS = st.frozensets(st.sampled_from(["po", "vo"]), min_size=1)


@st.composite
def rounds(draw: st.DrawFn) -> tuple[list[Waiting], list[Reviewer], Assigning]:
    """Return few cases and few reviewers, of whom there are often not enough."""
    people = [
        replace(
            REVIEWER,
            id=f"r{number}",
            sectors=draw(SETS),
            employer_kvk=draw(st.sampled_from(["1", "2", None])),
            capacity=draw(st.integers(1, 3)),
            load=draw(st.integers(0, 2)),
        )
        for number in range(draw(st.integers(0, 4)))
    ]
    waiting = [
        replace(
            case,
            places=draw(st.integers(1, 2)),
            sectors=draw(SETS),
            provider_kvks=frozenset({draw(st.sampled_from(["1", "2", "3"]))}),
            due_on=TODAY + DAY * draw(st.integers(0, 2)),
            met={f"r{draw(st.integers(0, 3))}": draw(st.integers(1, 3))},
        )
        for case in cases(draw(st.integers(0, 4)))
    ]
    weights = {name: draw(st.integers(0, 9)) for name in ("load", "sector", "same_provider", "unconfirmed")}
    return waiting, people, Assigning(costs=Costs(**weights))


def everything(
    able: Sequence[list[int]], needed: Sequence[int], room: list[int]
) -> Iterator[list[tuple[int, ...]]]:
    """Yield every way to give cases all that they need or nothing."""
    if not able:
        yield []
        return
    for seats in [(), *combinations(able[0], needed[0])]:
        left = [count - (place in seats) for place, count in enumerate(room)]
        if min(left, default=0) >= 0:
            yield from ([seats, *rest] for rest in everything(able[1:], needed[1:], left))


def best(waiting: list[Waiting], people: list[Reviewer], rules: Assigning) -> tuple[list[bool], int, int]:
    """Return by trying everything who is served, at what cost, and how late by id those asked are in all."""
    panel = Panel(people, TODAY, rules)
    weighing, order = Weighing(panel, TODAY, rules), sorted(waiting, key=lambda case: case.urgency)
    able = [[place for place in range(len(people)) if panel.able(case) >> place & 1] for case in order]
    room = [max(one.capacity - one.load, 0) for one in panel.reviewers]

    def rated(seated: list[tuple[int, ...]]) -> tuple[list[bool], int, int]:
        cost = sum(
            int(weighing.of(case)[seat]) for case, seats in zip(order, seated, strict=True) for seat in seats
        )
        for place, one in enumerate(panel.reviewers):
            taken = sum(place in seats for seats in seated)
            cost += sum(of_load(one, one.load + count, rules) for count in range(1, taken + 1))
        return [not seats for seats in seated], cost, sum(map(sum, seated))

    return min(map(rated, everything(able, [case.places for case in order], room)))


@given(rounds())
def test_nothing_is_better_than_what_is_chosen(made: tuple[list[Waiting], list[Reviewer], Assigning]) -> None:
    found = solve(made[0], made[1], TODAY, made[2])
    assert ([not seats for seats in found.seated], found.cost, sum(map(sum, found.seated))) == best(*made)


@given(rounds(), st.data())
def test_order_in_which_cases_and_reviewers_come_does_not_matter(
    made: tuple[list[Waiting], list[Reviewer], Assigning], data: st.DataObject
) -> None:
    waiting, people, rules = made
    mixed: Round = solve(
        data.draw(st.permutations(waiting)), data.draw(st.permutations(people)), TODAY, rules
    )
    assert mixed.chosen == solve(waiting, people, TODAY, rules).chosen
