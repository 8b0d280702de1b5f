"""PostgreSQL as we use it: nothing waits for ever, and an operator sees who is there."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from sqlalchemy import select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from pipeline.errors import Unreachable
from pipeline.store import server, tables
from pipeline.store.engines import Database
from pipeline.store.unit import Unit

LIMITED = "-c lock_timeout=10ms -c statement_timeout=300ms -c idle_in_transaction_session_timeout=50ms"


@pytest.fixture
def hasty(server_database: Database) -> Iterator[Database]:
    """The same database, for somebody who waits for nothing."""
    url = server_database.url.update_query_dict({"options": LIMITED})
    made = Database(url.render_as_string(hide_password=False))
    yield made
    made.close()


def shown(database: Database, setting: str) -> str:
    with database.reading() as connection:
        return str(connection.execute(text(f"SHOW {setting}")).scalar_one())


def test_limits_hold_for_every_connection(server_database: Database) -> None:
    assert {setting: shown(server_database, setting) for setting in server.LIMITS} == {
        "statement_timeout": "30s",
        "lock_timeout": "10s",
        "idle_in_transaction_session_timeout": "1min",
    }


def test_url_may_set_other_limits(hasty: Database) -> None:
    assert shown(hasty, "lock_timeout") == "10ms"


def test_server_shows_which_program_is_connected(server_database: Database) -> None:
    assert shown(server_database, "application_name") == f"pipeline command {os.getpid()}"


def test_lost_server_is_missed_on_tcp_too() -> None:
    asked = server.arguments(make_url("postgresql+psycopg://a@db.example/b"), "worker")
    assert {"connect_timeout", *server.KEEPALIVES} <= set(asked)


def test_lock_not_had_in_time_is_a_database_that_does_not_answer(
    server_database: Database, hasty: Database
) -> None:
    Unit(server_database).reserve("activity", 1)
    with server_database.writing() as connection:
        connection.execute(select(tables.counters).with_for_update())
        with pytest.raises(Unreachable, match="lock timeout"):
            Unit(hasty).reserve("activity", 1)


def test_statement_that_takes_too_long_is_broken_off(hasty: Database) -> None:
    with pytest.raises(Unreachable, match="statement timeout"), hasty.reading() as connection:
        connection.execute(text("SELECT pg_sleep(10)"))


def test_transaction_may_ask_for_time(hasty: Database) -> None:
    with hasty.reading() as connection:
        server.unhurried(connection)
        connection.execute(text("SELECT pg_sleep(0.5)"))


def test_transaction_that_stood_still_is_as_if_the_server_was_gone(
    server_database: Database, hasty: Database
) -> None:
    with pytest.raises(Unreachable):
        stand_still(hasty, server_database)


def stand_still(hasty: Database, onlooker: Database) -> None:
    with hasty.reading() as connection:
        mine = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        while is_connected(onlooker, mine):
            pass
        connection.execute(select(tables.home))


def is_connected(database: Database, backend: int) -> bool:
    with database.reading() as connection:
        found = text("SELECT 1 FROM pg_stat_activity WHERE pid = :pid")
        return connection.execute(found, {"pid": backend}).one_or_none() is not None


def test_reader_may_not_write(server_database: Database) -> None:
    with pytest.raises(DBAPIError, match="read-only"), server_database.reading() as connection:
        connection.execute(tables.counters.delete())


def test_server_that_takes_no_writes_is_as_if_it_was_away(server_database: Database) -> None:
    url = server_database.url.update_query_dict({"options": "-c default_transaction_read_only=on"})
    standby = Database(url.render_as_string(hide_password=False))
    with pytest.raises(Unreachable, match="takes no writes"):
        Unit(standby).reserve("activity", 1)
    standby.close()


def test_process_takes_no_more_connections_than_it_may(
    server_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "WAIT_SECONDS", 0.05)
    small = Database(server_database.url.render_as_string(hide_password=False), connections=2)
    with (
        small.reading(),
        small.reading(),
        pytest.raises(Unreachable, match="are in use"),
        small.reading(),
    ):
        pass
    small.close()
