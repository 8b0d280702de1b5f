"""Who will be free for the cases that wait: as assignment has it, only later."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from pipeline.domain.assignment import solve
from pipeline.domain.eligibility import Reviewer, Waiting
from pipeline.domain.lifecycle import Kind
from pipeline.domain.policy import Assigning
from pipeline.domain.seats import Seats

TODAY = date(2026, 3, 2)
DAY = timedelta(days=1)
RULES = Assigning()
WINDOW = 28 * DAY
WAITING = Waiting("c1", "A-2026-000001", Kind.ACTIVITY, False, frozenset({"po"}), "subject", 1, frozenset())
SECOND = replace(WAITING, case_id="c2", number="A-2026-000002")


def _reviewer(key: str, capacity: int = 4, away: tuple[date, date] | None = None) -> Reviewer:
    since, until = away or (None, None)
    return Reviewer(key, key, frozenset({"po"}), frozenset({"subject"}), None, capacity, since, until, 0)


def _seats(*reviewers: Reviewer, asked: dict[str, list[date]] | None = None) -> Seats:
    return Seats(reviewers, asked or {}, WINDOW, TODAY, RULES)


def _days(seats: Seats, *cases: Waiting) -> dict[str, list[tuple[date, str]]]:
    found = seats.settle([(TODAY, case) for case in cases])
    return {case: [(seat.day, seat.reviewer.id) for seat in taken] for case, taken in found.items()}


def test_reviewer_without_capacity_is_free_when_the_oldest_question_leaves_the_window() -> None:
    seats = _seats(_reviewer("r1", 1), asked={"r1": [TODAY - 10 * DAY]})
    assert [seat.day for seat in seats.able(WAITING)] == [TODAY + 18 * DAY]
    assert _days(seats, WAITING) == {"c1": [(TODAY + 18 * DAY, "r1")]}


def test_reviewer_on_leave_is_free_the_day_after() -> None:
    seats = _seats(_reviewer("r1", away=(TODAY, TODAY + 5 * DAY)))
    assert [seat.day for seat in seats.able(WAITING)] == [TODAY + 6 * DAY]
    assert _days(seats, WAITING) == {"c1": [(TODAY + 6 * DAY, "r1")]}


def test_seat_that_was_taken_is_not_free_for_the_next_case() -> None:
    found = _days(_seats(_reviewer("r1", 1)), SECOND, WAITING)
    assert found == {"c1": [(TODAY, "r1")], "c2": [(TODAY + 28 * DAY, "r1")]}


def test_case_that_lacks_two_waits_until_both_are_free() -> None:
    seats = _seats(_reviewer("r1"), _reviewer("r2", away=(TODAY, TODAY + 2 * DAY)))
    later = TODAY + 3 * DAY
    assert _days(seats, replace(WAITING, places=2)) == {"c1": [(later, "r1"), (later, "r2")]}


def test_case_that_lacks_two_does_not_keep_one_from_the_next() -> None:
    seats = _seats(_reviewer("r1", 1), _reviewer("r2", away=(TODAY, TODAY + 2 * DAY)))
    found = _days(seats, replace(WAITING, places=2), SECOND)
    assert found["c2"] == [(TODAY, "r1")]
    assert found["c1"][0][0] == TODAY + 28 * DAY


def test_case_for_whom_nobody_may_judge_stays_out() -> None:
    assert _days(_seats(_reviewer("r1")), replace(WAITING, category="general")) == {}


def test_case_that_is_asked_to_complete_takes_no_seat_before_it_can() -> None:
    later = TODAY + 9 * DAY
    found = _seats(_reviewer("r1")).settle([(later, WAITING)])
    assert [seat.day for seat in found["c1"]] == [later]


def test_soonest_is_the_first_day_on_which_anybody_is_free() -> None:
    seats = _seats(_reviewer("r1", away=(TODAY, TODAY + DAY)), _reviewer("r2", away=(TODAY, TODAY + 3 * DAY)))
    assert seats.soonest(WAITING) == TODAY + 2 * DAY
    assert seats.soonest(replace(WAITING, category="general")) is None


def test_who_has_the_least_to_do_of_those_free_first_is_asked_next() -> None:
    reviewers = [_reviewer("r1"), _reviewer("r2"), _reviewer("r3", away=(TODAY, TODAY))]
    seats = _seats(*reviewers, asked={"r1": [TODAY]})
    assert [seat.reviewer.id for seat in seats.able(WAITING)] == ["r2", "r1", "r3"]
    loaded = [replace(one, load=load) for one, load in zip(reviewers, (1, 0, 0), strict=True)]
    assert solve([WAITING], loaded, TODAY, RULES).chosen == {"c1": ("r2",)}


def test_seats_of_today_are_those_that_assignment_gives() -> None:
    reviewers = [_reviewer(f"r{number}", capacity) for number, capacity in enumerate((2, 5, 3))]
    asked = {"r0": [TODAY - DAY], "r1": [TODAY - DAY, TODAY - 2 * DAY], "r2": []}
    cases = [replace(WAITING, case_id=f"c{one}", number=f"A-2026-00000{one}", places=2) for one in range(4)]
    loaded = [replace(one, load=len(asked[one.id])) for one in reviewers]
    solved = solve(cases, loaded, TODAY, RULES)

    found = _seats(*reviewers, asked=asked).settle([(TODAY, case) for case in cases])

    taken = [seat.reviewer.id for seats in found.values() for seat in seats if seat.day == TODAY]
    assert {case for case, seats in found.items() if seats[0].day == TODAY} == {
        case for case, chosen in solved.chosen.items() if chosen
    }
    assert [taken.count(one.id) for one in reviewers] == solved.given
