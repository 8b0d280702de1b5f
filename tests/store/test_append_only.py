"""The database refuses to change what may only be added, however its tables were made."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from pipeline.store import append_only, rows, schema
from pipeline.store.engines import Database
from pipeline.store.tables import metadata
from pipeline.store.unit import Unit, new

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
REFUSED = [(table, verb) for table, verbs in append_only.REFUSED.items() for verb in verbs]


def filled(url: str, *, migrated: bool) -> Database:
    """Make a database with one row in each of the tables."""
    database = Database(url)
    if migrated:
        schema.upgrade(database)
    else:
        metadata.create_all(database.writers)
    entry = rows.Entry("c1", 1, 1, AT, "received", None, "received", None, "0" * 64, "1" * 64)
    content = rows.Content("c1", 1, "salt", "by", {})
    checkpoint = rows.Checkpoint(1, date(2026, 11, 24), AT, b"{}", b"signed", "0" * 16)
    Unit(database).write([new(entry), new(content), new(checkpoint)])
    return database


@pytest.fixture(params=[True, False], ids=["migrated", "created"])
def database(request: pytest.FixtureRequest, bare_url: str) -> Iterator[Database]:
    made = filled(bare_url, migrated=request.param)
    yield made
    made.close()


def statement(table: str, verb: str) -> str:
    column = {"journal": "event", "journal_contents": "salt", "checkpoints": "key_id"}[table]
    return f"DELETE FROM {table}" if verb == "DELETE" else f"UPDATE {table} SET {column} = 'other'"


def run(database: Database, sql: str) -> None:
    with database.writing() as connection:
        connection.execute(text(sql))


@pytest.mark.parametrize(("table", "verb"), REFUSED)
def test_change_is_refused(database: Database, table: str, verb: str) -> None:
    with pytest.raises(DBAPIError, match="only added to"):
        run(database, statement(table, verb))


def test_content_may_go(database: Database) -> None:
    run(database, "DELETE FROM journal_contents")
    with database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM journal_contents")).scalar_one() == 0


def test_table_cannot_be_emptied_in_one_go(postgres_url: str) -> None:
    database = filled(postgres_url, migrated=True)
    with pytest.raises(DBAPIError, match="only added to"):
        run(database, "TRUNCATE journal CASCADE")
    database.close()


def test_guard_can_be_lifted_by_whoever_owns_the_database(database: Database) -> None:
    with database.writing() as connection:
        for sql in append_only.lifting(connection.dialect.name):
            connection.execute(text(sql))
    run(database, "UPDATE journal SET event = 'other'")
