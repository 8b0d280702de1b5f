"""What is due: found by partial indexes, rung by one statement a table, a bounded number at a time.

Rows wait by two clocks. ``retry_at`` is the machinery's and uses system time; ``wake_at`` is
business and uses the home's clock. A row that is rung is due again later, so that a lost hint costs
seconds and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
    update,
)

from pipeline.store.columns import Instant
from pipeline.store.engines import Database
from pipeline.store.prepared import Prepared
from pipeline.store.rows import SENDING
from pipeline.store.tables import cases, events, letters

BATCH: Final = 200
RINGS_IN_VAIN: Final = 6  # more than a minute, at the usual pace


@dataclass(frozen=True)
class Pace:
    """How often a row is rung again: after the first wait, doubled each time, to at most the last."""

    first: timedelta
    most: timedelta


@dataclass(frozen=True)
class Due:
    """A row that was rung: which it is, how often so far, and for a case what is due of it."""

    key: str
    rings: int
    step: str | None = None
    is_woken: bool = False
    is_parked: bool = False


# By the system's clock or the home's; built once, since they are asked at every moment. Without its
# condition the minimum would be looked for in every row, the index having only those that wait.
_SYSTEM: Final = bindparam("system", type_=Instant())
_CLOCK: Final = bindparam("clock", type_=Instant())
_FIRST: Final = [
    Prepared(select(func.min(table.c.wake_at)).where(table.c.wake_at.is_not(None)))
    for table in (cases, letters)
]


def _waits(table: Table) -> ColumnElement[bool]:
    opened = and_(table.c.wake_at <= _CLOCK, table.c.retry_at.is_(None))
    return or_(table.c.retry_at <= _SYSTEM, opened)


def due_cases(database: Database, system: datetime, clock: datetime, pace: Pace) -> list[Due]:
    """Ring the cases with a step pending, or something due by the home's clock."""
    wanted = (cases.c.id, cases.c.rings, cases.c.step, cases.c.wake_at, cases.c.parked_at)
    moments = {"system": system, "clock": clock}
    return [
        Due(
            row.id,
            row.rings,
            step=row.step,
            is_woken=row.wake_at is not None and row.wake_at <= clock,
            is_parked=row.parked_at is not None,
        )
        for row in _ring(database, _DUE_CASES, moments, pace, wanted)
    ]


def due_letters(
    database: Database, system: datetime, clock: datetime, pace: Pace, *, mails: bool = True
) -> list[Due]:
    """Ring the letters that may leave now, by either clock, or whose attempt has lapsed.

    Args:
        mails: whether letters may go out; if not, those that wait to are left alone.
    """
    due, moments = (_DUE_LETTERS if mails else _LAPSED_LETTERS), {"system": system, "clock": clock}
    return [
        Due(row.id, row.rings) for row in _ring(database, due, moments, pace, (letters.c.id, letters.c.rings))
    ]


def due_events(database: Database, system: datetime, pace: Pace) -> list[Due]:
    """Ring the stored events that have not been taken in."""
    rung = _ring(database, _DUE_EVENTS, {"system": system}, pace, (events.c.id, events.c.rings))
    return [Due(row.id, row.rings) for row in rung]


class _Scan:
    """The rows of a table that wait in some way, and the question whether there are any."""

    def __init__(self, table: Table, waits: ColumnElement[bool]) -> None:
        self.table = table
        self.waits = waits
        self.is_any = Prepared(select(exists().where(waits)))


def _ring(
    database: Database,
    due: _Scan,
    moments: dict[str, datetime],
    pace: Pace,
    wanted: tuple[ColumnElement[Any], ...],
) -> list[Any]:
    with database.reading() as connection:
        if due.is_any.row(connection, moments) == [False]:
            return []  # nothing is written where nothing is due
    with database.writing() as connection:
        rung = _rung(due, moments["system"], pace).returning(*wanted)
        return list(connection.execute(rung, moments))


def _rung(due: _Scan, system: datetime, pace: Pace) -> Any:
    """Return the statement that rings: rows that another scan or a step has in hand are left out.

    They are chosen once. As a plain subquery PostgreSQL may choose anew for each row that it joins,
    and then neither the limit nor the lock is what it seems.
    """
    table = due.table
    chosen = select(table.c.id).where(due.waits).limit(BATCH).with_for_update(skip_locked=True)
    first = chosen.cte("first").prefix_with("MATERIALIZED", dialect="postgresql")
    values = {"retry_at": _later(table, system, pace), "rings": table.c.rings + 1}
    return update(table).where(table.c.id.in_(select(first.c.id))).values(values)


def _later(table: Table, system: datetime, pace: Pace) -> Any:
    waits = [pace.first]
    while waits[-1] < pace.most:
        waits.append(min(waits[-1] * 2, pace.most))
    moments = [literal(system + wait, Instant()) for wait in waits]
    steps = [(table.c.rings == rings, moment) for rings, moment in enumerate(moments[:-1])]
    return case(*steps, else_=moments[-1]) if steps else moments[-1]


def next_wake(connection: Connection, *, mails: bool = True) -> datetime | None:
    """Return the first moment by the home's clock at which a case is to be looked at, or a letter may leave.

    Args:
        mails: whether letters may go out; if not, none is waited for.
    """
    moments = [query.one(connection)[0] for query in _FIRST[: 1 + mails]]
    return min((moment for moment in moments if moment is not None), default=None)


@dataclass(frozen=True)
class Unanswered:
    """Rows that were rung again and again, and that no worker took up.

    Attributes:
        rings: how often the one was that was rung most.
        since: about when that began, by system time.
    """

    rows: int
    rings: int
    since: datetime


def unanswered(connection: Connection, pace: Pace, *, mails: bool = True) -> Unanswered | None:
    """Return what was rung for so often in vain; what fails, or ends its process, was taken up.

    Args:
        mails: whether letters may go out; if not, nobody rings for those that wait to.
    """
    tables = ((cases, true()), (letters, _is_work(mails)), (events, true()))
    queries = (select(_in_vain(table, where).subquery()) for table, where in tables)
    found = connection.execute(union_all(*queries)).all()
    if not found:
        return None
    most = max(found, key=lambda row: row.rings)
    return Unanswered(sum(row.rows for row in found), most.rings, most.retry_at - _past(most.rings, pace))


def _in_vain(table: Table, where: ColumnElement[bool]) -> Select[Any]:
    """Find the row that was rung most, and how many there are."""
    in_vain = table.c.rings - table.c.attempts - table.c.unfinished >= RINGS_IN_VAIN
    query = select(table.c.rings, table.c.retry_at, func.count().over().label("rows"))
    return query.where(table.c.retry_at.is_not(None), in_vain, where).order_by(table.c.rings.desc()).limit(1)


def _past(rings: int, pace: Pace) -> timedelta:
    """Return how long it takes to ring so often, the pause after the last ring included."""
    doubled = (pace.first * 2 ** min(ring, 20) for ring in range(rings))
    return sum((min(wait, pace.most) for wait in doubled), timedelta())


def is_pending(connection: Connection, *, mails: bool = True) -> bool:
    """Say whether the machinery has anything left to do.

    Args:
        mails: whether letters may go out; if not, those that wait to are no work to be done.
    """
    return _anything(mails=mails).one(connection) == [True]


@cache
def _anything(*, mails: bool) -> Prepared:
    waiting = [exists().where(table.c.retry_at.is_not(None)) for table in (cases, events)]
    waiting.append(exists().where(letters.c.retry_at.is_not(None), _is_work(mails)))
    return Prepared(select(or_(*waiting)))


def _is_work(mails: bool) -> ColumnElement[bool]:
    """A letter whose attempt was broken off is looked at also where none goes out."""
    return true() if mails else letters.c.state == SENDING


_DUE_CASES: Final = _Scan(cases, _waits(cases))
_DUE_LETTERS: Final = _Scan(letters, _waits(letters))
_LAPSED_LETTERS: Final = _Scan(letters, and_(_waits(letters), _is_work(False)))
_DUE_EVENTS: Final = _Scan(events, events.c.retry_at <= _SYSTEM)
