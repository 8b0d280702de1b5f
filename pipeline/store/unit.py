"""Think outside, write inside: a draft's rows go in together or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    bindparam,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert_postgresql
from sqlalchemy.dialects.sqlite import insert as upsert_sqlite
from sqlalchemy.exc import IntegrityError

from pipeline.domain import journal
from pipeline.domain.numbers import ACTIVITY_COUNTER, FIRST_ACTIVITY, activity_number
from pipeline.errors import Stale
from pipeline.store import rows, tables
from pipeline.store.engines import Database
from pipeline.store.prepared import Prepared

TABLES: Final[Mapping[type, Table]] = {
    rows.Event: tables.events,
    rows.Provider: tables.providers,
    rows.Case: tables.cases,
    rows.Request: tables.requests,
    rows.Extension: tables.extensions,
    rows.Reviewer: tables.reviewers,
    rows.Assignment: tables.assignments,
    rows.Verdict: tables.verdicts,
    rows.Registration: tables.registrations,
    rows.Letter: tables.letters,
    rows.Task: tables.tasks,
    rows.Rung: tables.rungs,
    rows.Entry: tables.journal,
    rows.Content: tables.journal_contents,
    rows.Checkpoint: tables.checkpoints,
    rows.Suppression: tables.suppressions,
    rows.Bounce: tables.bounces,
}


@dataclass(frozen=True)
class Insert:
    """A new row; with ``or_ignore`` one that may be there already."""

    table: Table
    values: Mapping[str, Any]
    or_ignore: bool = False


@dataclass(frozen=True)
class Change:
    """New values for the rows that match; ``must`` match one, or the write is stale."""

    table: Table
    where: Mapping[str, Any]
    values: Mapping[str, Any]
    must: bool = True


@dataclass(frozen=True)
class Guard:
    """A row that was looked at and must still be as it was; locked in the order given."""

    table: Table
    key: str
    version: int


@dataclass(frozen=True)
class Unless:
    """Something that must not be so when the rest is written: that a query finds a row.

    Attributes:
        query: with what is given as its parameters.
        what: the name of the table that it asks.
    """

    what: str
    query: Prepared
    given: Mapping[str, Any]


@dataclass(frozen=True)
class Numbered:
    """A registration that gets the next activity number, and the case that it belongs to."""

    registration: rows.Registration  # its number is empty
    case_id: str


@dataclass(frozen=True)
class HomeNote:
    """A row for the journal of the home; where it comes in the chain is known when it is written."""

    at: datetime
    event: str
    by: str
    facts: Mapping[str, Any]
    salt: str


@dataclass(frozen=True)
class Forgotten:
    """Contents of the journal to be taken away; the same transaction must tell the chain which."""

    chain: str
    places: Sequence[int]


_KEY: Final = "key_"  # before a column's name: the value by which its row is found

Op = Insert | Change | Guard | Unless | Numbered | HomeNote | Forgotten


def new(row: Any) -> Insert:
    """Return the insert of a record from ``rows``."""
    return Insert(TABLES[type(row)], {field.name: getattr(row, field.name) for field in fields(row)})


def changed(before: Any, after: Any) -> dict[str, Any]:
    """Return the fields in which two records differ, with their new values."""
    names = (field.name for field in fields(after))
    return {name: getattr(after, name) for name in names if getattr(before, name) != getattr(after, name)}


def case_change(before: rows.Case, after: rows.Case) -> Change:
    """Return the change of a case; it must still have the version that was read."""
    values = changed(before, after) | {"version": before.version + 1}
    return Change(tables.cases, {"id": before.id, "version": before.version}, values)


class Unit:
    """Writes drafts; each call is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def write(self, ops: Sequence[Op]) -> None:
        """Write all of it, or nothing; guards first and the global counter last.

        Raises:
            Stale: a row is no longer as it was read, or a row of the same key came in between.
        """
        try:
            with self._database.writing() as connection:
                apply(connection, ops)
        except IntegrityError as error:
            raise Stale(f"A row of this kind came in between: {error.orig}") from error

    def reserve(self, name: str, size: int) -> range:
        """Take the next ``size`` values of a counter; what is not used stays a gap."""
        with self._database.writing() as connection:
            last = _count(connection, name, size, first=1)
        return range(last - size + 1, last + 1)


def apply(connection: Connection, ops: Sequence[Op]) -> None:
    """Write all of it within a transaction: guards first and the global counter last.

    Raises:
        Stale: a row is no longer as it was read.
        IntegrityError: a row of the same key came in between.
    """
    for op in sorted(ops, key=lambda op: (not isinstance(op, Guard | Unless), isinstance(op, Numbered))):
        _apply(connection, op)


def _apply(connection: Connection, op: Op) -> None:
    match op:
        case Insert(table, values, or_ignore):
            _insert(connection, table, values, or_ignore=or_ignore)
        case Change():
            _change(connection, op)
        case Guard(table, key, version):
            if _version(table).row(connection, {"id": key}) != [version]:
                raise Stale(f"{table.name} {key} is no longer as it was read.")
        case Unless(what, query, given):
            if query.row(connection, given):
                raise Stale(f"A row of {what} has come to forbid it.")
        case Numbered(registration, case_id):
            _number(connection, registration, case_id)
        case HomeNote():
            _note(connection, op)
        case Forgotten(chain, places):
            table = tables.journal_contents
            connection.execute(delete(table).where(table.c.chain == chain, table.c.place.in_(places)))


def _change(connection: Connection, op: Change) -> None:
    if any(isinstance(value, ColumnElement) for value in op.values.values()):
        matching = [op.table.c[name] == value for name, value in op.where.items()]
        count = connection.execute(update(op.table).where(*matching).values(op.values)).rowcount
    else:
        count = _change_plainly(connection, op)
    if op.must and count != 1:
        raise Stale(f"A row of {op.table.name} is no longer as it was read.")


def _change_plainly(connection: Connection, op: Change) -> int:
    given = tuple(sorted(name for name, value in op.where.items() if value is not None))
    absent = tuple(sorted(op.where.keys() - given))
    keys = {_KEY + name: op.where[name] for name in given}
    return _matching(op.table, given, absent, tuple(op.values)).changed(connection, {**op.values, **keys})


@cache
def _matching(
    table: Table, given: tuple[str, ...], absent: tuple[str, ...], columns: tuple[str, ...]
) -> Prepared:
    """Return the update of the rows in which some columns have a value to be given, and others none."""
    keys = [_KEY + name for name in given]
    matching = [table.c[name] == bindparam(key) for name, key in zip(given, keys, strict=True)]
    nothing = [table.c[name].is_(None) for name in absent]
    return Prepared(update(table).where(*matching, *nothing), [*columns, *keys])


def _insert(
    connection: Connection, table: Table, values: Mapping[str, Any], *, or_ignore: bool = False
) -> None:
    ignored = connection.dialect.name if or_ignore else None
    _inserted(table, tuple(values), ignored).changed(connection, values)


@cache
def _inserted(table: Table, columns: tuple[str, ...], ignored: str | None) -> Prepared:
    """Return the insert of these columns; one that may be there already is another on each database."""
    statement = insert(table) if ignored is None else _upsert(ignored, table)
    return Prepared(statement.inline(), columns)


@cache
def _version(table: Table) -> Prepared:
    return Prepared(select(table.c.version).where(table.c.id == bindparam("id")).with_for_update())


def _upsert(dialect: str, table: Table) -> Any:
    made = upsert_postgresql(table) if dialect == "postgresql" else upsert_sqlite(table)
    return made.on_conflict_do_nothing()


def _number(connection: Connection, registration: rows.Registration, case_id: str) -> None:
    number = activity_number(_count(connection, ACTIVITY_COUNTER, 1, first=FIRST_ACTIVITY))
    values = new(registration).values
    _insert(connection, tables.registrations, {**values, "number": number})
    _change_plainly(connection, Change(tables.cases, {"id": case_id}, {"registration_number": number}))


def _note(connection: Connection, note: HomeNote) -> None:
    home = tables.home
    chained = select(home.c.journal_length, home.c.journal_head).with_for_update()
    length, head = connection.execute(chained).one()
    content = rows.Content(journal.HOME, length + 1, note.salt, note.by, note.facts)
    digest = journal.content_digest(content)
    entry = rows.Entry(journal.HOME, length + 1, 0, note.at, note.event, None, "", None, digest)
    entry = journal.linked(head, entry)
    for row in (entry, content):
        _apply(connection, new(row))
    connection.execute(update(home).values(journal_length=entry.place, journal_head=entry.hash))


def _count(connection: Connection, name: str, size: int, *, first: int) -> int:
    """Move a counter on and return its last value; gap-free, since a rollback takes it back."""
    counters = tables.counters
    _insert(connection, counters, {"name": name, "value": first - 1}, or_ignore=True)
    step = update(counters).where(counters.c.name == name).values(value=counters.c.value + size)
    return int(connection.execute(step.returning(counters.c.value)).scalar_one())


def ringing_again(at: datetime) -> dict[str, Any]:
    """Return the values that let the waker ring a row at ``at`` (system time) as if for the first time."""
    return {"retry_at": at, "rings": 0, "attempts": 0, "unfinished": 0, "last_error": None}
