"""A database with as many open cases as one likes, of which only some are due."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    String,
    cast,
    insert,
    literal,
    select,
    text,
    true,
    update,
)
from sqlalchemy import case as either

from pipeline.store.columns import Instant
from pipeline.store.engines import Database
from pipeline.store.server import unhurried
from pipeline.store.tables import cases

DUE: Final = 100  # of however many


def fill(database: Database, template: str, count: int, now: datetime, *, due: int = DUE) -> None:
    """Copy a case ``count`` times; some of the copies are due, the others in a day or later.

    Args:
        template: the id of a case.
    """
    numbers = select(cast(literal(1), BigInteger).label("i")).cte("numbers", recursive=True)
    numbers = numbers.union_all(select(numbers.c.i + 1).where(numbers.c.i < count))
    instead = _instead(numbers.c.i, count // due, now)
    columns = [instead.get(column.name, column).label(column.name) for column in cases.columns]
    copies = select(*columns).select_from(cases.join(numbers, true())).where(cases.c.id == template)
    with database.writing() as connection:
        unhurried(connection)
        connection.execute(insert(cases).from_select(list(cases.columns.keys()), copies))
        connection.execute(update(cases).where(cases.c.id == template).values(wake_at=None, retry_at=None))
        connection.execute(text("ANALYZE"))  # as both databases do by themselves after a while


def _instead(number: ColumnElement[Any], every: int, now: datetime) -> dict[str, ColumnElement[Any]]:
    tomorrow, minute = literal(now + timedelta(days=1), Instant()), 60_000_000  # microseconds
    wake_at = either(
        (number % every == 0, literal(now - timedelta(minutes=1), Instant())),
        else_=cast(tomorrow, Instant().impl) + number * minute,
    )
    return {
        "id": literal("crowd-") + cast(number, String),
        "number": literal("crowd-") + cast(number, String),
        "state": literal("in_review"),
        "data": literal({}, JSON()),
        "wake_at": wake_at,
        "retry_at": literal(None, Instant()),
        "step": literal(None, String()),
        "rings": literal(0),
    }


def calm(database: Database, rung: list[str]) -> None:
    """Let what was rung be due by the home's clock alone, as before."""
    with database.writing() as connection:
        connection.execute(update(cases).where(cases.c.id.in_(rung)).values(retry_at=None, rings=0))
