"""Which database a home of the tests gets: its own SQLite file, or one of a PostgreSQL that is there for all.

Making a database takes a server a third of a second; one that is given back is emptied and used again.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import ExitStack
from functools import cached_property
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import psycopg
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from pipeline.store import schema
from pipeline.store.engines import Database
from pipeline.store.tables import metadata
from tests.postgres import postgres

SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"
BOTH: Final = (SQLITE, POSTGRESQL)
_BARE: Final = "template0"  # PostgreSQL's own: nothing is in it


class Databases:
    """Makes databases for homes.

    Attributes:
        kind: what a home gets of which nothing else is said.
    """

    def __init__(self) -> None:
        self.kind = SQLITE
        self._stack = ExitStack()
        self._names = count(1)
        self._of: dict[Path, tuple[str, str]] = {}  # its URL, and whether it began bare
        self._spare: dict[str, list[str]] = {}

    def environ(self, home: Path, kind: str = "") -> Mapping[str, str]:
        """Return what gives a home a database with our tables; asked again, it is the same one."""
        if (kind or self.kind) == SQLITE:
            self._lay(home / "pipeline.db")
            return {}
        return self._url(home, self._ready)

    def bare(self, home: Path, kind: str = "") -> Mapping[str, str]:
        """Return what gives a home a database in which nothing is yet."""
        return {} if (kind or self.kind) == SQLITE else self._url(home, _BARE)

    def copied(self, home: Path, original: Path) -> None:
        """Give a home a copy of another's database, which nobody may be using now; a file is copied otherwise."""
        if original in self._of:
            self._url(home, make_url(self._of[original][0]).database or "")

    def give_back(self, home: Path) -> None:
        """Let the next home have the database of this one, whose connections are closed."""
        if home in self._of:
            url, template = self._of.pop(home)
            _empty(url, bare=template == _BARE)
            self._spare.setdefault(template, []).append(url)

    @cached_property
    def server(self) -> str:
        """The URL of a server; it runs until ``close``."""
        return self._stack.enter_context(postgres())

    def close(self) -> None:
        """Stop what was started."""
        self._stack.close()

    def _url(self, home: Path, template: str) -> Mapping[str, str]:
        if home not in self._of:
            spare = self._spare.get(template)
            self._of[home] = (spare.pop() if spare else self._made(template)), template
        return {"PIPELINE_DATABASE_URL": self._of[home][0]}

    def _lay(self, file: Path) -> None:
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(self._file, file)

    @cached_property
    def _file(self) -> Path:
        """An SQLite file with our tables."""
        file = Path(self._stack.enter_context(TemporaryDirectory())) / "pipeline.db"
        _migrate(f"sqlite:///{file}")
        return file

    @cached_property
    def _ready(self) -> str:
        """The name of a database with our tables."""
        url = self._made(_BARE)
        _migrate(url)
        return make_url(url).database or ""

    def _made(self, template: str) -> str:
        name = f"home_{next(self._names)}"
        engine = create_engine(self.server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
        return make_url(self.server).set(database=name).render_as_string(hide_password=False)


def _migrate(url: str) -> None:
    database = Database(url)
    schema.upgrade(database)
    database.close()


def _empty(url: str, *, bare: bool) -> None:
    """Leave in a database what it was made with, in one go: it is done after every test."""
    begun_bare = "DROP SCHEMA public CASCADE; CREATE SCHEMA public"
    past_the_guards_of_the_journal = "SET session_replication_role = replica"
    ready = [
        past_the_guards_of_the_journal,
        f"UPDATE alembic_version SET version_num = '{schema.head()}'",
        *(f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables)),
    ]
    with psycopg.connect(
        make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    ) as server:
        server.execute((begun_bare if bare else "; ".join(ready)).encode())


databases: Final = Databases()
