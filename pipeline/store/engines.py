"""Connections: one database, written through one door and read through another.

SQLite knows one writer at a time. Writers take its lock at BEGIN (a lock taken later fails at once
when another writer was faster) and queue within the process before they ask for it; readers may
not write at all. PostgreSQL needs none of this (``server``), but its readers may not write either.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoneFree

from pipeline.errors import Stale, Unreachable
from pipeline.store import server
from pipeline.store.columns import as_json
from pipeline.store.prepared import Prepared

BUSY_TIMEOUT_MS: Final = 15_000
# Classes of connection, resources and operator intervention (or a statement that took too long), and a
# lock not had in time.
_AWAY: Final = ("08", "53", "57", "55P03")
_SERIALISATION: Final = ("40001", "40P01")  # PostgreSQL: could not serialise, deadlock: do it again
_BEGIN_TO_WRITE: Final = Prepared(text("BEGIN IMMEDIATE"))
# What somebody puts right at the server; until then all that waits for it waits, and nothing fails of it.
_NO_RIGHT: Final = "42501"
_TAKES_NO_WRITES: Final = "25006"  # a standby, or a server that was set so


class Database:
    """The engines of one database; opens nothing before it is used.

    Args:
        name: of the program, for whoever looks at the server.
        connections: how many to a server this process takes at most.
        is_durable: whether SQLite waits for the disk at each commit; a server does as it is set.
    """

    def __init__(
        self,
        url: str,
        *,
        name: str = "command",
        connections: int = server.CONNECTIONS,
        is_durable: bool = True,
    ) -> None:
        self.url = make_url(url)
        self._is_durable = is_durable
        self._name, self._connections = name, connections
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._turn = threading.Lock() if self.is_sqlite else nullcontext()
        self.writers = self._sqlite(writes=True) if self.is_sqlite else self._server()
        self.readers = self._sqlite(writes=False) if self.is_sqlite else self._snapshots()
        # What nobody holds any more closes what it opened; Python 3.13 warns of what is left open.
        weakref.finalize(self, _close, self.writers, self.readers)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that may write; committed at the end, rolled back on any error.

        Raises:
            Stale: the database asks for the transaction to be done again.
            Unreachable: the database does not answer, or not in time, or does not let us.
        """
        with self._turn, _told(_NO_RIGHT, _TAKES_NO_WRITES), self.writers.begin() as connection:
            if self.is_sqlite:
                _BEGIN_TO_WRITE.changed(connection)
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent look.

        Raises:
            Unreachable: the database does not answer, or does not let us.
        """
        with _told(_NO_RIGHT), self.readers.begin() as connection:
            if self.is_sqlite:
                _begin_to_read(connection)
            yield connection

    def close(self) -> None:
        """Close every connection."""
        _close(self.writers, self.readers)

    def overwrite(self) -> None:
        """Empty SQLite's log of writes, where what was erased still stands, as far as readers let go of it.

        In the file itself it was overwritten already (``secure_delete``). A server has its own ways.
        """
        if not self.is_sqlite:
            return
        with self._turn, _told():
            connection = self.writers.raw_connection()
            try:
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                connection.close()

    def _server(self) -> Engine:
        return server.engine(self.url, self._name, self._connections)

    def _snapshots(self) -> Engine:
        """Return the same pool of connections for looks at one moment."""
        return self.writers.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def _sqlite(self, *, writes: bool) -> Engine:
        Path(self.url.database or "").parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        engine = create_engine(
            self.url,
            connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False},
            hide_parameters=True,
            json_serializer=as_json,
        )
        is_durable = self._is_durable  # without us: what is set down for an engine is held as long as it is
        event.listen(engine, "connect", lambda raw, _: _configure(raw, writes=writes, is_durable=is_durable))
        return engine


def _close(*engines: Engine) -> None:
    for engine in engines:
        engine.dispose()


def _begin_to_read(connection: Connection) -> None:
    """Begin past the library: it takes no lock, so that it cannot fail, and is done all the time.

    With a listener for it, the library would look for listeners at every statement.
    """
    driver: Any = connection.connection.driver_connection
    driver.execute("BEGIN")


def _configure(connection: Any, *, writes: bool, is_durable: bool) -> None:
    connection.isolation_level = None  # ``writing`` and ``reading`` begin
    for pragma in (
        "journal_mode = WAL",
        f"synchronous = {'FULL' if is_durable else 'OFF'}",
        "foreign_keys = ON",
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "secure_delete = ON",  # what is erased is overwritten, not only let go
        f"query_only = {'OFF' if writes else 'ON'}",
    ):
        connection.execute(f"PRAGMA {pragma}")


@contextmanager
def _told(*refusals: str) -> Iterator[None]:
    """Translate what drivers raise into what callers act on.

    Args:
        refusals: PostgreSQL's codes for what is no mistake of ours.
    """
    try:
        yield
    except NoneFree as error:
        raise Unreachable("All connections to the database are in use; try again later.") from error
    except DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None)
        if state in _SERIALISATION:
            raise Stale("The database asks to do this once more.") from error
        if state in refusals:
            why = str(error.orig).partition("\n")[0]
            raise Unreachable(
                f"The database does not let us: {why}. Look at the rights of the role in PIPELINE_DATABASE_URL;"
                " `migrate` and `restore` need the owner's."
                if state == _NO_RIGHT
                else f"The database takes no writes: {why}."
            ) from error
        if error.connection_invalidated or (isinstance(error, OperationalError) and _is_away(state)):
            raise Unreachable(f"The database does not answer: {error.orig}") from error
        raise


def _is_away(state: str | None) -> bool:
    """Say whether an operational error is about the connection or the server, not about the statement.

    Args:
        state: PostgreSQL's code; SQLite and a connection that never came to be have none.
    """
    return state is None or state.startswith(_AWAY)
