"""How fast all processes together may do something: turns, one after the other, by system time."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, case, literal, type_coerce, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from pipeline.store.columns import Instant
from pipeline.store.engines import Database
from pipeline.store.tables import paces


def next_turn(database: Database, name: str, now: datetime, apart: timedelta) -> datetime:
    """Take the next turn and return when it is: now, or as long after the one before as is asked."""
    insert = insert_sqlite if database.is_sqlite else insert_postgresql
    started = insert(paces).values(name=name, next_at=now).on_conflict_do_nothing()
    step = int(apart / timedelta(microseconds=1))
    free = literal(now, Instant())
    begins = type_coerce(case((paces.c.next_at < free, free), else_=paces.c.next_at), BigInteger)
    taken = update(paces).where(paces.c.name == name).values(next_at=begins + step).returning(paces.c.next_at)
    with database.writing() as connection:
        connection.execute(started)
        after: datetime = connection.execute(taken).scalar_one()
    return after - timedelta(microseconds=step)
