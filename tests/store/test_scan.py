"""Two that scan at once ring each row once, and wait for nobody who works on a row."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, event, insert, select

from pipeline.store import scan, tables
from pipeline.store.engines import Database
from pipeline.store.scan import BATCH, Pace
from tests import crowd
from tests.casework.events import admitted
from tests.stages import System

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PACE = Pace(timedelta(seconds=5), timedelta(seconds=60))
ROWS = BATCH + 50


@pytest.fixture
def letters(home_database: Database) -> Database:
    """A database with more letters that wait to go out than one scan rings."""
    return filled(home_database)


def filled(database: Database) -> Database:
    with database.writing() as connection:
        connection.execute(insert(tables.letters), [waiting(number) for number in range(ROWS)])
    return database


def waiting(number: int) -> dict[str, object]:
    return {
        "id": f"{number:032x}",
        "kind": "confirmation",
        "state": "queued",
        "to_address": "someone@example.nl",
        "subject": "",
        "message_id": f"<{number}@example.nl>",
        "written_at": NOW,
        "retry_at": NOW,
    }


def rung(database: Database) -> list[str]:
    return [due.key for due in scan.due_letters(database, NOW, NOW, PACE)]


def test_scan_rings_no_more_than_its_share(letters: Database) -> None:
    assert [len(rung(letters)) for _ in range(3)] == [BATCH, ROWS - BATCH, 0]


def test_two_scans_at_once_ring_each_row_once(letters: Database) -> None:
    both = threading.Barrier(2)
    event.listen(letters.writers, "commit", lambda connection: both.wait(10) if not both.broken else None)
    found: list[list[str]] = []
    if letters.is_sqlite:
        both.abort()  # the second waits for the first
    threads = [threading.Thread(target=lambda: found.append(rung(letters))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (sum(map(len, found)), max(map(len, found)) <= BATCH) == (ROWS, True)
    assert max(Counter(key for keys in found for key in keys).values()) == 1


def test_row_in_hand_is_left_out_and_rung_later(server_database: Database) -> None:
    letters = filled(server_database)
    in_hand = f"{7:032x}"
    with letters.writers.begin() as connection:
        lock(connection, in_hand)
        found = [*rung(letters), *rung(letters)]  # neither waits
    assert len(found) == ROWS - 1
    assert in_hand not in found
    assert rung(letters) == [in_hand]


def lock(connection: Connection, key: str) -> None:
    connection.execute(select(tables.letters.c.id).where(tables.letters.c.id == key).with_for_update())


def plans(database: Database, told: list[tuple[str, object]]) -> str:
    """Return how the database goes about these statements."""
    explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
    with database.writing() as connection:
        rows = [
            row
            for statement, parameters in told
            for row in connection.exec_driver_sql(explain + statement, parameters)  # type: ignore[arg-type]
        ]
    return "\n".join(str(row) for row in rows)


def test_what_is_due_is_found_by_the_indexes_however_many_are_open(home: System) -> None:
    admitted(home)
    database, now = home.app.database, home.app.clock.now()
    with database.reading() as connection:
        template = connection.execute(select(tables.cases.c.id)).scalar_one()
    crowd.fill(database, template, 5_000, now, due=2)  # of more, any is found soon without an index
    told: list[tuple[str, object]] = []
    for engine in {database.readers, database.writers}:
        event.listen(
            engine,
            "before_cursor_execute",
            lambda *args: told.append((args[2], args[3])) if " cases" in args[2] else None,
        )

    with database.reading() as connection:
        first = scan.next_wake(connection)
    due = scan.due_cases(database, home.clock.now(), now, PACE)

    assert len(due) == 2
    assert first is not None
    assert first <= now
    found = plans(database, list(told))
    assert "ix_cases_retry_at" in found
    assert "ix_cases_wake_at" in found
    assert "SCAN cases" not in found
    assert "SEARCH cases'" not in found  # without an index: for a minimum SQLite says so of every row
    assert "Seq Scan on cases" not in found
