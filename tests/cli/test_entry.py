from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.casework import overview
from pipeline.cli.commands import app
from pipeline.errors import PipelineError, Unreachable
from tests.cli.conftest import Run
from tests.databases import databases

PROGRAM = [sys.executable, "-P", "-c", "import sys; from pipeline.cli import main; sys.exit(main())"]


def test_no_command_shows_help(run: Run) -> None:
    told = run()

    assert "Usage: pipeline" in told.out
    assert told.err == ""


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["nonsense"], "No such command 'nonsense'."),
        (["cases", "--jsn"], "No such option: --jsn"),
        (["submit"], "Missing argument 'FILE...'."),
        (["submit", "/nowhere/x.json"], "/nowhere/x.json cannot be read: No such file or directory."),
        (["play", "/nowhere/x.jsonl"], "/nowhere/x.jsonl cannot be read: No such file or directory."),
        (["up", "--at", "morgen"], "expected a moment such as 2026-11-23 or 2026-11-23T09:30, got morgen."),
        (["contract"], "choose one: --json-schema or --asyncapi."),
    ],
)
def test_what_is_typed_wrong_is_one_sentence(run: Run, args: list[str], sentence: str) -> None:
    told = run(*args)

    assert (told.code, told.out) == (2, "")
    assert sentence in told.err
    assert told.err.count("\n") == 1


def test_settings_at_fault_are_named_one_a_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPELINE_REDIS_URL", "nonsense")
    monkeypatch.setenv("PIPELINE_SMTP_URL", "nonsense")

    told = run("cases")

    assert told.code == 2
    assert [line.split()[0] for line in told.err.splitlines()] == ["PIPELINE_REDIS_URL", "PIPELINE_SMTP_URL"]


def test_a_database_that_is_away_is_one_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPELINE_DATABASE_URL", "postgresql://nobody:secret@127.0.0.1:1/nothing")

    told = run("cases")

    assert (told.code, told.out) == (Unreachable.exit_code, "")
    assert told.err.startswith("The database does not answer: ")
    assert told.err.count("\n") == 1
    assert "secret" not in told.err


def test_a_fault_of_ours_is_a_sentence_with_the_traceback_in_a_file(
    season: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing: dict[str, object] = {}
    monkeypatch.setattr(overview, "cases", lambda app: nothing["nothing"])

    told = season("cases")

    assert told.code == 1
    assert told.err.startswith("Something went wrong that should not: KeyError: 'nothing' (more in ")
    log = Path(told.err.removesuffix(").\n").rpartition(" ")[2])
    assert "Traceback" in log.read_text(encoding="utf-8")
    log.unlink()


@pytest.mark.parametrize(
    ("raised", "code", "sentence"),
    [
        (KeyboardInterrupt(), 130, ""),
        (PermissionError(13, "Permission denied", "/there"), 1, "/there: Permission denied."),
        (PipelineError("It failed.\nIn detail."), 1, "It failed."),
    ],
)
def test_what_ends_a_command_is_told_shortly(
    season: Run, monkeypatch: pytest.MonkeyPatch, raised: BaseException, code: int, sentence: str
) -> None:
    def fail(app: object) -> None:
        raise raised

    monkeypatch.setattr(overview, "cases", fail)

    told = season("cases")

    assert (told.code, told.err.strip()) == (code, sentence)


def test_a_reader_who_leaves_early_hears_no_complaint(played: Path) -> None:
    environ = {**os.environ, **databases.bare(played), "PIPELINE_HOME": str(played)}
    with subprocess.Popen(
        [*PROGRAM, "letters", "--json"], env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(1)
        process.stdout.close()
        assert process.stderr.read() == b""


def test_every_command_has_help() -> None:
    assert all(command.callback and command.callback.__doc__ for command in app.registered_commands)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
