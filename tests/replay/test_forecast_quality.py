"""Over a season with its rush the forecast says more than the calendar, and its chances are about right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import tests.stages  # noqa: F401 -- binds the actors to its broker
from pipeline.replay import running
from pipeline.replay.making import Wanted

pytestmark = pytest.mark.long

RUSH = 400  # first submissions, for which twelve reviewers are too few in July


@pytest.fixture(scope="module")
def forecast(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder: Path = tmp_path_factory.mktemp("rush")
    found: dict[str, Any] = running.run(folder, Wanted(cases=RUSH))["forecast"]
    return found


def test_forecast_finds_more_of_the_late_and_errs_less_than_the_calendar(forecast: dict[str, Any]) -> None:
    assert forecast["precision"] > forecast["baseline"]["precision"]
    assert forecast["watch"]["recall"] > forecast["baseline"]["recall"]


def test_forecast_hits_more_than_the_calendar_with_as_many_warnings(forecast: dict[str, Any]) -> None:
    assert forecast["as_many"]["hits"] > forecast["baseline"]["hits"]


def test_forecast_says_more_than_the_share_that_comes_late(forecast: dict[str, Any]) -> None:
    share = (forecast["hits"] + forecast["misses"]) / forecast["forecasts"]
    assert forecast["brier"] < 0.8 * share * (1 - share)


def test_as_many_come_late_as_the_chances_say(forecast: dict[str, Any]) -> None:
    expected = sum(one["expected"] for one in forecast["calibration"])
    assert 0.7 < (forecast["hits"] + forecast["misses"]) / expected < 1.4


def test_late_cases_are_watched_in_time_for_an_extension(forecast: dict[str, Any]) -> None:
    cases = forecast["cases"]
    assert cases["watched"] >= 0.9 * cases["late"] > 0
    assert cases["watched_days_ahead"] >= 7
