"""What every table is made of: the names of constraints, and columns that several tables have."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, String, Table, Text, text

from pipeline.store.columns import Instant

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def key() -> Column[str]:
    """Return the column that tells a row from every other in the home: an id in hexadecimal."""
    return Column("id", String(32), primary_key=True)


def to(name: str, target: str, *, required: bool = False, index: bool = False) -> Column[str]:
    """Return a column that names a row of another table by its id."""
    return Column(name, ForeignKey(f"{target}.id"), nullable=not required, index=index)


def ringing() -> tuple[Column[Any], ...]:
    """Columns of whatever the waker rings again until it moves; ``retry_at`` is system time."""
    return (
        Column("retry_at", Instant),
        Column("rings", Integer, nullable=False, default=0),
        Column("attempts", Integer, nullable=False, default=0),  # those that ended with an error
        Column("unfinished", Integer, nullable=False, default=0),  # those that were begun and never ended
        Column("last_error", Text),
    )


def chained() -> tuple[Column[Any], ...]:
    """Columns of whatever a chain of the journal belongs to: how long it is, and its last hash."""
    return (
        Column("journal_length", Integer, nullable=False, default=0),
        Column("journal_head", String(64)),
    )


def due(table: Table, column: str) -> Index:
    """Index only the rows that wait: the scan's cost grows with what is due."""
    waits = text(f"{column} IS NOT NULL")
    return Index(None, table.c[column], sqlite_where=waits, postgresql_where=waits)
