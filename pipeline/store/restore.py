"""A backup is put into an empty database, whole or not at all, and brought up to date there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection, Table, bindparam, delete, exists, inspect, select, text, update
from sqlalchemy.exc import DataError, IntegrityError

from pipeline.errors import HomeError, UsageError
from pipeline.store import schema, tables
from pipeline.store.archive import Archive, Part
from pipeline.store.backup import reflected
from pipeline.store.engines import Database
from pipeline.store.server import unhurried
from pipeline.store.transcript import ROWS_AT_ONCE, Transcript

# What a database has that nobody ever worked in: its own name, and the pace that processes keep.
UNUSED: Final = ("home", "paces")


def read(database: Database, archive: Archive, finish: Callable[[Connection], None]) -> None:
    """Put a backup into an empty database and bring its schema up to date.

    Args:
        archive: all of it is checked before anything is written.
        finish: what else must be written with it.

    Raises:
        UsageError: the backup is damaged, or of a newer version of the program.
        HomeError: the database is not empty.
        Unreachable: the database does not answer.
    """
    if not schema.is_known(archive.manifest.revision):
        raise UsageError(
            f"{archive.path} has a schema that this program does not know ({archive.manifest.revision}):"
            f" it was made by {archive.manifest.program}. Restore it with that version or a newer one."
        )
    archive.check()
    try:
        with database.writing() as connection:
            unhurried(connection)
            schema.take_turn(connection)
            _make_sure_that_nothing_is_there(connection)
            schema.bring(connection, archive.manifest.revision)
            _fill(connection, archive)
            schema.bring(connection, str(schema.head()))
            finish(connection)
    except (IntegrityError, DataError) as error:
        raise UsageError(
            f"The rows of {archive.path} do not go together; nothing was restored: {error.orig}"
        ) from error


def _make_sure_that_nothing_is_there(connection: Connection) -> None:
    """Look for rows, and let nobody put any in meanwhile."""
    there = set(inspect(connection).get_table_names())
    for name in sorted(there & set(tables.metadata.tables)):
        if connection.dialect.name == "postgresql":
            connection.execute(text(f'LOCK TABLE "{name}" IN ACCESS EXCLUSIVE MODE'))
        table = tables.metadata.tables[name]
        if name not in UNUSED and connection.execute(select(exists().select_from(table))).scalar_one():
            raise HomeError(
                f"The database is not empty: {name} has rows. Restore into an empty one;"
                " to begin anew, make another database or file and set PIPELINE_DATABASE_URL."
            )
    for name in there.intersection(UNUSED):
        connection.execute(delete(tables.metadata.tables[name]))


def _fill(connection: Connection, archive: Archive) -> None:
    parts = {part.name: part for part in archive.manifest.tables}
    _make_sure_that_they_are_ours(connection, parts)
    found = reflected(connection, parts)
    for table in found.sorted_tables:
        _insert(connection, table, archive, parts[table.name])
    for table in found.sorted_tables:
        if _to_itself(table):
            _point(connection, table, archive, parts[table.name])


def _make_sure_that_they_are_ours(connection: Connection, names: Iterable[str]) -> None:
    """A backup holds the tables of its schema, no more and no less."""
    ours = set(inspect(connection).get_table_names()) & set(tables.metadata.tables)
    if odd := ours.symmetric_difference(names):
        raise UsageError(f"The backup does not go with its schema: {', '.join(sorted(odd))}.")


def _insert(connection: Connection, table: Table, archive: Archive, part: Part) -> None:
    """Put in every row; what points to a row of the same table, which may come later, is left empty."""
    transcript, blank = Transcript(table), dict.fromkeys(_to_itself(table))
    into = transcript.inserting(json_is_typed=connection.dialect.name == "postgresql")
    for rows in _some(transcript.read(line) for line in archive.lines(part)):
        connection.execute(into, [{**row, **blank} for row in rows])


def _point(connection: Connection, table: Table, archive: Archive, part: Part) -> None:
    transcript, names = Transcript(table), _to_itself(table)
    (key,) = table.primary_key.columns
    pointing = (
        update(table).where(key == bindparam("its_key")).values({name: bindparam(name) for name in names})
    )
    found = (transcript.read(line) for line in archive.lines(part))
    pairs = (
        {"its_key": row[key.name], **{name: row[name] for name in names}}
        for row in found
        if any(row[name] is not None for name in names)
    )
    for rows in _some(pairs):
        connection.execute(pointing, rows)


def _to_itself(table: Table) -> list[str]:
    """Return the columns that point to a row of the same table."""
    return sorted(key.parent.name for key in table.foreign_keys if key.column.table is table)


def _some(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while batch := list(islice(rows, ROWS_AT_ONCE)):
        yield batch
