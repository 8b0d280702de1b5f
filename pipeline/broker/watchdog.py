"""Ends a worker process that cannot do its work any more, so that whoever supervises it starts another."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from itertools import chain
from typing import Final

from dramatiq import Broker, Worker
from dramatiq.middleware import Middleware

CRIPPLED: Final = 70  # the exit code (EX_SOFTWARE) of a worker whose threads died
LOOK_SECONDS: Final = 1.0
ORPHAN_SECONDS: Final = 60.0  # a worker without its master gets this long to finish what runs

_log = logging.getLogger(__name__)


def master_lives() -> bool:
    """Say whether the process that started this one as its worker is still there; true if none did."""
    master = multiprocessing.parent_process()
    return master is None or master.is_alive()


def end_in_peace() -> None:
    """Ask this process to finish what runs and end, as dramatiq's master would."""
    os.kill(os.getpid(), signal.SIGTERM)


class Watchdog(Middleware):
    """Looks once a second whether dramatiq's master process and all of this worker's threads live.

    A dead master takes along the log; its orphan is asked to stop. A worker with a dead thread
    looks healthy and leaves a queue alone for ever; it is ended at once, which loses nothing.
    """

    def __init__(
        self,
        *,
        master_lives: Callable[[], bool] = master_lives,
        end: Callable[[int], object] = os._exit,
        ask_to_end: Callable[[], object] = end_in_peace,
        look_seconds: float = LOOK_SECONDS,
        orphan_seconds: float = ORPHAN_SECONDS,
    ) -> None:
        self._master_lives = master_lives
        self._end = end
        self._ask_to_end = ask_to_end
        self._look_seconds = look_seconds
        self._orphan_seconds = orphan_seconds
        self._shut_down = threading.Event()

    def after_worker_boot(self, broker: Broker, worker: Worker) -> None:
        self._shut_down.clear()
        threading.Thread(target=self._watch, args=[worker], name="watchdog", daemon=True).start()

    def before_worker_shutdown(self, broker: Broker, worker: Worker) -> None:
        self._shut_down.set()

    def _watch(self, worker: Worker) -> None:
        while not self._shut_down.wait(self._look_seconds):
            if not all(thread.is_alive() for thread in chain(worker.consumers.values(), worker.workers)):
                _log.critical("A thread of this worker died; the worker ends.")
                self._end(CRIPPLED)
                return
            if not self._master_lives():
                self._ask_to_end()  # once: asked twice it would not wait for what runs
                threading.Event().wait(self._orphan_seconds)
                self._end(CRIPPLED)  # it may be stuck in telling its master that it has started
                return
