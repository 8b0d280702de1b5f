"""The forecast: chances from what is waited for, the time that has passed, speed, reminders and leave."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from pipeline.domain import forecast
from pipeline.domain.durations import Durations, Spell
from pipeline.domain.experience import History
from pipeline.domain.forecast import LIKELY, WATCH, Forecaster, Open, Outlook, Work, outlook
from pipeline.domain.workdays import WorkDays

TODAY = date(2026, 3, 2)
DUE = date(2026, 3, 20)
DAY = timedelta(days=1)
SEEN = tuple(Spell(float(days), is_over=True) for days in (3, 5, 6, 7, 8, 9, 10, 12, 15, 21)) * 5
QUICK = tuple(Spell(float(days), is_over=True) for days in (1, 1, 2)) * 20
HISTORY = History(Durations(SEEN, 12), Durations(QUICK, 5), Durations((), 7), recused=0.0)


def _with(**more: object) -> Forecaster:
    return Forecaster(TODAY, replace(HISTORY, **more), WorkDays(TODAY, lambda day: 0.0))  # type: ignore[arg-type]


def _open(*work: Work, due: date = DUE) -> Open:
    return Open("A-2026-000001", due, work)


def test_case_whose_term_has_passed_is_surely_late() -> None:
    assert _with().chance(_open(due=TODAY - DAY)) == 0


def test_today_is_still_ahead() -> None:
    asked = Work(TODAY - 7 * DAY, "r1")
    assert _with().chance(_open(asked, due=TODAY)) > 0


def test_chance_grows_with_every_day_of_the_term() -> None:
    case = Open("A-2026-000001", DUE, (Work(TODAY, "r1"), Work(TODAY - DAY, "r2")), may_differ=True)
    chances = [_with(recused=0.05).chance(case, TODAY + DAY * count) for count in range(40)]
    assert chances == sorted(chances)
    assert chances[-1] <= 1


def test_more_answers_waited_for_make_a_case_later() -> None:
    one, two = Work(TODAY, "r1"), Work(TODAY, "r2")
    assert _with().chance(_open(one, two)) < _with().chance(_open(one))


def test_leave_before_the_deadline_makes_a_case_later() -> None:
    away = Work(TODAY, "r1", (TODAY + DAY, DUE - 3 * DAY))
    assert _with().chance(_open(away)) < 0.5 < _with().chance(_open(Work(TODAY, "r1")))


def test_school_holidays_make_a_case_later() -> None:
    closed = Forecaster(TODAY, HISTORY, WorkDays(TODAY, lambda day: 1.0))
    assert closed.chance(_open(Work(TODAY, "r1"))) < _with().chance(_open(Work(TODAY, "r1")))


def test_slow_reviewer_makes_a_case_later() -> None:
    speeds = {"r1": 0.5, "r2": 2.0}
    assert _with(speeds=speeds).chance(_open(Work(TODAY, "r1"))) < _with(speeds=speeds).chance(
        _open(Work(TODAY, "r2"))
    )


def test_reminder_before_the_deadline_makes_a_case_sooner() -> None:
    asked = Work(TODAY - 20 * DAY, "r1")
    reminded = replace(asked, reminded_on=TODAY + 2 * DAY)
    due = TODAY + 4 * DAY
    assert _with().chance(_open(reminded, due=due)) > _with().chance(_open(asked, due=due))


def test_reminder_after_the_deadline_changes_nothing() -> None:
    asked = Work(TODAY, "r1")
    late = replace(asked, reminded_on=DUE + DAY)
    assert _with().chance(_open(late)) == pytest.approx(_with().chance(_open(asked)))


def test_review_that_can_be_asked_only_later_makes_a_case_later() -> None:
    assert _with().chance(_open(Work(TODAY + 9 * DAY, "r1"))) < _with().chance(_open(Work(TODAY, "r1")))


def test_review_that_nobody_is_in_sight_for_makes_a_case_surely_late() -> None:
    assert _with().chance(_open(Work(TODAY + DAY * forecast.FURTHEST))) == 0


def test_possible_disagreement_makes_a_case_later_and_a_full_house_later_still() -> None:
    case = _open(Work(TODAY, "r1"))
    differ = replace(case, may_differ=True)
    full = replace(differ, next_seat=DUE + DAY)
    chances = [_with(differ=0.5).chance(one) for one in (full, differ, case)]
    assert chances == sorted(chances)
    assert len(set(chances)) == 3


def test_review_that_may_be_given_back_makes_a_case_later() -> None:
    assert _with(recused=0.2).chance(_open(Work(TODAY, "r1"))) < _with().chance(_open(Work(TODAY, "r1")))


def test_case_that_may_go_to_the_commission_is_later() -> None:
    case = _open(Work(TODAY, "r3"))
    assert _with().chance(replace(case, may_stay_undecided=True)) < _with().chance(case)


def test_commission_that_has_to_decide_is_waited_for() -> None:
    case = Open("A-2026-000001", DUE, decides_since=TODAY)
    assert _with().chance(case, TODAY) < _with().chance(case, DUE)


def test_sure_day_lies_after_the_deadline_and_is_the_first_that_is_sure() -> None:
    case = _open(Work(TODAY, "r1"), due=TODAY + DAY)
    day = _with().sure_by(case)
    assert day is not None
    assert day > case.due_on
    assert _with().chance(case, day - DAY) < forecast.SURE <= _with().chance(case, day)


def test_no_day_is_sure_where_nobody_is_in_sight() -> None:
    assert _with().sure_by(_open(Work(TODAY + DAY * forecast.FURTHEST))) is None


def test_slowest_is_who_is_away_and_never_who_was_not_asked_yet() -> None:
    away = Work(TODAY, "r1", (TODAY, DUE))
    later = Work(DUE, "r3")
    assert _with().slowest(_open(Work(TODAY, "r2"), away, later)) == away
    assert _with().slowest(_open(later)) is None


@pytest.mark.parametrize(
    ("chance", "due_on", "told"),
    [
        (1.0, TODAY - DAY, Outlook.LATE),
        (LIKELY, TODAY, Outlook.LIKELY),
        (LIKELY - 0.01, DUE, Outlook.WATCH),
        (WATCH, DUE, Outlook.WATCH),
        (WATCH - 0.01, DUE, Outlook.IN_TIME),
    ],
)
def test_outlook_goes_by_the_term_first_and_then_by_the_chance(
    chance: float, due_on: date, told: Outlook
) -> None:
    assert outlook(chance, due_on, TODAY) is told
