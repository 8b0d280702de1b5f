"""The sample season, played once for all tests that look at how it ended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.casework import reviewing
from pipeline.play import Season, read_script
from tests.casework.events import SUBMITTED, admitted, at
from tests.stages import SAMPLES, System, system

SEASON = ("season.jsonl", "followups.jsonl", "verdicts.jsonl")


def import_reviewers(made: System) -> None:
    wanted = reviewing.read_list((SAMPLES / "reviewers.csv").read_text(encoding="utf-8"))
    reviewing.carry_out(made.app, reviewing.plan(made.app, wanted))


def play(made: System, *names: str) -> System:
    """Play sample files in a home."""
    lines = read_script([SAMPLES / name for name in names])
    made.app.clock.make(min(line.time for line in lines))
    import_reviewers(made)
    Season(made.app, made.stage, lines).play()
    assert made.stage.errors == []
    return made


@pytest.fixture(scope="session")
def season(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A home after the sample season; to look at, not to change."""
    made = play(system(tmp_path_factory.mktemp("season")), *SEASON)
    yield made
    made.app.database.close()


@pytest.fixture(scope="session")
def closing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A home after the register's closing date, under the rules of 2017."""
    folder: Path = tmp_path_factory.mktemp("closing")
    policy = Path(__file__).parents[2] / "config" / "policy-2017.toml"
    made = play(system(folder, PIPELINE_POLICY=str(policy)), "closing.jsonl")
    yield made
    made.app.database.close()


@pytest.fixture
def ready(tmp_path: Path) -> Iterator[System]:
    """A home with reviewers and one admitted provider, on the day of a submission; on SQLite.

    What differs by the database has a ``ready`` of its own, made of ``home``.
    """
    made = system(tmp_path / "home")
    admitted(made)
    at(made, SUBMITTED)
    yield made
    made.app.database.close()
