"""Looks into the database that return records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import Column, ColumnElement, Connection, Select, select

from pipeline.domain.lifecycle import Kind, Result, State
from pipeline.errors import NotFound
from pipeline.store import rows
from pipeline.store.prepared import NOTHING, Given, Listed, Prepared
from pipeline.store.unit import TABLES

Row = TypeVar("Row")

# The query for the records of each kind; built once, since that takes longer than asking.
WANTED: Final[Mapping[type, Select[Any]]] = {
    kind: select(*(table.c[field.name] for field in fields(kind))) for kind, table in TABLES.items()
}

# What a case's columns hold as text, and its record as a name; with the places of those columns.
_NAMES: Final[Mapping[str, Callable[[str], Any]]] = {"kind": Kind, "state": State, "result": Result}
_NAMED: Final = [
    (place, _NAMES[each.name]) for place, each in enumerate(fields(rows.Case)) if each.name in _NAMES
]


def all_of(
    connection: Connection, kind: type[Row], *where: ColumnElement[bool], order: Iterable[Any] = ()
) -> list[Row]:
    """Return every record of a kind that matches, in this order."""
    query = WANTED[kind].where(*where).order_by(*order)
    return records(kind, connection.execute(query))


def records(kind: type[Row], found: Iterable[Any]) -> list[Row]:
    """Return the records of a kind in rows of a query that asks for what is ``WANTED``."""
    return [kind(*_with_names(row)) for row in found] if kind is rows.Case else [kind(*row) for row in found]


def _with_names(row: Iterable[Any]) -> list[Any]:
    values = list(row)
    for place, name in _NAMED:
        if values[place] is not None:
            values[place] = name(values[place])
    return values


class Asked(Generic[Row]):
    """The query for the records with some value in a column, or with one of some."""

    def __init__(
        self, kind: type[Row], column: str, *where: ColumnElement[bool], order: Column[Any] | None = None
    ) -> None:
        key, query = TABLES[kind].c[column], WANTED[kind].where(*where).order_by(order)
        self._kind = kind
        self._listed = Listed(lambda values: query.where(key.in_(values)))

    def of(self, connection: Connection, values: Sequence[Any]) -> list[Row]:
        """Return the records with one of these values."""
        return records(self._kind, self._listed.rows(connection, values))

    def one(self, connection: Connection, value: Any) -> Row | None:
        """Return the one record with this value, or None."""
        found = self.of(connection, [value])
        return found[0] if found else None


class Sought(Generic[Row]):
    """The query for all records that match."""

    def __init__(self, kind: type[Row], *where: ColumnElement[bool], order: Column[Any]) -> None:
        self._kind = kind
        self._prepared = Prepared(WANTED[kind].where(*where).order_by(order))

    def all(self, connection: Connection, given: Given = NOTHING) -> list[Row]:
        """Return them, in order."""
        return records(self._kind, self._prepared.rows(connection, given))


_BY_ID: Final[Mapping[type, Asked[Any]]] = {
    kind: Asked(kind, "id") for kind, table in TABLES.items() if "id" in table.c
}
_BY_NUMBER: Final = Asked(rows.Case, "number")


def by_id(connection: Connection, kind: type[Row], key: str | None) -> Row | None:
    """Return the record with this id, or None."""
    found: Row | None = None if key is None else _BY_ID[kind].one(connection, key)
    return found


def by_ids(connection: Connection, kind: type[Row], ids: Iterable[str | None]) -> dict[str, Row]:
    """Return the records with these ids, by id."""
    found = _BY_ID[kind].of(connection, sorted({one for one in ids if one is not None}))
    return {row.id: row for row in found}


def by_number(connection: Connection, number: str) -> rows.Case | None:
    """Return the case with this number, or None."""
    return _BY_NUMBER.one(connection, number)


def one_of(connection: Connection, kind: type[Row], *where: ColumnElement[bool]) -> Row | None:
    """Return the one record that matches, or None."""
    found = all_of(connection, kind, *where)
    return found[0] if found else None


def case_by_number(connection: Connection, number: str) -> rows.Case:
    """Return a case.

    Raises:
        NotFound: no case has this number.
    """
    case = by_number(connection, number)
    if case is None:
        raise NotFound(f"There is no case {number}.")
    return case
