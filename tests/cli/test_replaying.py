"""`pipeline replay` replays a season and tells what it came to, for people, for programs and as a page."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli import replaying
from pipeline.replay import running
from pipeline.replay.making import Wanted
from tests.cli.conftest import Run
from tests.conftest import SEASON, Replayed

KEYS = """season seed cases policy first_day last_day closes_after outage errors digest outcome counts weeks terms
days_left late reviewers reminders refused letters forecast cases_per_second"""
FORECAST = """likely_from watch_from forecasts hits misses false_alarms recall precision brier watch baseline as_many
cases calibration"""


@pytest.fixture
def told(replayed: Replayed, run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command on a season that was replayed before."""

    def again(folder: Path, wanted: Wanted, told: object) -> dict[str, Any]:
        assert wanted == Wanted(cases=SEASON)
        shutil.copytree(replayed.home, folder, dirs_exist_ok=True)
        return copy.deepcopy(replayed.figures)

    monkeypatch.setattr(running, "run", again)
    monkeypatch.setattr(replaying, "collect_rarely", lambda: None)  # of a process of its own
    return lambda *args: run("replay", "--cases", SEASON, *args)


def test_season_is_told_to_programs_with_every_key(told: Run) -> None:
    said = told("--json")
    assert (said.code, said.err) == (0, "")
    assert set(said.json) == set(KEYS.split())
    assert set(said.json["forecast"]) == set(FORECAST.split())


def test_season_is_told_to_people_with_its_hit_rate(told: Run, replayed: Replayed) -> None:
    said = told()
    assert (said.code, said.err) == (0, "")
    assert "Season 2016-2017, seed 1: until" in said.out
    assert "Hit rate over" in said.out
    assert "chance to be late" in said.out
    assert replayed.figures["digest"] in said.out


def test_home_and_page_that_are_asked_for_are_kept(
    told: Run, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, replayed: Replayed
) -> None:
    kept, page = tmp_path / "season", tmp_path / "season.html"
    said = told("--home", kept, "--report", page)

    assert f"The home is kept in {kept}.\nThe report is in {page}.\n" in said.out
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    monkeypatch.setenv("PIPELINE_HOME", str(kept))
    monkeypatch.delenv("PIPELINE_DATABASE_URL", raising=False)
    assert len(run("cases", "--json").json) == sum(one["cases"] for one in replayed.figures["counts"])
    assert run("forecast", "--json").json == []


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--outage", "3w@2017-07-28"], "--outage is how long and from when"),
        (["--season", "2016"], "--season is two years such as 2016-2017, got 2016."),
        (["--season", "1999-2000"], "The calendar must know 1999-2000 and a year more"),
        (["--cases", "9"], "'--cases': Input should be greater than or equal to 10"),
        (["--seed", "one"], "'--seed': Input should be a valid integer"),
    ],
)
def test_argument_that_cannot_be_is_refused_with_what_it_is(run: Run, args: list[str], said: str) -> None:
    told = run("replay", *args)
    assert (told.code, told.out) == (2, "")
    assert said in " ".join(told.err.split())


def test_home_that_holds_something_is_left_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine", encoding="utf-8")
    told = run("replay", "--cases", "10", "--home", tmp_path)
    assert (told.code, told.err) == (
        2,
        f"{tmp_path} holds something already; a replay needs a home of its own.\n",
    )
    assert [one.name for one in tmp_path.iterdir()] == ["letter.txt"]
