"""Let a verdict be annulled and another take its place."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from alembic import op

from pipeline.store.columns import Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_COUNTS: Final = "annulled_at IS NULL"
_NAME: Final = "verdicts_case_id_reviewer_id"


def _added() -> list[sa.Column[Any]]:
    """Return the columns that verdicts get; anew each time, since a column belongs to one table."""
    return [
        sa.Column("annulled_at", Instant()),
        sa.Column("annulled_by", sa.String()),
        sa.Column("annulled_because", sa.Text()),
    ]


def upgrade() -> None:
    """Bring the schema to this revision."""
    with op.batch_alter_table("verdicts") as batch:
        for column in _added():
            batch.add_column(column)
        batch.drop_constraint(f"uq_{_NAME}", type_="unique")
    counts = sa.text(_COUNTS)
    op.create_index("ix_verdicts_case_id", "verdicts", ["case_id"])
    op.create_index(
        f"ix_{_NAME}",
        "verdicts",
        ["case_id", "reviewer_id"],
        unique=True,
        sqlite_where=counts,
        postgresql_where=counts,
    )


def objection(connection: sa.Connection) -> str | None:
    """Return why the release before must not work on this home now."""
    held = connection.execute(sa.text("SELECT count(*) FROM cases WHERE state = 'to_sign'")).scalar_one()
    if held:
        return f"{held} decisions wait for a signature, which the release before does not know. Sign or refuse them."
    return None


def given_up(connection: sa.Connection) -> dict[str, int]:
    """Return what going down gives up; of cases, events and letters that is no row."""
    asked = {
        "verdicts that were annulled": "verdicts WHERE annulled_at IS NOT NULL",
        "versions of the rules that say what a score means and when verdicts agree": (
            "policies WHERE CAST(document AS TEXT) LIKE '%\"agreement\"%'"
        ),
    }
    return {
        what: connection.execute(sa.text(f"SELECT count(*) FROM {rows}")).scalar_one()  # noqa: S608 -- ours
        for what, rows in asked.items()
    }


def downgrade() -> None:
    """Bring the schema back; verdicts that do not count go, since the release before would count them."""
    _write_rules_as_before(op.get_bind())
    op.execute("DELETE FROM verdicts WHERE annulled_at IS NOT NULL")
    op.drop_index(f"ix_{_NAME}", table_name="verdicts")
    op.drop_index("ix_verdicts_case_id", table_name="verdicts")
    with op.batch_alter_table("verdicts") as batch:
        for column in _added():
            batch.drop_column(column.name)
        batch.create_unique_constraint(f"uq_{_NAME}", ["case_id", "reviewer_id"])


_POLICIES: Final = sa.table("policies", sa.column("version", sa.String), sa.column("document", sa.JSON))
_NEW_KEYS: Final = {
    "judging": ("motivation", "motivated_score", "sign_off", "agreement", "criteria"),
    "tasks": ("sign_off",),
}


def _write_rules_as_before(connection: sa.Connection) -> None:
    """Leave out of the rules what the release before refuses to read."""
    for version, document in connection.execute(sa.select(_POLICIES.c.version, _POLICIES.c.document)).all():
        was = _POLICIES.c.version == version
        connection.execute(sa.update(_POLICIES).where(was).values(document=_as_before(document)))


def _as_before(document: dict[str, Any]) -> dict[str, Any]:
    kept = dict(document)
    for table, keys in _NEW_KEYS.items():
        kept[table] = {name: value for name, value in document[table].items() if name not in keys}
    return kept
