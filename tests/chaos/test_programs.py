"""Programs that are killed start again, whichever way they were killed, and leave nothing behind."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import psutil  # type: ignore[import-untyped]  # it has none
import pytest

from pipeline.embedded.process import wait_until
from tests.chaos.programs import How, Kept, Program

SOON = 30.0
# A program with a child, as a worker has one; it ends when the child does.
PARENT = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(600)'])"


def family(kept: Kept) -> list[int]:
    """Return the ids of the program and of all that it started; those of orphans too."""
    log = str(kept.log)
    return [one.pid for one in psutil.process_iter() if log in _environ_of(one)]


def _environ_of(one: psutil.Process) -> str:
    try:
        return str(one.environ().get("FAMILY"))
    except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
        return ""


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    log = tmp_path / "program.log"
    program = Program("program", [sys.executable, "-c", PARENT], {**os.environ, "FAMILY": str(log)})
    ours = Kept(program, log)
    assert wait_until(lambda: len(family(ours)) == 2, SOON)
    yield ours
    ours.stop(1)


@pytest.mark.parametrize("how", get_args(How))
def test_program_that_is_killed_starts_again_and_leaves_nothing_when_stopped(kept: Kept, how: How) -> None:
    before = family(kept)
    assert kept.kill(how)
    orphans = 1 if how == "process" else 0
    assert wait_until(lambda: kept.starts == 2 and len(family(kept)) == 2 + orphans, SOON)
    assert len(set(before) & set(family(kept))) == orphans
    assert kept.is_ready()
    kept.stop(1)
    assert wait_until(lambda: family(kept) == [], SOON)


def test_program_that_is_asked_to_end_starts_again(kept: Kept) -> None:
    assert kept.ask_to_end()
    assert wait_until(lambda: kept.starts == 2, SOON)


def test_program_that_is_paused_goes_on_as_the_same(kept: Kept) -> None:
    before = family(kept)
    assert kept.pause(3600)
    assert wait_until(lambda: states(before) == {psutil.STATUS_STOPPED}, SOON)
    kept.resume()
    assert wait_until(lambda: psutil.STATUS_STOPPED not in states(before), SOON)
    assert (family(kept), kept.starts) == (before, 1)


def test_program_goes_on_by_itself_when_the_pause_is_over(kept: Kept) -> None:
    before = family(kept)
    kept.pause(0.1)
    assert wait_until(lambda: psutil.STATUS_STOPPED not in states(before), SOON)


def states(pids: list[int]) -> set[str]:
    return {psutil.Process(pid).status() for pid in pids}


def test_program_that_was_stopped_does_not_start_again(kept: Kept) -> None:
    kept.stop(1)
    assert not kept.is_ready()
    assert kept.starts == 1
