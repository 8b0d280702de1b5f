"""The journal of one case as it is read: each row with its content, unless that was erased."""

from __future__ import annotations

from sqlalchemy import Connection

from pipeline.store import rows, tables
from pipeline.store.reading import all_of


def of(connection: Connection, chain: str) -> list[tuple[rows.Entry, rows.Content | None]]:
    """Return a chain of the journal, the oldest row first."""
    journal, contents = tables.journal, tables.journal_contents
    entries = all_of(connection, rows.Entry, journal.c.chain == chain, order=[journal.c.place])
    told = {row.place: row for row in all_of(connection, rows.Content, contents.c.chain == chain)}
    return [(entry, told.get(entry.place)) for entry in entries]
