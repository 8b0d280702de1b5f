"""The rows of a database as a file, whatever the schema: what a release left behind, to be upgraded."""

from __future__ import annotations

import json
import lzma
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from sqlalchemy import JSON, Column, Connection, Date, LargeBinary, MetaData, Table, null, select

Rows = list[Mapping[str, Any]]
VERSION: Final = "alembic_version"  # the migrations' own


def of(connection: Connection) -> dict[str, Rows]:
    """Return every row of every table but the migrations' own, ordered by its key."""
    return {
        table.name: [
            {column.name: _told(row[column.name]) for column in table.columns}
            for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()
        ]
        for table in _tables(connection)
    }


def write(file: Path, found: Mapping[str, Rows]) -> None:
    """Write rows to a file, the same bytes for the same rows."""
    file.write_bytes(lzma.compress(json.dumps(found, sort_keys=True).encode(), preset=9))


def read(file: Path) -> dict[str, Rows]:
    """Return the rows in a file."""
    found: dict[str, Rows] = json.loads(lzma.decompress(file.read_bytes()))
    return found


def fill(connection: Connection, found: Mapping[str, Rows]) -> None:
    """Insert rows into the tables of a database, which are there and empty."""
    for table in _tables(connection):
        meant = [
            {name: _meant(table.columns[name], value) for name, value in row.items()}
            for row in found[table.name]
        ]
        if meant:
            connection.execute(table.insert(), meant)


def _tables(connection: Connection) -> list[Table]:
    known = MetaData()
    known.reflect(connection)
    return [table for table in known.sorted_tables if table.name != VERSION]


def _told(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _meant(column: Column[Any], value: Any) -> Any:
    if value is None:
        return null() if isinstance(column.type, JSON) else None
    if isinstance(column.type, Date):
        return date.fromisoformat(value)
    return value.encode("latin-1") if isinstance(column.type, LargeBinary) else value
