"""How often the work on a row was begun and never came to an end, and how often it ended with an error.

Each function is about one row that the waker rings. Nothing is begun, and nothing fails, on a row that
has nothing to do any more, since it has no ``retry_at``; a start on it can still end.
"""

from __future__ import annotations

from functools import cache

from sqlalchemy import Table, bindparam, select, update

from pipeline.store.engines import Database
from pipeline.store.prepared import Prepared


def unfinished(database: Database, table: Table, key: str) -> int | None:
    """Return how many starts on this row never ended; None where nothing is left to do."""
    with database.reading() as connection:
        found = _waiting(table).row(connection, {"key": key})
    return None if found is None else found[0]


@cache
def _waiting(table: Table) -> Prepared:
    waits = (table.c.id == bindparam("key"), table.c.retry_at.is_not(None))
    return Prepared(select(table.c.unfinished).where(*waits))


def count(database: Database, table: Table, key: str, seen: int) -> bool:
    """Count a start that is about to be made; False when another was counted since ``seen``."""
    same = (table.c.id == key, table.c.retry_at.is_not(None), table.c.unfinished == seen)
    with database.writing() as connection:
        done = connection.execute(update(table).where(*same).values(unfinished=seen + 1))
    return bool(done.rowcount)


def end(database: Database, table: Table, key: str, counted: int, left: int = 0) -> None:
    """Take a counted start back, since it came to an end; nothing is written where that was said already.

    That holds for a row with nothing left to do as well, since it may have something to do again.

    Args:
        left: how many of the starts before it stay counted.
    """
    same = (table.c.id == key, table.c.unfinished == counted)
    with database.reading() as connection:
        is_open = connection.execute(select(table.c.id).where(*same)).first() is not None
    if is_open:
        with database.writing() as connection:
            connection.execute(update(table).where(*same).values(unfinished=left))


def fail(database: Database, table: Table, key: str, error: str) -> int:
    """Keep the error that a start ended with, and return how often in a row one did; 0 where it is moot."""
    waits = (table.c.id == key, table.c.retry_at.is_not(None))
    values = {"attempts": table.c.attempts + 1, "unfinished": 0, "last_error": error}
    with database.writing() as connection:
        failed = connection.execute(update(table).where(*waits).values(values).returning(table.c.attempts))
        return failed.scalar_one_or_none() or 0
