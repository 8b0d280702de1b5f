"""A backup is written while everything runs: all tables as they are at one moment, read row by row."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, MetaData, select

from pipeline.errors import HomeError
from pipeline.store import archive, schema, tables
from pipeline.store.archive import Manifest
from pipeline.store.clock import told_by
from pipeline.store.engines import Database
from pipeline.store.server import unhurried
from pipeline.store.transcript import Transcript

PROGRAM: Final = "validatiestraat"


def write(database: Database, path: Path, system: datetime, *, anew: bool = False) -> Manifest:
    """Write a backup of a database whose schema is up to date.

    Args:
        system: the present moment by the system's clock.
        anew: whether the file may take the place of one that is there.

    Raises:
        UsageError: the file is there already, or cannot be written.
        HomeError: the home was never made.
        Unreachable: the database does not answer; no file is left.
    """
    with archive.created(path, anew=anew) as file, database.reading() as connection:
        unhurried(connection)
        home = connection.execute(select(tables.home)).one_or_none()
        if home is None:
            raise HomeError(
                "There is nothing to back up yet; `pipeline up` or `pipeline migrate` makes the home."
            )
        writer = archive.Writer(file)
        for table in reflected(connection, tables.metadata.tables).sorted_tables:
            writer.table(table.name, Transcript(table).lines(connection))
        return writer.close(
            program=f"{PROGRAM} {version(PROGRAM)}",
            revision=str(schema.revision(connection)),
            home_id=home.name,
            made_at=system,
            clock=told_by(home, system),
        )


def reflected(connection: Connection, names: Iterable[str]) -> MetaData:
    """Return tables as the database has them, whatever this program would make of them."""
    found = MetaData()
    found.reflect(connection, only=list(names))
    return found
