"""Keeps one part running: starts it, starts it again when it dies, stops it."""

from __future__ import annotations

import logging
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Final

from pipeline.embedded import process

FIRST_PAUSE: Final = 0.5  # seconds before the first restart; doubled for each that follows soon
LONGEST_PAUSE: Final = 30.0
STEADY_SECONDS: Final = 60.0  # one that ran this long counts as healthy
LOG_BYTES: Final = 10_000_000

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Part:
    """One program that runs for the home.

    Attributes:
        ready: says, given the process's id, whether it answers.
        environ: its whole environment; read at every start.
        inherits: numbers of open files that it is given.
        stop_seconds: how long it may take to end when asked.
    """

    name: str
    command: list[str]
    ready: Callable[[int], bool]
    environ: dict[str, str] = field(repr=False)
    inherits: tuple[int, ...] = ()
    stop_seconds: float = process.STOP_SECONDS


class Keeper:
    """Runs one part.

    Args:
        part: what to run.
        log: the file that its output is added to.
        born: told the process's id at every start.
        died: told how it died, when nobody asked it to.
    """

    def __init__(
        self, part: Part, log: Path, born: Callable[[str, int], None], died: Callable[[str], None]
    ) -> None:
        self.part = part
        self._log_file = log
        self._born = born
        self._died = died
        self._stopping = threading.Event()
        self._lock = threading.Lock()  # between starting again and stopping
        self._thread = threading.Thread(target=self._keep, name=f"keeps {part.name}", daemon=True)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the part, and do not wait for it."""
        self._process = self._launch()

    def wait_ready(self) -> None:
        """Wait until the part answers, and look after it from then on.

        Raises:
            HomeError: it ended, or does not answer; says what it last said.
        """
        if (started := self._process) is not None:
            process.wait_ready(started, lambda: self.part.ready(started.pid), self._log_file)
            self._thread.start()

    def stop(self) -> None:
        """End the part, asked first and forced when it takes too long."""
        self._stopping.set()
        with self._lock:
            if self._process is not None:
                process.stop(self._process, self.part.stop_seconds)
        if self._thread.is_alive():
            self._thread.join()

    def _launch(self) -> subprocess.Popen[bytes]:
        if self._log_file.exists() and self._log_file.stat().st_size > LOG_BYTES:
            self._log_file.replace(self._log_file.with_suffix(".log.1"))
        started = process.launch(
            self.part.command, self._log_file, environ=self.part.environ, pass_fds=self.part.inherits
        )
        self._born(self.part.name, started.pid)
        return started

    def _keep(self) -> None:
        pause = FIRST_PAUSE
        while self._process is not None:
            since = monotonic()
            code = self._process.wait()
            if self._stopping.is_set():
                return
            pause = FIRST_PAUSE if monotonic() - since > STEADY_SECONDS else pause
            self._tell(code, pause)
            process.stop(self._process, self.part.stop_seconds)  # what it started ends by itself, or is ended
            if self._stopping.wait(pause):
                return
            pause = min(2 * pause, LONGEST_PAUSE)
            self._restart()

    def _restart(self) -> None:
        with self._lock:
            if not self._stopping.is_set():
                self._process = self._launch()

    def _tell(self, code: int, pause: float) -> None:
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        _log.error(
            "%s died (%s); it starts again in %.1f s. See %s.", self.part.name, how, pause, self._log_file
        )
        self._died(f"{self.part.name} ({how})")
