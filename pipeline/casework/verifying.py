"""The whole journal gone through: every chain, what its case says of it, and every signed checkpoint.

Rows are streamed, and read as they lie there: one that was tampered with need not be what its
column says. What is told of faults is plain JSON, with keys as docs/json.md names them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain as joined
from itertools import groupby
from typing import Any, Final

from sqlalchemy import BigInteger, Connection, Select, and_, exists, select, type_coerce

from pipeline.casework import sealed
from pipeline.casework.sealed import Json, Kept, fault
from pipeline.domain import chains, journal
from pipeline.domain.chains import End, Fault, Link
from pipeline.domain.journal import Content, Entry
from pipeline.store import tables
from pipeline.store.columns import as_it_lies, moment
from pipeline.store.server import unhurried
from pipeline.wiring import App

_STREAM: Final = 1000  # rows in memory
_UNREADABLE: Final = (TypeError, ValueError, OverflowError)


@dataclass
class Verified:
    """What was looked at, and every fault; all is well when there is none."""

    chains: int = 0
    rows: int = 0
    erased: int = 0
    checkpoints: int = 0
    faults: list[Json] = field(default_factory=list)


def verify(app: App, kept: Iterable[Kept] = ()) -> Verified:
    """Go through the journal in one consistent look.

    Args:
        kept: checkpoints that were kept elsewhere.

    Raises:
        SettingsError: the file with the key of the checkpoints cannot be read.
        Unreachable: the database does not answer.
    """
    found = Verified()
    with app.database.reading() as connection:
        unhurried(connection)
        found.faults += _chains(connection, found)
        found.faults += _cases_without_rows(connection)
        found.faults += _contents_without_row(connection)
        found.faults += sealed.faults(app, connection, kept)
        found.checkpoints = sealed.count(connection)
    return found


def _chains(connection: Connection, found: Verified) -> Iterator[Json]:
    at_home = _home_end(connection)
    rows = connection.execute(_rows(is_sqlite=_is_sqlite(connection)))
    for name, group in groupby(rows, key=lambda row: row.chain):
        found.chains += 1
        yield from _one(name, group, at_home, found)
    if at_home is not None and not _has_rows(connection, journal.HOME):
        yield from _told(journal.HOME, chains.examine((), at_home))


def _one(name: str, group: Iterator[Any], at_home: End | None, found: Verified) -> Iterator[Json]:
    first = next(group)
    end = at_home if name == journal.HOME else _case_end(first)
    unreadable: list[Fault] = []
    links = _links(joined((first,), group), found, unreadable)
    number = name if first.number is None else first.number
    yield from _told(number, chains.examine(links, end))
    yield from _told(number, unreadable)


def _told(number: str, faults: Iterable[Fault]) -> Iterator[Json]:
    for each in faults:
        yield fault(each.says, case=number, row=each.row)


def _links(rows: Iterable[Any], found: Verified, unreadable: list[Fault]) -> Iterator[Link]:
    for row in rows:
        found.rows += 1
        found.erased += row.salt is None
        try:
            yield _link(row)
        except _UNREADABLE:
            place = row.place if isinstance(row.place, int) else None
            unreadable.append(Fault(place, "holds what no row of the journal can hold"))


def _rows(*, is_sqlite: bool) -> Select[Any]:
    """Return every row with its content and what its case says, chain by chain."""
    rows, contents, cases = tables.journal, tables.journal_contents, tables.cases
    names = ("chain", "place", "version", "event", "old_state", "new_state", "correlation", "content_digest")
    told = and_(contents.c.chain == rows.c.chain, contents.c.place == rows.c.place)
    return (
        select(
            *(rows.c[name] for name in names),
            rows.c.hash,
            type_coerce(rows.c.at, BigInteger).label("at"),
            *(
                contents.c.salt,
                contents.c.by,
                as_it_lies(contents.c.facts, is_sqlite=is_sqlite).label("facts"),
            ),
            *_said(is_sqlite=is_sqlite),
        )
        .select_from(rows.outerjoin(contents, told).outerjoin(cases, cases.c.id == rows.c.chain))
        .order_by(rows.c.chain, rows.c.place)
        .execution_options(yield_per=_STREAM)
    )


def _said(*, is_sqlite: bool) -> tuple[Any, ...]:
    """Return what a case says of its chain; days as text."""
    cases = tables.cases
    days = (
        as_it_lies(cases.c[name], is_sqlite=is_sqlite).label(name) for name in ("decided_on", "closed_on")
    )
    names = ("number", "kind", "state", "result", "journal_length", "journal_head")
    return (*(cases.c[name] for name in names), *days)


def _link(row: Any) -> Link:
    """Return a row as the rules know it.

    Raises:
        TypeError, ValueError, OverflowError: it holds what no such row can hold.
    """
    strings = (row.chain, row.event, row.new_state, row.content_digest, row.hash)
    maybe = (row.old_state, row.correlation, row.salt, row.by, row.facts)
    if not all(isinstance(one, str) for one in (*strings, *(each for each in maybe if each is not None))):
        raise TypeError("a text is none")
    if not isinstance(row.place, int) or not isinstance(row.version, int):
        raise TypeError("a number is none")
    entry = Entry(
        chain=row.chain,
        place=row.place,
        version=row.version,
        at=moment(row.at),
        event=row.event,
        old_state=row.old_state,
        new_state=row.new_state,
        correlation=row.correlation,
        content_digest=row.content_digest,
        hash=row.hash,
    )
    if row.salt is None:
        return Link(entry, None)
    return Link(entry, Content(row.chain, row.place, row.salt, row.by, json.loads(row.facts)))


def _case_end(row: Any) -> End | None:
    if row.number is None:
        return None
    return End(
        length=row.journal_length,
        head=row.journal_head,
        kind=row.kind,
        state=row.state,
        result=row.result,
        decided_on=row.decided_on,
        closed_on=row.closed_on,
    )


def _home_end(connection: Connection) -> End | None:
    home = tables.home
    row = connection.execute(select(home.c.journal_length, home.c.journal_head)).one_or_none()
    return None if row is None else End(row.journal_length, row.journal_head)


def _has_rows(connection: Connection, chain: str) -> bool:
    there = exists().where(tables.journal.c.chain == chain)
    return bool(connection.execute(select(there)).scalar_one())


def _cases_without_rows(connection: Connection) -> Iterator[Json]:
    cases = tables.cases
    none = ~exists().where(tables.journal.c.chain == cases.c.id)
    said = select(cases.c.id, *_said(is_sqlite=_is_sqlite(connection)))
    for row in connection.execute(said.where(none).order_by(cases.c.number)):
        end = _case_end(row)
        yield from _told(row.number, chains.examine((), end))


def _contents_without_row(connection: Connection) -> Iterator[Json]:
    rows, contents = tables.journal, tables.journal_contents
    none = ~exists().where(rows.c.chain == contents.c.chain, rows.c.place == contents.c.place)
    for chain, place in connection.execute(select(contents.c.chain, contents.c.place).where(none)):
        yield fault("has a content, and there is no such row", case=chain, row=place)


def _is_sqlite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"
