"""Whether this release and the database belong together; a program that finds that they do not ends.

A release that writes to the schema of another might do half of what it means to do. So nobody begins
on another's schema, and whoever runs while it is moved finishes what is in hand and takes nothing more.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

import dramatiq
import structlog
from dramatiq.middleware import Middleware
from sqlalchemy.exc import SQLAlchemyError

from pipeline.broker.watchdog import end_in_peace
from pipeline.errors import PipelineError, Unreachable
from pipeline.store import schema
from pipeline.wiring import App

LOOK_SECONDS: Final = 5.0

_log = structlog.get_logger()


def check(app: App) -> None:
    """Make sure that the database has our schema, and that our rules are those that it knows by their version.

    Raises:
        HomeError: its schema is another's.
        SettingsError: the rules were changed and kept their version.
        Unreachable: it does not answer.
    """
    schema.require_current(app.database)
    app.check_policy()


def check_unless_away(app: App) -> None:
    """The same for a program that starts and can wait for a database that is away.

    Raises:
        HomeError: its schema is another's.
        SettingsError: the rules were changed and kept their version.
    """
    try:
        check(app)
    except Unreachable as error:
        _log.warning("database_is_away", error=str(error))


def belongs(app: App) -> bool:
    """Say whether there is no reason known to end; a database that is away is none."""
    try:
        check(app)
    except (Unreachable, SQLAlchemyError) as error:
        _log.debug("database_is_away", error=str(error))  # the work tells of it
    except PipelineError as error:
        _log.critical("worker_is_of_another_release", error=str(error))
        return False
    return True


class Allegiance(Middleware):
    """Asks a worker to end when the database is another release's."""

    def __init__(
        self,
        app: Callable[[], App],
        *,
        ask_to_end: Callable[[], object] = end_in_peace,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._app = app
        self._ask_to_end = ask_to_end
        self._look_seconds = look_seconds
        self._shut_down = threading.Event()

    def after_worker_boot(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        self._shut_down.clear()
        threading.Thread(target=self._watch, name="allegiance", daemon=True).start()

    def before_worker_shutdown(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        self._shut_down.set()

    def _watch(self) -> None:
        while not self._shut_down.wait(self._look_seconds):
            if not belongs(self._app()):
                self._ask_to_end()
                return
