"""A season replayed: everything is decided, the same seed tells the same, and an outage changes only times."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import tests.stages  # noqa: F401 -- binds the actors to its broker
from pipeline.errors import UsageError
from pipeline.replay import running
from pipeline.replay.making import Wanted
from pipeline.replay.season import outage

CASES = 12
OUTAGE = "3d@2017-06-12"


def _run(folder: Path, **wanted: Any) -> dict[str, Any]:
    folder.mkdir()
    return running.run(folder, Wanted(cases=CASES, **wanted))


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return _run(tmp_path_factory.mktemp("replayed") / "home")


def test_replay_ends_when_everything_is_decided(replayed: dict[str, Any]) -> None:
    assert {one["state"] for one in replayed["counts"]} == {"closed"}
    assert replayed["errors"] == 0


def test_forecasts_are_held_against_what_came(replayed: dict[str, Any]) -> None:
    found = replayed["forecast"]
    assert found["forecasts"] > found["hits"] + found["misses"] + found["false_alarms"]
    assert found["forecasts"] == found["baseline"]["forecasts"]


def test_page_has_a_plot_with_title_and_table_for_each_subject(replayed: dict[str, Any]) -> None:
    from pipeline.replay.report import page

    html = page(replayed)
    drawn = html.count('role="img"')
    assert drawn >= 4
    assert drawn == html.count("</desc>") == html.count("<summary>")
    assert "http" not in html.replace("http://www.w3.org", "").replace("http://purl.org", "").replace(
        "http://creativecommons", ""
    )


def test_every_first_submission_becomes_a_case(replayed: dict[str, Any]) -> None:
    assert sum(one["received"] for one in replayed["weeks"]) >= CASES


def test_same_seed_in_another_process_with_other_hashes_gives_the_same_digest(
    replayed: dict[str, Any], tmp_path: Path
) -> None:
    code = (
        "import sys; from pathlib import Path; from pipeline.replay import running; "
        "from pipeline.replay.making import Wanted; from pipeline.logs import keep_quiet; keep_quiet(); "
        f"print(running.run(Path(sys.argv[1]), Wanted(cases={CASES}))['digest'])"
    )
    environ = {**os.environ, "PYTHONHASHSEED": "7"}
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path], env=environ, capture_output=True, text=True, check=True
    )
    assert done.stdout.split()[-1] == replayed["digest"]


def test_outage_of_the_waker_changes_only_times(replayed: dict[str, Any], tmp_path: Path) -> None:
    interrupted = _run(tmp_path / "home", away=outage(OUTAGE))
    assert interrupted["outcome"] == replayed["outcome"]


@pytest.mark.parametrize("text", ["3d", "3w@2017-07-28", "3d@2017-02-30"])
def test_outage_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="such as 3d@2017-07-28"):
        outage(text)


@pytest.mark.parametrize("season", ["2016", "2016-2018", "1999-2000"])
def test_season_that_is_none_or_unknown_is_refused(season: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        running.run(tmp_path, Wanted(season=season, cases=CASES))
