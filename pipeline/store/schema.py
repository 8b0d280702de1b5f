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
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        command.upgrade(_config(connection), "head")


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
