"""Chain the journal, and make room for held homes, bounces and steps that never end."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op

from pipeline.domain import journal
from pipeline.store import append_only
from pipeline.store.columns import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_BATCH = 500


def _added() -> dict[str, list[sa.Column[Any]]]:
    """Return the columns that tables get; anew each time, since a column belongs to one table."""
    return {
        "home": [
            sa.Column("name", sa.String(64)),
            sa.Column("held_at", Instant()),
            sa.Column("restored_from", sa.String(64)),
            sa.Column("journal_length", sa.Integer(), nullable=False, server_default="0"),
            sa.Column("journal_head", sa.String(64)),
        ],
        "events": [
            sa.Column("unfinished", sa.Integer(), nullable=False, server_default="0"),
            sa.Column("erased_on", sa.Date()),
        ],
        "cases": [
            sa.Column("unfinished", sa.Integer(), nullable=False, server_default="0"),
            sa.Column("correlation", sa.String(32)),
            sa.Column("erased_on", sa.Date()),
            sa.Column("journal_length", sa.Integer(), nullable=False, server_default="0"),
            sa.Column("journal_head", sa.String(64)),
        ],
        "letters": [
            sa.Column("unfinished", sa.Integer(), nullable=False, server_default="0"),
            sa.Column("wake_at", Instant()),
            sa.Column("turn_at", Instant()),
            sa.Column("send_by", Instant()),
            sa.Column("bounced_at", Instant()),
            sa.Column("replaced_by", sa.String(32)),
            sa.Column("erased_on", sa.Date()),
            sa.Column("correlation", sa.String(32)),
        ],
    }


def upgrade() -> None:
    """Bring the schema to this revision; the rows of the journal become links of chains."""
    for table, columns in _added().items():
        for column in columns:
            op.add_column(table, column)
    waits = sa.text("wake_at IS NOT NULL")
    op.create_index("ix_letters_wake_at", "letters", ["wake_at"], sqlite_where=waits, postgresql_where=waits)
    _make_tables()
    _set_the_old_journal_aside()
    _make_journal()
    _chain(op.get_bind())
    op.drop_table("journal_before")
    for table in append_only.REFUSED:
        for statement in append_only.statements(op.get_bind().dialect.name, table):
            op.execute(statement)
    op.execute("UPDATE cases SET correlation = event_ref")
    op.execute(
        "UPDATE letters SET correlation = (SELECT event_ref FROM cases WHERE cases.id = letters.case_id)"
    )
    op.get_bind().execute(sa.text("UPDATE home SET name = :name"), {"name": _random()})


def objection(connection: sa.Connection) -> str | None:
    """Return why the release before must not work on this home now."""
    if connection.execute(sa.text("SELECT 1 FROM home WHERE held_at IS NOT NULL")).first() is not None:
        return "The home is held, which the release before does not know: it would mail. Release it first."
    return None


def given_up(connection: sa.Connection) -> dict[str, int]:
    """Return what going down gives up; of cases, events and letters that is no row."""
    asked = {
        "hashes of the journal": "journal",
        "rows of the journal about the home as a whole": "journal WHERE chain = 'home'",
        "signed checkpoints": "checkpoints",
        "what came back by mail": "bounces",
        "addresses to which nothing is mailed": "suppressions WHERE released_at IS NULL",
        "versions of the rules that say when letters leave, how restores jump and what is erased when": (
            "policies WHERE CAST(document AS TEXT) LIKE '%\"retention\"%'"
        ),
    }
    return {
        what: connection.execute(sa.text(f"SELECT count(*) FROM {rows}")).scalar_one()  # noqa: S608 -- ours
        for what, rows in asked.items()
    }


def downgrade() -> None:
    """Bring the schema back; hashes, checkpoints, bounces and what concerns the home as a whole are given up."""
    for statement in append_only.lifting(op.get_bind().dialect.name):
        op.execute(statement)
    op.rename_table("journal", "journal_chained")
    if not _is_sqlite():
        op.execute("ALTER INDEX pk_journal RENAME TO pk_journal_chained")
    _make_old_journal()
    _unchain(op.get_bind())
    _write_rules_as_before(op.get_bind())
    op.drop_table("journal_contents")
    op.drop_table("journal_chained")
    for table in ("checkpoints", "suppressions", "bounces", "paces"):
        op.drop_table(table)
    op.drop_index("ix_letters_wake_at", table_name="letters")
    # A letter that waits for the morning is found by no scan of the release before, unless it is due then.
    op.execute("UPDATE letters SET retry_at = wake_at WHERE state = 'queued' AND retry_at IS NULL")
    for table, columns in _added().items():
        for column in columns:
            op.drop_column(table, column.name)


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _random() -> str:
    return uuid.uuid4().hex  # noqa: TID251 -- a migration is run once, by nobody who could give it ids


def _set_the_old_journal_aside() -> None:
    op.drop_index("ix_journal_case_id", table_name="journal")
    op.rename_table("journal", "journal_before")
    if not _is_sqlite():
        op.execute("ALTER INDEX pk_journal RENAME TO pk_journal_before")


def _make_journal() -> None:
    op.create_table(
        "journal",
        sa.Column("chain", sa.String(32), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("old_state", sa.String()),
        sa.Column("new_state", sa.String(), nullable=False),
        sa.Column("correlation", sa.String(32)),
        sa.Column("content_digest", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("chain", "place", name="pk_journal"),
    )
    op.create_index("ix_journal_at", "journal", ["at"])
    op.create_table(
        "journal_contents",
        sa.Column("chain", sa.String(32), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["chain", "place"], ["journal.chain", "journal.place"], name="fk_journal_contents_chain"
        ),
        sa.PrimaryKeyConstraint("chain", "place", name="pk_journal_contents"),
    )


def _make_tables() -> None:
    op.create_table(
        "checkpoints",
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("place", name="pk_checkpoints"),
    )
    op.create_table(
        "suppressions",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("letter_id", sa.String(32)),
        sa.Column("released_at", Instant()),
        sa.Column("released_by", sa.String()),
        sa.PrimaryKeyConstraint("id", name="pk_suppressions"),
    )
    op.create_index("ix_suppressions_address", "suppressions", ["address"])
    op.create_table(
        "bounces",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("action", sa.String()),
        sa.Column("status", sa.String()),
        sa.Column("recipient", sa.Text()),
        sa.Column("diagnostic", sa.Text()),
        sa.Column("message_id", sa.Text()),
        sa.Column("letter_id", sa.String(32)),
        sa.Column("case_id", sa.String(32)),
        sa.PrimaryKeyConstraint("id", name="pk_bounces"),
        sa.UniqueConstraint("digest", name="uq_bounces_digest"),
    )
    op.create_index("ix_bounces_letter_id", "bounces", ["letter_id"])
    op.create_index("ix_bounces_case_id", "bounces", ["case_id"])
    op.create_table(
        "paces",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("next_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_paces"),
    )


def _make_old_journal() -> None:
    op.create_table(
        "journal",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("case_id", sa.String(32), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("old_state", sa.String()),
        sa.Column("new_state", sa.String(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_journal_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_journal"),
    )
    op.create_index("ix_journal_case_id", "journal", ["case_id"])


_BEFORE = sa.table(
    "journal_before",
    sa.column("id", sa.Integer),
    sa.column("case_id", sa.String),
    sa.column("at", Instant),
    sa.column("by", sa.String),
    sa.column("event", sa.String),
    sa.column("old_state", sa.String),
    sa.column("new_state", sa.String),
    sa.column("facts", sa.JSON),
)
_ENTRIES = sa.table("journal", *(sa.column(name) for name in journal.Entry.__dataclass_fields__))
_ENTRIES.c.at.type = Instant()
_CONTENTS = sa.table(
    "journal_contents",
    *(sa.column(name) for name in ("chain", "place", "salt", "by")),
    sa.column("facts", sa.JSON),
)
_CASES = sa.table("cases", *(sa.column(name) for name in ("id", "journal_length", "journal_head")))


def _chain(connection: sa.Connection) -> None:
    """Link the rows of each case; which version of the case they left is not known: 0."""
    cases = connection.execute(sa.select(_CASES.c.id).order_by(_CASES.c.id)).scalars().all()
    for start in range(0, len(cases), _BATCH):
        batch = cases[start : start + _BATCH]
        found = sa.select(_BEFORE).where(_BEFORE.c.case_id.in_(batch))
        rows = connection.execute(found.order_by(_BEFORE.c.case_id, _BEFORE.c.id)).all()
        for chain, group in groupby(rows, key=lambda row: str(row.case_id)):
            _write_chain(connection, chain, list(_links(chain, group)))


def _links(chain: str, rows: Any) -> Iterator[tuple[journal.Entry, journal.Content]]:
    head = None
    for place, row in enumerate(rows, start=1):
        content = journal.Content(chain, place, _random(), row.by, row.facts)
        digest = journal.content_digest(content)
        states = (row.old_state, row.new_state)
        entry = journal.Entry(chain, place, 0, row.at, row.event, *states, None, digest)
        entry = journal.linked(head, entry)
        head = entry.hash
        yield entry, content


def _write_chain(
    connection: sa.Connection, chain: str, links: list[tuple[journal.Entry, journal.Content]]
) -> None:
    connection.execute(sa.insert(_ENTRIES), [vars(entry) for entry, _ in links])
    connection.execute(sa.insert(_CONTENTS), [vars(content) for _, content in links])
    end = {"journal_length": len(links), "journal_head": links[-1][0].hash}
    connection.execute(sa.update(_CASES).where(_CASES.c.id == chain).values(end))


def _unchain(connection: sa.Connection) -> None:
    """Put the rows of the cases back in one list; of what was erased, who and what stay empty.

    They are in the order of their moments, but those of one case always in that of their places: a clock
    may have been put back.
    """
    connection.execute(
        sa.text(
            'INSERT INTO journal (case_id, at, "by", event, old_state, new_state, facts) '
            "SELECT entry.chain, entry.at, COALESCE(told.\"by\", ''), entry.event, entry.old_state, "
            "entry.new_state, COALESCE(told.facts, '{}') FROM "
            "(SELECT *, MAX(at) OVER (PARTITION BY chain ORDER BY place) AS latest FROM journal_chained) AS entry "
            "LEFT JOIN journal_contents AS told ON told.chain = entry.chain AND told.place = entry.place "
            "WHERE entry.chain <> 'home' ORDER BY entry.latest, entry.chain, entry.place"
        )
    )


_POLICIES = sa.table("policies", sa.column("version", sa.String), sa.column("document", sa.JSON))
_NEW_RULES = ("mail", "restore", "retention")
_NEW_DUTIES = ("bounced",)
_NEW_PATIENCE = ("attempts_before_parked", "unfinished_before_parked", "mail_timeout_seconds")


def _write_rules_as_before(connection: sa.Connection) -> None:
    """Leave out of the rules what the release before refuses to read."""
    for version, document in connection.execute(sa.select(_POLICIES.c.version, _POLICIES.c.document)).all():
        was = _POLICIES.c.version == version
        connection.execute(sa.update(_POLICIES).where(was).values(document=_as_before(document)))


def _as_before(document: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in document.items() if name not in _NEW_RULES}
    patience = document["machinery"]
    rings = patience.get("rings_before_parked", patience.get("attempts_before_parked", 12))
    kept["machinery"] = {name: value for name, value in patience.items() if name not in _NEW_PATIENCE}
    kept["machinery"]["rings_before_parked"] = rings
    kept["tasks"] = {kind: duty for kind, duty in document["tasks"].items() if kind not in _NEW_DUTIES}
    return kept
