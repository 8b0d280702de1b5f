"""The process that looks every second for what is due, and rings."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import Final

import redis
import structlog
from sqlalchemy.exc import SQLAlchemyError

from pipeline import wiring
from pipeline.broker.depth import depth
from pipeline.broker.redis_broker import connect
from pipeline.casework import maildir, mailing
from pipeline.casework.belonging import check_unless_away
from pipeline.casework.calendar_end import Watching
from pipeline.casework.checkpoints import Daily
from pipeline.casework.recounting import Recounting
from pipeline.casework.ringing import ring_due
from pipeline.errors import PipelineError
from pipeline.logs import configure, ended_in_a_sentence
from pipeline.settings import Settings
from pipeline.wiring import App

SECONDS: Final = 1.0
LOOKS_BETWEEN_CHECKS: Final = 5  # whether the database is still of this release
BOUNCES_A_LOOK: Final = 20

_log = structlog.get_logger()


def main() -> None:
    """Run until asked to stop."""
    with ended_in_a_sentence():
        _run()


def _run() -> None:
    settings = Settings.from_env(os.environ)
    configure(settings.log_format, settings.secrets)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if settings.bounces is not None:
        maildir.check(settings.bounces)
    connection = connect(settings.address("redis"))
    app = wiring.build(settings, broker=wiring.hinting(settings), name="waker")
    with suppress(PipelineError, SQLAlchemyError):  # a database that is away is told of by the looking
        mailing.warn(app)
    _log.info("waker_started")
    run(app, connection, stop)
    _log.info("waker_stopped")


def run(app: App, connection: redis.Redis, stop: threading.Event) -> None:
    """Look for what is due until ``stop`` is set; trouble with a part is told and tried again.

    Raises:
        HomeError: the database is another release's.
        SettingsError: the rules were changed and kept their version.
    """
    daily = (Daily(app), Recounting(app), Watching(app))
    for turn in count():
        if stop.is_set():
            return
        if turn % LOOKS_BETWEEN_CHECKS == 0:
            check_unless_away(app)
        for part in (lambda: look(app, connection), lambda: fetch(app), *(one.look for one in daily)):
            _try(part)
        stop.wait(SECONDS)


def _try(part: Callable[[], None]) -> None:
    """Do one part of a look; trouble with it keeps no other from being done."""
    try:
        part()
    except (PipelineError, redis.RedisError, OSError) as error:
        _log.warning("waker_waits", error=str(error))
    except Exception:  # noqa: BLE001 -- whatever it was, what is due must still be rung
        _log.exception("waker_failed")


def look(app: App, connection: redis.Redis) -> None:
    """Ring once for all that is due; nothing while somebody plays this home."""
    if not app.clock.is_held():
        deepest = app.policy.machinery.deep_queue
        ring_due(app, lambda queue: depth(connection, queue) > deepest)


def fetch(app: App) -> None:
    """Take in some of what came back by mail; nothing while somebody plays this home."""
    if app.settings.bounces is not None and not app.clock.is_held():
        for _ in maildir.take_in(app, app.settings.bounces, BOUNCES_A_LOOK):
            pass


if __name__ == "__main__":
    main()
