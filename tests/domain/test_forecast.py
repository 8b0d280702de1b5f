"""The forecast: chances from what was seen, the time that has passed, a reviewer's pace and leave."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain import forecast
from pipeline.domain.assignment import Reviewer, Waiting
from pipeline.domain.forecast import DECISION_PRIOR, REVIEW_PRIOR, Durations, Forecaster, History, Open, Work
from pipeline.domain.lifecycle import Kind
from pipeline.domain.seats import Seats

TODAY = date(2026, 3, 2)
DUE = date(2026, 3, 20)
DAY = timedelta(days=1)
SEEN = tuple(float(days) for days in (3, 5, 6, 7, 8, 9, 10, 12, 15, 21))


def _with(seen: tuple[float, ...] = SEEN, **more: object) -> Forecaster:
    history = History(Durations(seen, REVIEW_PRIOR), Durations((), DECISION_PRIOR), **more)  # type: ignore[arg-type]
    return Forecaster(TODAY, history, lambda day: False)


def _open(*work: Work, due: date = DUE) -> Open:
    return Open("A-2026-000001", due, work)


@given(st.lists(st.floats(0, 90), max_size=20), st.integers(0, 60), st.integers(0, 90))
def test_chance_is_one_and_grows_with_time(seen: list[float], elapsed: int, more: int) -> None:
    durations = Durations(tuple(seen), REVIEW_PRIOR)
    assert 0 <= durations.within(more, elapsed) <= durations.within(more + 1, elapsed) <= 1


def test_many_observations_outweigh_the_prior() -> None:
    assert (
        Durations((30.0,) * 200, REVIEW_PRIOR).within(20) < 0.1 < 0.8 < Durations((), REVIEW_PRIOR).within(20)
    )


def test_case_whose_term_has_passed_is_surely_late() -> None:
    assert _with().chance(_open(due=TODAY - DAY)) == 0


def test_more_answers_waited_for_make_a_case_later() -> None:
    one, two = Work(TODAY, "r1"), Work(TODAY, "r2")
    assert _with().chance(_open(one, two)) < _with().chance(_open(one))


def test_leave_before_the_deadline_makes_a_case_later() -> None:
    away = Work(TODAY, "r1", (TODAY + DAY, DUE - 3 * DAY))
    assert _with().chance(_open(away)) < 0.5 < _with().chance(_open(Work(TODAY, "r1")))


def test_slow_reviewer_makes_a_case_later() -> None:
    slow = forecast.paces([("r1", 30.0)] * 10 + [("r2", 3.0)] * 30)
    assert slow["r1"] > 1 > slow["r2"]
    assert _with(paces=slow).chance(_open(Work(TODAY, "r1"))) < _with(paces=slow).chance(
        _open(Work(TODAY, "r2"))
    )


def test_one_short_review_moves_a_pace_little() -> None:
    assert 0.7 < forecast.paces([("r1", 1.0), *[("r2", 9.0)] * 5])["r1"] < 1


def test_possible_disagreement_makes_a_case_later() -> None:
    case = _open(Work(TODAY, "r1"))
    assert _with(differ=0.5).chance(Open(case.number, DUE, case.work, may_differ=True)) < _with().chance(case)


def test_commission_that_has_to_decide_is_waited_for() -> None:
    case = Open("A-2026-000001", DUE, decides_since=TODAY)
    assert _with().chance(case, TODAY) < _with().chance(case, DUE)


def test_sure_day_lies_after_the_deadline_and_is_sure() -> None:
    case = _open(Work(TODAY, "r1"), due=TODAY + DAY)
    day = _with().sure_by(case)
    assert day is not None
    assert day > case.due_on
    assert _with().chance(case, day - DAY) < forecast.SURE <= _with().chance(case, day)


def test_slowest_is_who_is_away() -> None:
    away = Work(TODAY, "r1", (TODAY, DUE))
    assert _with().slowest(_open(Work(TODAY, "r2"), away)) == away


def _reviewer(key: str, capacity: int, away: tuple[date, date] | None = None) -> Reviewer:
    since, until = away or (None, None)
    return Reviewer(key, key, frozenset({"po"}), frozenset({"subject"}), None, capacity, since, until, 0)


WAITING = Waiting("c1", "A-2026-000001", Kind.ACTIVITY, False, frozenset({"po"}), "subject", 1, frozenset())


def test_reviewer_without_capacity_is_free_when_the_oldest_question_leaves_the_window() -> None:
    seats = Seats([_reviewer("r1", 1)], {"r1": [TODAY - 10 * DAY]}, 28 * DAY, TODAY)
    assert [day for day, _ in seats.able(WAITING)] == [TODAY + 18 * DAY]


def test_reviewer_on_leave_is_free_the_day_after() -> None:
    seats = Seats([_reviewer("r1", 4, (TODAY, TODAY + 5 * DAY))], {}, 28 * DAY, TODAY)
    assert [day for day, _ in seats.able(WAITING)] == [TODAY + 6 * DAY]


def test_seat_that_was_taken_is_not_free_for_the_next_case() -> None:
    seats = Seats([_reviewer("r1", 1)], {}, 28 * DAY, TODAY)
    assert [day for day, _ in (*seats.take(WAITING), *seats.take(WAITING))] == [TODAY, TODAY + 28 * DAY]
