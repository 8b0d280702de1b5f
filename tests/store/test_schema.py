"""The migrations make exactly the tables that the code knows, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command

from pipeline.store import schema
from pipeline.store.engines import Database


def check(url: str) -> None:
    database = Database(url)
    schema.upgrade(database)
    schema.upgrade(database)  # a second time changes nothing
    try:
        assert schema.is_current(database)
        assert schema.differences(database.readers) == []
    finally:
        database.close()


def test_migrations_make_the_tables_on_sqlite(tmp_path: Path) -> None:
    check(f"sqlite:///{tmp_path}/new/pipeline.db")


def test_migrations_make_the_tables_on_postgresql(postgres_url: str) -> None:
    check(postgres_url)


def test_empty_database_is_not_current(tmp_path: Path) -> None:
    assert not schema.is_current(Database(f"sqlite:///{tmp_path}/pipeline.db"))


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_guards_come_and_go_with_their_revision(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path}/pipeline.db" if kind == "sqlite" else request.getfixturevalue("postgres_url")
    database = Database(url)
    schema.upgrade(database)
    with database.writing() as connection:
        command.downgrade(schema._config(connection), "0001")
    schema.upgrade(database)
    assert schema.differences(database.readers) == []
    database.close()
