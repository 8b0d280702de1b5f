"""One child process in a group of its own: started, asked whether it is ready, stopped with all it started."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from pipeline.errors import HomeError

START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 10.0
LOOK_SECONDS: Final = 0.02  # between two questions whether something has become so
TAIL_BYTES: Final = 2_000


def launch(
    command: Sequence[str],
    log: Path,
    *,
    environ: Mapping[str, str] | None = None,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start ``command`` in a session of its own, so that a Ctrl-C at the terminal reaches only us.

    Args:
        log: file that what it says is added to.
        environ: its environment; by default ours.
        pass_fds: open files it inherits.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as said:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env=environ,
            pass_fds=pass_fds,
            start_new_session=True,
        )


def wait_until(true: Callable[[], bool], seconds: float) -> bool:
    """Ask until ``true`` says so; False when it has not within ``seconds``."""
    pause = threading.Event()
    ends_at = time.monotonic() + seconds
    while not true():
        if time.monotonic() >= ends_at:
            return False
        pause.wait(LOOK_SECONDS)
    return True


def wait_ready(
    process: subprocess.Popen[bytes], ready: Callable[[], bool], log: Path, seconds: float = START_SECONDS
) -> None:
    """Wait until a process that was just started answers.

    Raises:
        HomeError: it ended, or did not answer within ``seconds``; says what it last said.
    """
    if not wait_until(lambda: process.poll() is not None or ready(), seconds):
        raise HomeError(f"{log.stem} did not answer within {seconds:.0f} seconds; see {log}. {_tail(log)}")
    if process.poll() is not None:
        raise HomeError(f"{log.stem} ended when it was started; see {log}. {_tail(log)}")


def stop(process: subprocess.Popen[bytes], seconds: float = STOP_SECONDS) -> None:
    """End a process and all that it started: asked first, forced after ``seconds``.

    Only the process itself is asked: it asks its own, and a worker asked twice does not finish its work.
    """
    process.terminate()
    if not wait_until(lambda: process.poll() is not None and not signal_group(process.pid), seconds):
        signal_group(process.pid, signal.SIGKILL)
    process.wait()


def signal_group(leader: int, number: int = 0) -> bool:
    """Send a signal to the group that ``leader`` began, by default none; False when nothing of it is left."""
    try:
        os.killpg(leader, number)
    except (ProcessLookupError, PermissionError):  # macOS forbids what has ended
        return False
    return True


def _tail(log: Path) -> str:
    """Return the last line that says something."""
    with log.open("rb") as said:
        said.seek(max(0, log.stat().st_size - TAIL_BYTES))
        lines = said.read().decode("utf-8", "replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "It said nothing.")
