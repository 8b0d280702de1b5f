"""The tables of the journal, which only grow."""

from __future__ import annotations

from typing import Final

from sqlalchemy import JSON, Column, Date, ForeignKeyConstraint, Index, Integer, LargeBinary, String, Table

from pipeline.store import append_only
from pipeline.store.columns import Instant
from pipeline.store.metadata import metadata

# One chain of hashes a case, and one for what concerns the home as a whole.
journal: Final = Table(
    "journal",
    metadata,
    Column("chain", String(32), primary_key=True),  # id of the case, or "home"
    Column("place", Integer, primary_key=True, autoincrement=False),  # 1, 2, 3 ... without gaps
    Column("version", Integer, nullable=False),  # of the case, as this row left it
    Column("at", Instant, nullable=False),
    Column("event", String, nullable=False),
    Column("old_state", String),
    Column("new_state", String, nullable=False),
    Column("correlation", String(32)),
    Column("content_digest", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)
Index(None, journal.c.at)

# Lies apart, since it goes when its time has come; the digest in the chain stays.
journal_contents: Final = Table(
    "journal_contents",
    metadata,
    Column("chain", String(32), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("salt", String(32), nullable=False),
    Column("by", String, nullable=False),
    Column("facts", JSON, nullable=False),
    ForeignKeyConstraint(["chain", "place"], ["journal.chain", "journal.place"]),
)

checkpoints: Final = Table(
    "checkpoints",
    metadata,
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("day", Date, nullable=False),
    Column("at", Instant, nullable=False),
    Column("document", LargeBinary, nullable=False),  # the bytes that are signed
    Column("signature", LargeBinary, nullable=False),
    Column("key_id", String(16), nullable=False),
)

for _table in (journal, journal_contents, checkpoints):
    append_only.guard(_table)
