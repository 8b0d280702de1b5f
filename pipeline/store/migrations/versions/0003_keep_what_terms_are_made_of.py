"""Keep what terms are made of, what was told of them, and which reminders were overtaken."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _added() -> dict[str, list[sa.Column[Any]]]:
    """Return the columns that tables get; anew each time, since a column belongs to one table."""
    return {
        "cases": [
            sa.Column("region", sa.String()),
            sa.Column("told_due_on", sa.Date()),
            sa.Column("calendar_digest", sa.String(64)),
        ],
        "rungs": [sa.Column("superseded_by", sa.String())],
    }


def upgrade() -> None:
    """Bring the schema to this revision."""
    for table, columns in _added().items():
        for column in columns:
            op.add_column(table, column)


def objection(connection: sa.Connection) -> str | None:
    """Return why the release before must not work on this home now."""
    return None


def given_up(connection: sa.Connection) -> dict[str, int]:
    """Return what going down gives up; of cases, events and letters that is no row."""
    asked = {"reminders that are known to have been overtaken": "rungs WHERE superseded_by IS NOT NULL"}
    return {
        what: connection.execute(sa.text(f"SELECT count(*) FROM {rows}")).scalar_one()  # noqa: S608 -- ours
        for what, rows in asked.items()
    }


def downgrade() -> None:
    """Bring the schema back."""
    for table, columns in _added().items():
        for column in columns:
            op.drop_column(table, column.name)
