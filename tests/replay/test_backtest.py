"""The hit rate: what was said of a case in the weeks of its term, against whether it came late."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from pipeline.replay.backtest import Came, Said, judged

MONDAY = date(2017, 5, 1)
WEEK = timedelta(days=7)


def _came(*chances: float, late: bool, number: str = "A-2017-000001") -> list[Came]:
    """Return what was said from week to week of a case whose term ends on the day after the last."""
    due_on = MONDAY + WEEK * (len(chances) - 1) + timedelta(days=1)
    return [
        Came(Said(number, MONDAY + WEEK * week, chance, due_on), is_late=late)
        for week, chance in enumerate(chances)
    ]


def test_likely_is_a_hit_where_it_came_late_and_a_false_alarm_where_not() -> None:
    found = judged([*_came(0.1, 0.6, 0.9, late=True), *_came(0.5, 0.4, late=False, number="A-2017-000002")])
    assert (found["forecasts"], found["hits"], found["misses"], found["false_alarms"]) == (5, 2, 1, 1)
    assert (found["recall"], found["precision"]) == (pytest.approx(2 / 3, abs=1e-4),) * 2


def test_watch_counts_from_its_own_threshold() -> None:
    found = judged(_came(0.1, 0.2, 0.4, late=True))
    assert found["watch_from"] == 0.2
    assert (found["hits"], found["watch"]["hits"], found["watch"]["misses"]) == (0, 2, 1)


def test_baseline_warns_of_whatever_is_due_within_ten_days() -> None:
    found = judged(_came(0.0, 0.0, 0.0, late=True))  # due in 15, 8 and 1 days
    assert (found["baseline"]["hits"], found["baseline"]["misses"]) == (2, 1)


def test_as_many_are_the_likeliest_so_many_as_the_baseline_warns_of() -> None:
    late = _came(0.3, 0.4, late=True)  # of each two the baseline warns of the last
    fine = _came(0.2, 0.35, late=False, number="A-2017-000002")
    found = judged([*late, *fine])["as_many"]
    assert (found["hits"], found["false_alarms"], found["misses"]) == (2, 2, 0)
    found = judged([*_came(0.3, 0.4, 0.5, late=True), *_came(0.6, late=False, number="A-2017-000002")])
    assert found["as_many"]["hits"] + found["as_many"]["false_alarms"] == 3
    assert found["as_many"]["hits"] == 2


def test_late_case_was_told_of_as_long_ahead_as_it_first_was() -> None:
    cases = judged([*_came(0.3, 0.6, 0.4, late=True), *_came(0.3, late=True, number="A-2017-000002")])[
        "cases"
    ]
    assert (cases["late"], cases["likely"], cases["likely_days_ahead"]) == (2, 1, 8)
    assert (cases["watched"], cases["watched_days_ahead"]) == (2, 8)


def test_calibration_holds_what_was_to_be_late_against_what_was() -> None:
    found = judged([*_came(0.05, 0.6, 1.0, late=True), *_came(0.05, late=False, number="A-2017-000002")])
    told = {
        (one["from"], one["to"]): (one["forecasts"], one["expected"], one["late"])
        for one in found["calibration"]
    }
    assert told[0.0, 0.1] == (2, 0.1, 1)
    assert told[0.5, 0.75] == (1, 0.6, 1)
    assert told[0.9, 1.0] == (1, 1.0, 1)
    assert sum(one["forecasts"] for one in found["calibration"]) == found["forecasts"]


def test_nothing_that_was_said_has_no_rates() -> None:
    found = judged([])
    assert (found["recall"], found["precision"], found["brier"]) == (None, None, None)
    assert found["cases"]["likely_days_ahead"] is None
