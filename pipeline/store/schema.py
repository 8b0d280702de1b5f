"""The schema of the database: alembic's migrations move it up, and down again to what an earlier release knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final

from alembic import command
from alembic.autogenerate import produce_migrations
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import ops
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection, Engine, text

from pipeline.errors import HomeError, UsageError
from pipeline.store.engines import Database
from pipeline.store.server import unhurried
from pipeline.store.tables import metadata

_FOLDER: Final = Path(__file__).parent / "migrations"
_LOCK: Final = 7_245_301  # any number of ours: two upgrades at once on PostgreSQL take turns


def upgrade(database: Database) -> None:
    """Bring the schema up to date; safe to call by several processes at once.

    Raises:
        HomeError: it is a newer release's.
        Unreachable: the database does not answer.
    """
    if is_current(database):
        return
    with _moving(database) as connection:
        _refuse_newer(revision(connection))
        command.upgrade(_config(connection), "head")


def downgrade(database: Database, to: str) -> None:
    """Bring the schema back to what an earlier release knows; what ``given_up`` names is gone then.

    Raises:
        HomeError: it is a newer release's, or the home is in a state that the earlier one does not know.
        UsageError: there is no such revision behind this one.
        Unreachable: the database does not answer.
    """
    with _moving(database) as connection:
        for script in _down(connection, to):
            if objection := script.module.objection(connection):
                raise HomeError(objection)
        command.downgrade(_config(connection), to)


def given_up(database: Database, to: str) -> dict[str, int]:
    """Return what going back to a revision gives up, and how much there is of each.

    Raises:
        HomeError: the schema is a newer release's.
        UsageError: there is no such revision behind this one.
        Unreachable: the database does not answer.
    """
    found: dict[str, int] = {}
    with database.reading() as connection:
        for script in _down(connection, to):
            counted: Mapping[str, int] = script.module.given_up(connection)
            found |= {what: number for what, number in counted.items() if number}
    return found


def require_current(database: Database) -> None:
    """Make sure that the schema is the one that this release knows.

    Raises:
        HomeError: it is another; the sentence says which, and what to do.
        Unreachable: the database does not answer.
    """
    with database.reading() as connection:
        found = revision(connection)
    _refuse_newer(found)
    if found is None:
        raise HomeError("The database holds nothing yet; `pipeline migrate` makes its tables.")
    if found != head():
        raise HomeError(
            f"The database has the schema of an earlier release ({found}; this one needs {head()}). "
            "Stop what runs, make a copy, then bring it up to date: `pipeline migrate`."
        )


def take_turn(connection: Connection) -> None:
    """Wait until nobody else changes the schema; SQLite's writers take turns anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def is_known(revision: str) -> bool:
    """Say whether this release has a schema of that revision."""
    return revision in _revisions()


def bring(connection: Connection, target: str) -> None:
    """Bring the schema to a revision, forward or back, within a transaction.

    Raises:
        HomeError: the database has a revision that this release does not know.
    """
    known, now = _revisions(), revision(connection)
    _refuse_newer(now)
    if now is None or known.index(now) < known.index(target):
        command.upgrade(_config(connection), target)
    elif now != target:
        command.downgrade(_config(connection), target)


def _revisions() -> list[str]:
    """Return every revision, the first one first."""
    return [one.revision for one in _scripts().walk_revisions()][::-1]


def is_current(database: Database) -> bool:
    """Say whether the schema is the one that this version of the program knows.

    Raises:
        Unreachable: the database does not answer.
    """
    with database.reading() as connection:
        return revision(connection) == head()


def current(database: Database) -> str | None:
    """Return the schema's revision; None for an empty database.

    Raises:
        Unreachable: the database does not answer.
    """
    with database.reading() as connection:
        return revision(connection)


def revision(connection: Connection) -> str | None:
    """Return the schema's revision; None for an empty database."""
    return MigrationContext.configure(connection).get_current_revision()


def head() -> str | None:
    """Return the revision that the migrations lead to."""
    return _scripts().get_current_head()


def _refuse_newer(found: str | None) -> None:
    if found is not None and not is_known(found):
        raise HomeError(
            f"The database has the schema of a newer release ({found}; this one knows up to {head()}). "
            f"Run that release, or go back with it: `pipeline migrate --to {head()}`."
        )


def _down(connection: Connection, to: str) -> list[Script]:
    """Return the steps from where the schema is down to a revision, in the order in which they are undone."""
    found = revision(connection)
    _refuse_newer(found)
    if found is None:
        raise UsageError("The database holds nothing yet.")
    steps: list[Script] = []
    for script in _scripts().walk_revisions(head=found):
        if script.revision == to:
            return steps
        steps.append(script)
    known = ", ".join(script.revision for script in steps[1:]) or "none"
    raise UsageError(f"There is no revision {to} behind the schema's {found}; there is: {known}.")


@contextmanager
def _moving(database: Database) -> Iterator[Connection]:
    """One transaction in which nobody else moves the schema, however long that takes."""
    with database.writing() as connection:
        unhurried(connection)
        take_turn(connection)
        yield connection


@cache
def _scripts() -> ScriptDirectory:
    """Return the migrations as they were when this process first looked."""
    return ScriptDirectory(str(_FOLDER))


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
