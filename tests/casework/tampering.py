"""What somebody may do who has the database in their hands: nothing of ours stops them, and it can be undone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, create_engine, text

from pipeline.store import append_only
from pipeline.store.engines import Database

TABLES = ("journal", "journal_contents", "checkpoints", "cases", "home")


class Intruder:
    """Runs SQL past the guards of the tables and their references, and puts everything back."""

    def __init__(self, database: Database) -> None:
        self._url = database.url
        self._is_sqlite = database.is_sqlite
        self._engine = create_engine(self._url)
        if self._is_sqlite:
            self._kept = sqlite3.connect(":memory:")
            with self._raw() as raw:
                raw.backup(self._kept)
            self.run(*append_only.lifting("sqlite"))
        else:
            self.run(*(f"CREATE TABLE kept_{table} AS SELECT * FROM {table}" for table in TABLES))

    def run(self, *statements: str, **values: Any) -> None:
        with self.connected() as connection:
            for statement in statements:
                connection.execute(text(statement), values)

    def rows(self, table: str, where: str = "1 = 1", **values: Any) -> list[Mapping[str, Any]]:
        with self.connected() as connection:
            found = connection.execute(text(f"SELECT * FROM {table} WHERE {where}"), values)
            return [dict(row) for row in found.mappings()]

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        with self._engine.begin() as connection:
            if not self._is_sqlite:  # neither references nor triggers count for us
                connection.execute(text("SET session_replication_role = replica"))
            yield connection

    def undo(self) -> None:
        if self._is_sqlite:
            with self._raw() as raw:
                self._kept.backup(raw)
            self.run(*append_only.lifting("sqlite"))
        else:
            for table in TABLES:
                self.run(f"DELETE FROM {table}", f"INSERT INTO {table} SELECT * FROM kept_{table}")

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _raw(self) -> Iterator[sqlite3.Connection]:
        raw = sqlite3.connect(str(self._url.database))
        try:
            yield raw
        finally:
            raw.close()
