"""Commands that start the real processes, each as a program of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli import main
from tests.cli.test_entry import PROGRAM
from tests.databases import databases
from tests.stages import ROOT, SAMPLES

CLOSING = ["play", str(SAMPLES / "closing.jsonl"), "--reviewers", str(SAMPLES / "reviewers.csv")]


class Program:
    """`pipeline` in one home."""

    def __init__(self, home: Path, **environ: str) -> None:
        self.home = home
        self.environ = {**os.environ, **databases.bare(home), "PIPELINE_HOME": str(home), **environ}

    def run(
        self, *args: str, stdin: bytes = b"", cwd: Path | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [*PROGRAM, *args],
            env=self.environ,
            input=stdin,
            capture_output=True,
            check=False,
            timeout=120,
            cwd=cwd,
        )

    def json(self, *args: str) -> Any:
        """Return what a command tells in this process, where it does not have to start."""
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(StringIO()) as said:
            for name, value in self.environ.items():
                patch.setenv(name, value)
            main([*args, "--json"])
        return json.loads(said.getvalue())

    def start(self, *args: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*PROGRAM, *args], env=self.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )


@pytest.fixture(scope="module")
def closing(tmp_path_factory: pytest.TempPathFactory) -> tuple[Program, dict[str, Any]]:
    """A home in which the closing date of 2017 was played, and what the play told of it."""
    policy = str(ROOT / "config" / "policy-2017.toml")
    program = Program(tmp_path_factory.mktemp("closing"), PIPELINE_POLICY=policy)
    played = program.run(*CLOSING, "--json")
    assert (played.returncode, played.stderr) == (0, b"")
    return program, json.loads(played.stdout)


def test_play_tells_what_became_of_a_season(closing: tuple[Program, dict[str, Any]]) -> None:
    _, told = closing

    documented = (ROOT / "docs" / "json.md").read_text(encoding="utf-8").partition("## `pipeline play`")[2]
    assert [key for key in told if f"`{key}`" not in documented] == []
    assert told["play"] == {"dropped": 7, "skipped": 0}
    assert told["failures"] == []
    assert told["refused"] == 2
    assert {(row["kind"], row["state"], row["result"]) for row in told["cases"]} == {
        ("admission", "closed", "granted"),
        ("activity", "in_review", None),
    }
    assert set(told["letters"]) == {"sent"}


def test_play_once_more_drops_nothing_twice(closing: tuple[Program, dict[str, Any]]) -> None:
    program, first = closing

    again = program.run(*CLOSING)

    assert again.returncode == 0
    assert again.stdout.startswith(b"Played 0 events, 7 skipped since this home has them already;")
    assert program.json("cases") != []
    assert sum(first["letters"].values()) == len(program.json("letters"))


# What goes with a reviewer who stayed silent too long: a step of assignment, which a dry run of reminders leaves out.
REPLACING = ("review_asked", "review_not_needed")


def test_remind_in_a_simulated_home_moves_its_clock(closing: tuple[Program, dict[str, Any]]) -> None:
    program, _ = closing
    expected = program.json("remind", "--at", "2017-09-20", "--dry-run")

    written = json.loads(program.run("remind", "--at", "2017-09-20", "--json").stdout)

    assert written != []
    assert {letter["state"] for letter in written} == {"sent"}
    told = [letter["kind"] for letter in written if letter["kind"] not in REPLACING]
    assert told == [ring["letter"] for ring in expected]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "home")


@pytest.fixture
def in_a_file(tmp_path: Path) -> Program:
    """A home that may begin anew: only its own file may be thrown away."""
    return Program(tmp_path / "home", PIPELINE_DATABASE_URL="")


def test_submit_and_wait_shows_every_refusal(program: Program) -> None:
    bad = sorted((SAMPLES / "bad").iterdir())

    told = program.run("submit", *map(str, bad), "-", "--wait", "--json", stdin=bad[0].read_bytes())
    rows = json.loads(told.stdout)

    assert told.returncode == 6
    names = [*(file.name for file in bad), "-"]
    assert [(row["file"], row["status"]) for row in rows] == [(name, "refused") for name in names]
    assert {row["file"] for row in program.json("refused")} == {file.name for file in bad}


def test_submit_without_anything_running_stores_what_up_takes_in(program: Program) -> None:
    file = SAMPLES / "bad" / "array.json"

    told = program.run("submit", str(file))

    assert told.returncode == 0
    assert b"nothing runs in this home" in told.stdout
    assert program.json("refused") == []
    with running(program, "up"):
        pause = threading.Event()
        for _ in range(200):
            if program.json("refused"):
                break
            pause.wait(0.1)
    assert len(program.json("refused")) == 1


def test_up_runs_until_it_is_asked_to_end_and_lets_nobody_in_beside(in_a_file: Program) -> None:
    with running(in_a_file, "up", "--at", "2026-10-01T09:00") as up:
        second = in_a_file.run("up")
        doctor = in_a_file.json("doctor")
        fresh = in_a_file.run("play", str(SAMPLES / "closing.jsonl"), "--fresh")

    assert up.returncode == 0
    assert (second.returncode, second.stderr.decode()) == (
        3,
        f"Another process already runs {in_a_file.home}.\n",
    )
    assert {one["verdict"] for one in doctor} == {"ok"}
    assert "simulated time, now 2026-10-01 09:0" in doctor[0]["found"]
    assert (fresh.returncode, b"end it before beginning anew" in fresh.stderr) == (3, True)
    assert not (in_a_file.home / "addresses.json").exists()


@pytest.mark.skipif(sys.platform == "darwin", reason="looks into /proc")
def test_up_interrupted_by_ctrl_c_leaves_no_process_behind(program: Program) -> None:
    with running(program, "up", ends_by=signal.SIGINT) as up:
        assert len(_processes(program.home)) > 3

    assert up.returncode == 0
    assert _processes(program.home) == []


def _processes(home: Path) -> list[str]:
    """Return every process whose command or environment names the home."""
    found = []
    for each in Path("/proc").glob("[0-9]*"):
        try:
            told = (each / "environ").read_bytes() + (each / "cmdline").read_bytes()
        except OSError:
            continue
        if bytes(home) in told:
            found.append(each.name)
    return found


class running:  # noqa: N801 -- reads as a verb of the tests
    """Run a command that goes on by itself; the block begins when it says that it does."""

    def __init__(self, program: Program, *args: str, ends_by: signal.Signals = signal.SIGTERM) -> None:
        self.process = program.start(*args)
        self._ends_by = ends_by

    def __enter__(self) -> subprocess.Popen[str]:
        assert self.process.stdout is not None
        assert self.process.stdout.readline().startswith("Running in ")
        assert self.process.stdout.readline().startswith("page ")
        return self.process

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(self._ends_by)
        self.process.communicate(timeout=60)


def _checkout(folder: Path) -> Path:
    """Make a folder whose `pipeline` is not ours; nothing of it may run."""
    (folder / "another" / "pipeline").mkdir(parents=True)
    for name in ("__init__", "worker", "waker"):
        (folder / "another" / "pipeline" / f"{name}.py").write_text("raise SystemExit('of another checkout')")
    return folder / "another"


def test_play_anew_throws_away_what_the_home_holds_and_nothing_else(
    in_a_file: Program, tmp_path: Path
) -> None:
    in_a_file.home.mkdir()
    kept = in_a_file.home / "note.txt"
    kept.write_text("mine")
    event = SAMPLES / "season.jsonl"
    in_a_file.run("reviewers", "import", str(SAMPLES / "reviewers.csv"))

    another = _checkout(tmp_path)  # the folder that the command is started in
    told = in_a_file.run("play", str(event), "--until", "2026-10-05", "--fresh", "--json", cwd=another)

    assert told.returncode == 0
    assert kept.read_text() == "mine"
    assert in_a_file.json("reviewers", "list") == []


def test_play_anew_is_refused_where_the_database_is_elsewhere(tmp_path: Path) -> None:
    program = Program(tmp_path / "home", PIPELINE_DATABASE_URL=f"sqlite:///{tmp_path}/other.db")

    told = program.run("play", str(SAMPLES / "closing.jsonl"), "--fresh")

    assert told.returncode == 3
    assert told.stderr.startswith(b"Only a home with its own database and Valkey can begin anew;")
