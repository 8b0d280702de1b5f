"""Looks into the database that return records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, bindparam, select

from pipeline.domain.lifecycle import Kind, Result, State
from pipeline.errors import NotFound
from pipeline.store import rows, tables
from pipeline.store.unit import TABLES

Row = TypeVar("Row")

# The query for the records of each kind; built once, since that takes longer than asking.
WANTED: Final[Mapping[type, Select[Any]]] = {
    kind: select(*(table.c[field.name] for field in fields(kind))) for kind, table in TABLES.items()
}
_BY_ID: Final[Mapping[type, Select[Any]]] = {
    kind: WANTED[kind].where(table.c.id == bindparam("id"))
    for kind, table in TABLES.items()
    if "id" in table.c
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


def by_id(connection: Connection, kind: type[Row], key: str | None) -> Row | None:
    """Return the record with this id, or None."""
    found = records(kind, connection.execute(_BY_ID[kind], {"id": key})) if key is not None else ()
    return found[0] if found else None


def one_of(connection: Connection, kind: type[Row], *where: ColumnElement[bool]) -> Row | None:
    """Return the one record that matches, or None."""
    found = all_of(connection, kind, *where)
    return found[0] if found else None


def case_by_number(connection: Connection, number: str) -> rows.Case:
    """Return a case.

    Raises:
        NotFound: no case has this number.
    """
    case = one_of(connection, rows.Case, tables.cases.c.number == number)
    if case is None:
        raise NotFound(f"There is no case {number}.")
    return case
