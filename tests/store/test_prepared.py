"""Statements handed to the driver as they are: what they find and refuse is what the library would."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import bindparam, event, func, insert, select
from sqlalchemy.exc import IntegrityError

from pipeline.errors import Unreachable
from pipeline.store import rows, tables
from pipeline.store.engines import Database
from pipeline.store.prepared import Listed, Prepared
from pipeline.store.unit import Unit, new

NOON = datetime(2026, 11, 25, 12, 0, 0, 1, tzinfo=UTC)
REVIEWER = rows.Reviewer(
    id="r1",
    version=1,
    name='N\'azra "Quote" %s',
    email="nazra@school.example",
    sectors=["po", "vo"],
    categories=[],
    employer="School",
    employer_kvk=None,
    capacity=4,
    away_from=date(2026, 12, 31),
    away_until=None,
    active=True,
    earlier_employers=None,
    interests=[],
)
EVENT = rows.Event("e1", "stored", NOON, b"\x00\xff'", 3, "d" * 64)
_BY_ID = Prepared(select(tables.reviewers).where(tables.reviewers.c.id == bindparam("id")))


@pytest.fixture
def database(home_database: Database) -> Database:
    Unit(home_database).write(
        [new(replace(REVIEWER, id=f"r{place}")) for place in range(1, 6)] + [new(EVENT)]
    )
    return home_database


@pytest.mark.parametrize("table", [tables.reviewers, tables.events])
def test_rows_are_those_that_the_library_finds(database: Database, table: Any) -> None:
    query = select(table).order_by(table.c.id)
    with database.reading() as connection:
        assert Prepared(query).rows(connection) == [list(row) for row in connection.execute(query)]


def test_what_was_written_comes_back_as_it_was(database: Database) -> None:
    columns = [tables.events.c[field.name] for field in fields(rows.Event)]
    with database.reading() as connection:
        assert rows.Event(*Prepared(select(*columns)).one(connection)) == EVENT


@pytest.mark.parametrize("size", range(6))
def test_list_of_any_length_finds_each_of_its_values_once(database: Database, size: int) -> None:
    found = Listed(lambda ids: select(tables.reviewers.c.id).where(tables.reviewers.c.id.in_(ids)))
    wanted = [f"r{place}" for place in range(1, size + 1)]
    with database.reading() as connection:
        assert sorted(found.rows(connection, wanted)) == [[one] for one in wanted]


def test_nothing_found_is_none_or_an_error(database: Database) -> None:
    with database.reading() as connection:
        assert _BY_ID.row(connection, {"id": "nobody"}) is None
        with pytest.raises(LookupError):
            _BY_ID.one(connection, {"id": "nobody"})


def test_broken_rule_is_the_librarys_error_and_tells_no_values(database: Database) -> None:
    again = Prepared(insert(tables.reviewers).inline(), [field.name for field in fields(REVIEWER)])
    with pytest.raises(IntegrityError) as raised, database.writing() as connection:
        again.changed(connection, new(replace(REVIEWER, id="r1")).values)
    assert "nazra@school.example" not in str(raised.value)


def test_listeners_hear_what_is_asked(database: Database) -> None:
    heard: list[str] = []
    event.listen(database.readers, "before_cursor_execute", lambda *args: heard.append(args[2]))
    with database.reading() as connection:
        _BY_ID.rows(connection, {"id": "r1"})
    assert any("FROM reviewers" in statement for statement in heard)


def test_lost_connection_is_told_and_not_used_again(server_database: Database) -> None:
    """PostgreSQL: whoever comes after has a connection that works."""
    with pytest.raises(Unreachable):
        _lose_it(server_database)
    with server_database.reading() as connection:
        assert _BY_ID.rows(connection, {"id": "r1"}) == []


def _lose_it(database: Database) -> None:
    with database.reading() as connection:
        pid = Prepared(select(func.pg_backend_pid())).one(connection)[0]
        with database.writing() as other:
            other.execute(select(func.pg_terminate_backend(pid)))
        _BY_ID.rows(connection, {"id": "r1"})
