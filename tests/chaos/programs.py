"""Programs that are started again whenever they die, and the ways to kill them."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import psutil  # type: ignore[import-untyped]  # it has none

from pipeline.embedded import process

How = Literal["process", "child", "group", "all"]
PAUSE_SECONDS: Final = 0.3  # before a program that died starts again
DRAIN_SECONDS: Final = 45.0


@dataclass(frozen=True)
class Program:
    """What runs.

    Attributes:
        ready: says whether it answers, given its process id.
        user: as whom it runs, as ``subprocess.Popen`` takes it.
    """

    name: str
    command: Sequence[str]
    environ: Mapping[str, str] = field(repr=False)
    ready: Callable[[int], bool] = lambda pid: True
    user: Mapping[str, Any] = field(default_factory=dict)


class Kept:
    """Keeps one program running until it is stopped."""

    def __init__(self, program: Program, log: Path) -> None:
        self.program = program
        self.starts = 0
        self.log = log
        self._away = PAUSE_SECONDS
        self._leaders: list[int] = []  # of every group that we started: an orphan may still be at work
        self._paused: list[int] = []
        self._stopping = threading.Event()
        self._lock = threading.Lock()  # between starting again and stopping
        self._process = self._launch()
        self._thread = threading.Thread(target=self._keep, name=f"keeps {program.name}", daemon=True)
        self._thread.start()

    @property
    def name(self) -> str:
        """What it is called."""
        return self.program.name

    def is_ready(self) -> bool:
        """Say whether it runs and answers."""
        running = self._process
        return running.poll() is None and self.program.ready(running.pid)

    def kill(self, how: How, away: float = PAUSE_SECONDS) -> bool:
        """End it at once; False when there was nothing to end.

        Args:
            how: only the process that we started, only what it started, or both; ``group`` and
                ``all`` differ where what it started made groups of its own.
            away: seconds until it is started again.
        """
        self._away = away
        pid = self._process.pid
        match how:
            case "process":
                return _signal(signal.SIGKILL, pid)
            case "group":
                return process.signal_group(pid, signal.SIGKILL)
            case "child":
                return _signal(signal.SIGKILL, *_descendants(pid))
            case "all":
                return _signal(signal.SIGKILL, pid, *_descendants(pid))

    def ask_to_end(self) -> bool:
        """Ask it to end, as whoever brings a new release does; it starts again when it has."""
        return _signal(signal.SIGTERM, self._process.pid)

    def pause(self, seconds: float) -> bool:
        """Let nothing of it run for so long, as when its machine is taken away for a while."""
        self._paused = [self._process.pid, *_descendants(self._process.pid)]
        timer = threading.Timer(seconds, self.resume)
        timer.daemon = True
        timer.start()
        return _signal(signal.SIGSTOP, *self._paused)

    def resume(self) -> None:
        """Let it go on."""
        _signal(signal.SIGCONT, *self._paused)
        self._paused = []

    def stop(self, seconds: float = DRAIN_SECONDS) -> None:
        """End it and whatever it left behind: asked first, forced when that takes too long."""
        self._stopping.set()
        self.resume()
        with self._lock:
            process.stop(self._process, seconds)
        self._thread.join()
        for leader in self._orphaned():
            process.signal_group(leader, signal.SIGKILL)

    def _keep(self) -> None:
        while not self._stopping.is_set():
            self._process.wait()
            if self._stopping.wait(self._away):
                return
            self._away = PAUSE_SECONDS
            with self._lock:
                if not self._stopping.is_set():
                    self._process = self._launch()

    def _launch(self) -> subprocess.Popen[bytes]:
        self.starts += 1
        with self.log.open("ab") as said:
            started = subprocess.Popen(
                self.program.command,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                env=dict(self.program.environ),
                cwd="/",
                start_new_session=True,
                **self.program.user,
            )
        self._leaders = [*self._orphaned(), started.pid]
        return started

    def _orphaned(self) -> list[int]:
        return [leader for leader in self._leaders if process.signal_group(leader)]


def _signal(number: int, *pids: int) -> bool:
    """Send a signal to these; False when none of them was there."""
    found = False
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
            found = True
    return found


def _descendants(pid: int) -> list[int]:
    with suppress(psutil.NoSuchProcess):
        return [each.pid for each in psutil.Process(pid).children(recursive=True)]
    return []
