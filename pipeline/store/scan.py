"""What is due: found by partial indexes, rung by one statement a table, a bounded number at a time.

Rows wait by two clocks. ``retry_at`` is the machinery's and uses system time; ``wake_at`` is
business and uses the home's clock. A row that is rung is due again later, so that a lost hint costs
seconds and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
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


def due_cases(database: Database, system: datetime, clock: datetime, pace: Pace) -> list[Due]:
    """Ring the cases with a step pending, or something due by the home's clock."""
    waits = or_(cases.c.retry_at <= system, and_(cases.c.wake_at <= clock, cases.c.retry_at.is_(None)))
    wanted = (cases.c.id, cases.c.rings, cases.c.step, cases.c.wake_at, cases.c.parked_at)
    return [
        Due(
            row.id,
            row.rings,
            step=row.step,
            is_woken=row.wake_at is not None and row.wake_at <= clock,
            is_parked=row.parked_at is not None,
        )
        for row in _ring(database, cases, waits, system, pace, wanted)
    ]


def due_letters(
    database: Database, system: datetime, clock: datetime, pace: Pace, *, mails: bool = True
) -> list[Due]:
    """Ring the letters that may leave now, by either clock, or whose attempt has lapsed.

    Args:
        mails: whether letters may go out; if not, those that wait to are left alone.
    """
    opened = and_(letters.c.wake_at <= clock, letters.c.retry_at.is_(None))
    waits = and_(or_(letters.c.retry_at <= system, opened), _is_work(mails))
    rung = _ring(database, letters, waits, system, pace, (letters.c.id, letters.c.rings))
    return [Due(row.id, row.rings) for row in rung]


def due_events(database: Database, system: datetime, pace: Pace) -> list[Due]:
    """Ring the stored events that have not been taken in."""
    rung = _ring(database, events, events.c.retry_at <= system, system, pace, (events.c.id, events.c.rings))
    return [Due(row.id, row.rings) for row in rung]


def _ring(
    database: Database,
    table: Table,
    waits: ColumnElement[bool],
    system: datetime,
    pace: Pace,
    wanted: tuple[ColumnElement[Any], ...],
) -> list[Any]:
    with database.reading() as connection:
        if not connection.execute(select(exists().where(waits))).scalar_one():
            return []  # nothing is written where nothing is due
    with database.writing() as connection:
        return list(connection.execute(_rung(table, waits, system, pace).returning(*wanted)))


def _rung(table: Table, waits: ColumnElement[bool], system: datetime, pace: Pace) -> Any:
    """Return the statement that rings: rows that another scan or a step has in hand are left out.

    They are chosen once. As a plain subquery PostgreSQL may choose anew for each row that it joins,
    and then neither the limit nor the lock is what it seems.
    """
    chosen = select(table.c.id).where(waits).limit(BATCH).with_for_update(skip_locked=True)
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


def next_wake(database: Database, *, mails: bool = True) -> datetime | None:
    """Return the first moment by the home's clock at which a case is to be looked at, or a letter may leave.

    Args:
        mails: whether letters may go out; if not, none is waited for.
    """
    first = [select(func.min(table.c.wake_at)) for table in ((cases, letters) if mails else (cases,))]
    with database.reading() as connection:
        moments = [connection.execute(query).scalar_one_or_none() for query in first]
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


def is_pending(database: Database, *, mails: bool = True) -> bool:
    """Say whether the machinery has anything left to do.

    Args:
        mails: whether letters may go out; if not, those that wait to are no work to be done.
    """
    waiting = [exists().where(table.c.retry_at.is_not(None)) for table in (cases, events)]
    waiting.append(exists().where(letters.c.retry_at.is_not(None), _is_work(mails)))
    with database.reading() as connection:
        return bool(connection.execute(select(or_(*waiting))).scalar_one())


def _is_work(mails: bool) -> ColumnElement[bool]:
    """A letter whose attempt was broken off is looked at also where none goes out."""
    return true() if mails else letters.c.state == SENDING
