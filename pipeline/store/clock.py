"""The one source of now. The home's clock tells business time, the system's the machinery's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

from sqlalchemy import Row, insert, select, update

from pipeline.errors import HomeError
from pipeline.store.engines import Database
from pipeline.store.tables import home

_HOME: Final = select(home)  # built once: the clock is asked all the time


class Clock(Protocol):
    """Tells the present moment, aware and in UTC."""

    def now(self) -> datetime:
        """Return the present moment."""


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """Return the present moment."""
        return datetime.now(UTC)  # noqa: TID251 -- the one place that reads it


class HomeClock:
    """The clock of a home: the system's, or in a simulated home one that can be set."""

    def __init__(self, database: Database, system: Clock, new_name: Callable[[], str]) -> None:
        self._database = database
        self._system = system
        self._new_name = new_name
        self._real = False  # a home is simulated from its making or never, so that this is asked once

    def now(self) -> datetime:
        """Return the present moment of this home."""
        if self._real:
            return self._system.now()
        row = self._read()
        self._real = row is not None and not row.simulated
        return told_by(row, self._system.now())

    def _read(self) -> Row[Any] | None:
        with self._database.reading() as connection:
            return connection.execute(_HOME).one_or_none()

    def is_held(self) -> bool:
        """Say whether somebody plays: the clock stands still and so does the waker."""
        if self._real:
            return False
        with self._database.reading() as connection:
            runs_from = connection.execute(select(home.c.runs_from)).scalar_one_or_none()
        return runs_from is not None and runs_from > self._system.now()

    def make(self, at: datetime | None) -> None:
        """Make the home: a simulated one that starts at ``at``, or a real one; a made home stays as it is.

        It gets the id that sets it apart from every other.

        Raises:
            HomeError: the home is real and a moment is given.
        """
        with self._database.writing() as connection:
            row = connection.execute(select(home)).one_or_none()
            if row is None:
                values = {"name": self._new_name(), "stands_at": at, "runs_from": at and self._system.now()}
                connection.execute(insert(home).values(id=1, simulated=at is not None, **values))
            elif at is not None and not row.simulated:
                raise HomeError("This home runs in real time; a simulated one needs a home of its own.")

    def is_simulated(self) -> bool:
        """Say whether this home's clock can be set."""
        with self._database.reading() as connection:
            return bool(connection.execute(select(home.c.simulated)).scalar_one_or_none())

    def set(self, at: datetime | None, *, hold: timedelta) -> None:
        """Let the clock stand at ``at``, or where it is, for so long of system time; then it runs on.

        Raises:
            HomeError: the home is real, or the clock would go back.
        """
        system = self._system.now()
        with self._database.writing() as connection:
            row = connection.execute(select(home)).one_or_none()
            if row is None or not row.simulated:
                raise HomeError("Only the clock of a simulated home can be set.")
            at, runs_from = _moved(row.stands_at, row.runs_from, at, hold, system)
            connection.execute(update(home).values(stands_at=at, runs_from=runs_from))


class OwnClock(HomeClock):
    """The clock of a home that this process has for itself: asked and set in memory, written when it is kept."""

    _stands: tuple[datetime, datetime] | None = None  # at which moment, and from when on it runs

    def now(self) -> datetime:
        return _running_on(*self._standing(), self._system.now())

    def set(self, at: datetime | None, *, hold: timedelta) -> None:
        system = self._system.now()
        self._stands = _moved(*self._standing(), at, hold, system)

    def keep(self) -> None:
        """Write where it stands, for whoever opens the home later."""
        stands_at, runs_from = self._standing()
        with self._database.writing() as connection:
            connection.execute(update(home).values(stands_at=stands_at, runs_from=runs_from))

    def _standing(self) -> tuple[datetime, datetime]:
        if self._stands is None:
            row = self._read()
            if row is None or not row.simulated:
                raise HomeError("Only the clock of a simulated home can be set.")
            self._stands = row.stands_at, row.runs_from
        return self._stands


def told_by(row: Row[Any] | None, system: datetime) -> datetime:
    """Return what the clock of a home says at ``system``.

    Args:
        row: of the table ``home``; None before it was made.
    """
    if row is None or not row.simulated:
        return system
    return _running_on(row.stands_at, row.runs_from, system)


def _running_on(stands_at: datetime, runs_from: datetime, system: datetime) -> datetime:
    return stands_at + max(timedelta(), system - runs_from)


def _moved(
    stands_at: datetime, runs_from: datetime, at: datetime | None, hold: timedelta, system: datetime
) -> tuple[datetime, datetime]:
    """Return where a clock stands once it is set, and from when on it runs.

    Raises:
        HomeError: it would go back.
    """
    now = _running_on(stands_at, runs_from, system)
    at = now if at is None else at
    if at < now:
        raise HomeError(f"The clock stands at {now:%Y-%m-%d %H:%M} UTC and never goes back.")
    return at, system + hold
