"""The schema of the database, brought up to date by alembic's migrations; it only goes forward."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alembic import command
from alembic.autogenerate import produce_migrations
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import ops
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from pipeline.errors import HomeError
from pipeline.store.engines import Database
from pipeline.store.tables import metadata

_FOLDER: Final = Path(__file__).parent / "migrations"
_LOCK: Final = 7_245_301  # any number of ours: two upgrades at once on PostgreSQL take turns


def upgrade(database: Database) -> None:
    """Bring the schema up to date; safe to call by several processes at once.

    Raises:
        Unreachable: the database does not answer.
    """
    if is_current(database):
        return
    with database.writing() as connection:
        take_turn(connection)
        command.upgrade(_config(connection), "head")


def take_turn(connection: Connection) -> None:
    """Wait until nobody else changes the schema; SQLite's writers take turns anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def is_known(revision: str) -> bool:
    """Say whether this version of the program has a schema of that revision."""
    return revision in _revisions()


def bring(connection: Connection, target: str) -> None:
    """Bring the schema to a revision, forward or back, within a transaction.

    Raises:
        HomeError: the database has a revision that this version of the program does not know.
    """
    known, now = _revisions(), revision(connection)
    if now is None or (now in known and known.index(now) < known.index(target)):
        command.upgrade(_config(connection), target)
    elif now not in known:
        raise HomeError("The database has the schema of a newer version of the program; use that version.")
    elif now != target:
        command.downgrade(_config(connection), target)


def _revisions() -> list[str]:
    """Return every revision, the first one first."""
    return [one.revision for one in ScriptDirectory(str(_FOLDER)).walk_revisions()][::-1]


def is_current(database: Database) -> bool:
    """Say whether the schema is the one that this version of the program knows.

    Raises:
        Unreachable: the database does not answer.
    """
    with database.reading() as connection:
        return revision(connection) == head()


def revision(connection: Connection) -> str | None:
    """Return the schema's revision; None for an empty database."""
    return MigrationContext.configure(connection).get_current_revision()


def head() -> str | None:
    """Return the revision that the migrations lead to."""
    return ScriptDirectory(str(_FOLDER)).get_current_head()


def differences(engine: Engine) -> list[ops.MigrateOperation]:
    """Return what the migrations lack of the tables, for the test that holds them together."""
    with engine.connect() as connection:
        found = produce_migrations(MigrationContext.configure(connection), metadata).upgrade_ops
    return list(found.ops) if found is not None else []


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = connection
    return config
