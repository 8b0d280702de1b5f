"""Looks into the database that return records."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, select

from pipeline.domain.lifecycle import Kind, Result, State
from pipeline.errors import NotFound
from pipeline.store import rows, tables
from pipeline.store.unit import TABLES

Row = TypeVar("Row")


def all_of(
    connection: Connection, kind: type[Row], *where: ColumnElement[bool], order: Iterable[Any] = ()
) -> list[Row]:
    """Return every record of a kind that matches, in this order."""
    table = TABLES[kind]
    query: Select[Any] = select(table)
    return records(kind, connection.execute(query.where(*where).order_by(*order)))


def records(kind: type[Row], found: Iterable[Any]) -> list[Row]:
    """Return the records of a kind in rows that have all of its columns."""
    return [_record(kind, row._mapping) for row in found]


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


def _record(kind: type[Row], values: Any) -> Row:
    record = kind(**values)
    if isinstance(record, rows.Case):
        return replace(
            record,
            kind=Kind(record.kind),
            state=State(record.state),
            result=Result(record.result) if record.result else None,
        )
    return record
