"""Which rows are parked: nothing rings them any more until a human says so."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import add
from typing import Final

from sqlalchemy import ColumnElement, Connection, Table, and_, func, literal_column, select

from pipeline.store import rows
from pipeline.store.tables import cases, events, letters

# Of a failed letter, a start that never ended says that its process did; any other was told why it failed.
WHERE: Final[Mapping[Table, ColumnElement[bool]]] = {
    cases: cases.c.parked_at.is_not(None),
    events: and_(events.c.parked_at.is_not(None), events.c.state == literal_column("'stored'")),
    letters: and_(letters.c.state == literal_column(f"'{rows.FAILED}'"), letters.c.unfinished > 0),
}


def count(connection: Connection) -> int:
    """Return how many rows are parked."""
    counts = [
        select(func.count()).select_from(table).where(where).scalar_subquery()
        for table, where in WHERE.items()
    ]
    return int(connection.execute(select(reduce(add, counts))).scalar_one())
