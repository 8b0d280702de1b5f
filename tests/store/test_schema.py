"""The migrations make exactly the tables that the code knows, on both databases."""

from __future__ import annotations

from alembic import command

from pipeline.store import schema
from pipeline.store.engines import Database


def test_migrations_make_the_tables(bare_url: str) -> None:
    database = Database(bare_url)
    schema.upgrade(database)
    schema.upgrade(database)  # a second time changes nothing
    try:
        assert schema.is_current(database)
        assert schema.differences(database.readers) == []
    finally:
        database.close()


def test_empty_database_is_not_current(bare_url: str) -> None:
    database = Database(bare_url)
    assert not schema.is_current(database)
    database.close()


def test_guards_come_and_go_with_their_revision(bare_url: str) -> None:
    database = Database(bare_url)
    schema.upgrade(database)
    with database.writing() as connection:
        command.downgrade(schema._config(connection), "0001")
    schema.upgrade(database)
    assert schema.differences(database.readers) == []
    database.close()
