"""An application for the time of one command."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

import redis
from sqlalchemy.engine import make_url

from pipeline import wiring
from pipeline.broker import presence
from pipeline.broker.redis_broker import connect
from pipeline.contract import received_on
from pipeline.embedded import Running, supervised
from pipeline.errors import HomeError, Unreachable, UsageError
from pipeline.settings import Settings
from pipeline.store import schema
from pipeline.wiring import App


def settings(*, running: bool = True) -> Settings:
    """Read the settings of this process; with ``running`` the addresses of what runs in the home too."""
    return Settings.from_env(os.environ, running=running)


@contextmanager
def opened() -> Iterator[App]:
    """Open a home that is there, as it is, for a command that looks at it or works on it.

    Raises:
        HomeError: nothing is there yet, or it was left by another release.
        Unreachable: its database does not answer.
    """
    found = settings()
    file = database_file(found)
    if file is not None and not file.exists():
        raise HomeError(f"There is nothing in {found.home} yet; `pipeline up` or `pipeline play` makes it.")
    with built(found) as app:
        schema.require_current(app.database)
        yield app


@contextmanager
def built(found: Settings) -> Iterator[App]:
    """Build an application that rings whoever runs, and close it afterwards."""
    app = wiring.build(found, broker=wiring.hinting(found))
    with closing(app.database):
        try:
            yield app
        finally:
            if app.broker is not None:
                app.broker.close()


@contextmanager
def at_work(found: Settings) -> Iterator[Running]:
    """Use the processes that work for this home, or start them and stop them again.

    They are there where another command runs the home, or where workers listen to the Redis that
    the settings name: then somebody else supervises them.
    """
    if found.redis_url is not None and _has_workers(found.redis_url):
        yield Running(found, {}, ours=False)
    else:
        with supervised(found) as running:
            yield running


def _has_workers(redis_url: str) -> bool:
    return _workers(redis_url) > 0


def _workers(redis_url: str) -> int:
    try:
        with connect(redis_url) as client:
            return presence.workers(client)
    except redis.RedisError as error:
        raise Unreachable(f"Redis does not answer: {error}") from None


def refuse_while_workers_run(found: Settings) -> None:
    """Make sure that nobody works on the database while its schema is moved.

    Raises:
        HomeError: workers listen to the Redis of these settings, on whatever machine.
        Unreachable: it does not answer.
    """
    number = 0 if found.redis_url is None else _workers(found.redis_url)
    if number:
        raise HomeError(
            f"{number} worker{'s' if number > 1 else ''} of the release that runs would go on to write to the "
            "schema that it knows. Stop them, the waker and the web first; --yes goes on all the same."
        )


def reach_redis(found: Settings) -> None:
    """Make sure that a Redis that the settings name is there, before anything waits for it in silence.

    Raises:
        Unreachable: it does not answer.
    """
    if found.redis_url is not None:
        _has_workers(found.redis_url)


def prepare(found: Settings, at: datetime | None = None) -> None:
    """Make the home and its database, or bring them up to date, before anything runs in it.

    Args:
        at: makes a new home a simulated one that starts at this moment.

    Raises:
        HomeError: a moment is given and the home is a real one.
        UsageError: the calendar does not know the day of that moment.
        SettingsError: the rules were changed and kept their version.
        Unreachable: the database does not answer.
    """
    migrate(found)
    with built(found) as app:
        if at is not None and not app.calendar.knows(received_on(at)):
            raise UsageError(
                f"The calendar does not know {received_on(at)}; it ends on {app.calendar.last_day}."
            )
        app.clock.make(at)
        app.check_policy()


def migrate(found: Settings) -> None:
    """Make the database or bring its schema up to date; whether the home is simulated stays open.

    Raises:
        Unreachable: the database does not answer.
    """
    with built(found) as app:
        schema.upgrade(app.database)


def database_file(found: Settings) -> Path | None:
    """Return the file that is the database; None when it is a server."""
    url = make_url(found.database_url)
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None
