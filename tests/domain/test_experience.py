"""What a past tells: of reviews until their reminder and after it, and of each reviewer."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from pipeline.domain.experience import Review, learned
from pipeline.domain.workdays import DAY

TODAY = date(2026, 3, 2)
ASKED = date(2026, 1, 12)


def _never(day: date) -> float:
    return 0.0


def _closed_from(first: date) -> object:
    return lambda day: 1.0 if day >= first else 0.0


def _review(took: int | None, who: str = "r1", reminded: int | None = None) -> Review:
    reminded_on = None if reminded is None else ASKED + DAY * reminded
    return Review(who, ASKED, reminded_on, None if took is None else ASKED + DAY * took)


def test_answer_before_the_reminder_is_one_of_the_unreminded() -> None:
    history = learned([_review(9, reminded=17)], [], TODAY, _never)
    assert [tuple(one) for one in history.unreminded.spells] == [(9.0, True)]
    assert history.reminded.spells == ()


def test_answer_on_the_day_of_the_reminder_is_one_of_the_reminded() -> None:
    history = learned([_review(17, reminded=17)], [], TODAY, _never)
    assert [tuple(one) for one in history.unreminded.spells] == [(16.0, False)]
    assert [tuple(one) for one in history.reminded.spells] == [(1.0, True)]


def test_review_without_an_answer_has_lasted_until_yesterday() -> None:
    history = learned([_review(None)], [], TODAY, _never)
    assert [tuple(one) for one in history.unreminded.spells] == [(float((TODAY - ASKED).days - 1), False)]


def test_nothing_is_learned_from_days_on_which_schools_are_closed() -> None:
    history = learned([_review(9)], [], TODAY, _closed_from(ASKED + DAY * 5))  # type: ignore[arg-type]
    assert [tuple(one) for one in history.unreminded.spells] == [(4.0, False)]


def test_who_answers_sooner_than_others_is_faster() -> None:
    reviews = [_review(30, "slow")] * 10 + [_review(3, "fast")] * 10
    speeds = learned(reviews, [], TODAY, _never).speeds
    assert speeds["slow"] < 0.8 < 1.2 < speeds["fast"]


def test_who_has_not_answered_for_long_is_slower_though_nothing_is_over() -> None:
    speeds = learned([_review(None, "silent")] * 3 + [_review(5)] * 20, [], TODAY, _never).speeds
    assert speeds["silent"] < 0.8


def test_one_short_review_moves_a_speed_little() -> None:
    assert 1 < learned([_review(1, "r2"), *[_review(9)] * 20], [], TODAY, _never).speeds["r2"] < 1.2


def test_decisions_of_the_commission_are_learned_from_too() -> None:
    slow = learned([], [(ASKED, ASKED + timedelta(days=20))] * 30, TODAY, _never)
    assert slow.decisions.within(10) < 0.2 < 0.6 < learned([], [], TODAY, _never).decisions.within(10)


def test_empty_past_leaves_what_is_presumed() -> None:
    history = learned([], [], TODAY, _never)
    assert history.speeds == {}
    assert history.unreminded.within(12) == pytest.approx(0.63, abs=0.01)
