"""Rows as lines of JSON, the same from SQLite and PostgreSQL, and back again without a difference.

A value is written as the database holds it: moments as whole microseconds, days in ISO 8601, bytes in
base64, and JSON as its very text, since a digest may have been taken of what it says.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    Insert,
    Integer,
    LargeBinary,
    Select,
    String,
    Table,
    Text,
    bindparam,
    cast,
    insert,
    select,
)
from sqlalchemy.types import TypeEngine

from pipeline.errors import UsageError

ROWS_AT_ONCE: Final = 100


class _Kind(NamedTuple):
    """How values of one type are written; ``python`` is what they are between the two."""

    sql: type[TypeEngine[Any]]
    python: type
    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


def _bytes(text: str) -> bytes:
    return base64.b64decode(text.encode("ascii"), validate=True)


# In this order: a boolean is no number, and JSON is kept as text.
_KINDS: Final = (
    _Kind(JSON, str, _same, _same),
    _Kind(Boolean, bool, _same, _same),
    _Kind(Date, date, date.isoformat, date.fromisoformat),
    _Kind(LargeBinary, bytes, lambda value: base64.b64encode(value).decode("ascii"), _bytes),
    _Kind(Integer, int, _same, _same),
    _Kind(String, str, _same, _same),
)


class Transcript:
    """Writes and reads the rows of one table."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self.columns: tuple[str, ...] = tuple(column.name for column in table.columns)
        self._kinds = {column.name: _kind(column) for column in table.columns}

    def lines(self, connection: Connection) -> Iterator[bytes]:
        """Yield every row as a line, in the order of the key; a few rows are held at a time."""
        query = self._selecting().order_by(*self._table.primary_key.columns)
        found = connection.execute(query, execution_options={"yield_per": ROWS_AT_ONCE})
        for row in found:
            yield self.written(dict(zip(self.columns, row, strict=True)))

    def written(self, row: dict[str, Any]) -> bytes:
        """Return a row as a line."""
        values = {
            name: None if row[name] is None else kind.write(row[name]) for name, kind in self._kinds.items()
        }
        return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"

    def read(self, line: bytes) -> dict[str, Any]:
        """Return the row that a line says.

        Raises:
            UsageError: it is no row of this table.
        """
        try:
            document = json.loads(line)
            if not isinstance(document, dict) or document.keys() != self._kinds.keys():
                raise ValueError("other columns than the table has")
            return {name: _read(self._kinds[name], name, value) for name, value in document.items()}
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            raise UsageError(f"A row of {self._table.name} in the backup cannot be read: {error}.") from None

    def inserting(self, *, json_is_typed: bool) -> Insert:
        """Return the statement that puts in rows as ``read`` returns them.

        Args:
            json_is_typed: whether text must be cast to become JSON; SQLite would make a number of it.
        """
        return insert(self._table).values(
            {column.name: _bound(column, json_is_typed) for column in self._table.columns}
        )

    def _selecting(self) -> Select[Any]:
        return select(
            *(
                cast(column, Text) if isinstance(column.type, JSON) else column
                for column in self._table.columns
            )
        )


def _bound(column: Column[Any], json_is_typed: bool) -> Any:
    if not isinstance(column.type, JSON):
        return bindparam(column.name, type_=column.type)
    text = bindparam(column.name, type_=Text())
    return cast(text, column.type) if json_is_typed else text


def _kind(column: Column[Any]) -> _Kind:
    for kind in _KINDS:
        if isinstance(column.type, kind.sql):
            return kind
    raise TypeError(f"{column} has a type that no backup can hold: {column.type}")


def _read(kind: _Kind, name: str, value: Any) -> Any:
    if value is None:
        return None
    read = kind.read(value)
    if type(read) is not kind.python:
        raise ValueError(f"{name} is not of the right type")
    return read
