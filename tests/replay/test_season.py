"""A season replayed: everything is decided, the same seed tells the same, and an outage changes only times."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import UsageError
from pipeline.replay import running
from pipeline.replay.making import Wanted
from pipeline.replay.season import outage
from tests.conftest import SEASON, Replayed

OUTAGE = "3d@2017-06-12"


def _run(folder: Path, **wanted: Any) -> dict[str, Any]:
    folder.mkdir()
    return running.run(folder, Wanted(cases=SEASON, **wanted))


def test_replay_ends_when_everything_is_decided(replayed: Replayed) -> None:
    assert {one["state"] for one in replayed.figures["counts"]} == {"closed"}
    assert replayed.figures["errors"] == 0


def test_forecasts_are_held_against_what_came(replayed: Replayed) -> None:
    found = replayed.figures["forecast"]
    assert found["forecasts"] > found["hits"] + found["misses"] + found["false_alarms"]
    assert (
        found["forecasts"]
        == found["baseline"]["forecasts"]
        == sum(one["forecasts"] for one in found["calibration"])
    )


def test_page_has_a_plot_with_title_and_table_for_each_subject(replayed: Replayed) -> None:
    from pipeline.replay.report import page

    html = page(replayed.figures)
    drawn = html.count('role="img"')
    assert drawn >= 4
    assert drawn == html.count("</desc>") == html.count("<summary>")
    assert "http" not in html.replace("http://www.w3.org", "").replace("http://purl.org", "").replace(
        "http://creativecommons", ""
    )


def test_page_says_in_words_what_the_figures_call_by_their_keys(replayed: Replayed) -> None:
    from pipeline.replay.report import page

    html = page(replayed.figures)
    keys = {one["rung"] for one in replayed.figures["reminders"]}
    assert keys
    assert {key for key in keys if f">{key}" in html} == set()  # as text, in a table or a plot
    assert "vóór de beoordelingstermijn" in html


def test_every_first_submission_becomes_a_case(replayed: Replayed) -> None:
    assert sum(one["received"] for one in replayed.figures["weeks"]) >= SEASON


def test_same_seed_in_another_process_with_other_hashes_gives_the_same_digest(
    replayed: Replayed, tmp_path: Path
) -> None:
    code = (
        "import sys; from pathlib import Path; from pipeline.replay import running; "
        "from pipeline.replay.making import Wanted; from pipeline.logs import keep_quiet; keep_quiet(); "
        f"print(running.run(Path(sys.argv[1]), Wanted(cases={SEASON}))['digest'])"
    )
    environ = {**os.environ, "PYTHONHASHSEED": "7"}
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path], env=environ, capture_output=True, text=True, check=True
    )
    assert done.stdout.split()[-1] == replayed.figures["digest"]


def test_outage_of_the_waker_changes_only_times(replayed: Replayed, tmp_path: Path) -> None:
    interrupted = _run(tmp_path / "home", away=outage(OUTAGE))
    assert interrupted["outcome"] == replayed.figures["outcome"]


@pytest.mark.parametrize("text", ["3d", "3w@2017-07-28", "3d@2017-02-30"])
def test_outage_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="such as 3d@2017-07-28"):
        outage(text)


@pytest.mark.parametrize("season", ["2016", "2016-2018", "1999-2000"])
def test_season_that_is_none_or_unknown_is_refused(season: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        running.run(tmp_path, Wanted(season=season, cases=SEASON))
