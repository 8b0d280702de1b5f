"""Commands run in this process, on homes of their own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli import main
from pipeline.play import Season, read_script
from tests.databases import databases
from tests.stages import SAMPLES, system

FILES = ("season.jsonl", "followups.jsonl", "verdicts.jsonl")


@dataclass(frozen=True)
class Told:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Told]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in an empty home and return what it said."""
    monkeypatch.setenv("PIPELINE_HOME", str(tmp_path / "home"))
    for name, value in databases.bare(tmp_path / "home").items():
        monkeypatch.setenv(name, value)

    def command(*args: object) -> Told:
        code = main([str(arg) for arg in args])
        said = capsys.readouterr()
        return Told(code, said.out, said.err)

    return command


@pytest.fixture
def _in_a_file(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep to the file in the home, whatever database the others are on."""
    monkeypatch.delenv("PIPELINE_DATABASE_URL", raising=False)


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home after the sample season; to be copied, not to be changed."""
    home = tmp_path_factory.mktemp("played")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIPELINE_HOME", str(home))
        for name, value in databases.bare(home).items():
            patch.setenv(name, value)
        assert main(["reviewers", "import", str(SAMPLES / "reviewers.csv")]) == 0
    made = system(home)
    lines = read_script([SAMPLES / name for name in FILES])
    made.app.clock.make(lines[0].time)
    Season(made.app, made.stage, lines).play()
    made.app.database.close()
    return home


@pytest.fixture
def season(request: pytest.FixtureRequest, played: Path, tmp_path: Path) -> Run:
    """Run a command in a home after the sample season."""
    shutil.copytree(played, tmp_path / "home")
    databases.copied(tmp_path / "home", played)
    run: Run = request.getfixturevalue("run")  # only now: it would find an empty database otherwise
    return run
