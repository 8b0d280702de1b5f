"""Keep what of a registration was changed without a judgement, such as the dates of its runs."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.add_column("registrations", sa.Column("adjusted", sa.JSON()))


def objection(connection: sa.Connection) -> str | None:
    """Return why the release before must not work on this home now."""
    return None


def given_up(connection: sa.Connection) -> dict[str, int]:
    """Return what going down gives up; of cases, events and letters that is no row."""
    asked = "SELECT count(*) FROM registrations WHERE CAST(adjusted AS TEXT) <> 'null'"
    return {"registrations of which dates were changed": connection.execute(sa.text(asked)).scalar_one()}


def downgrade() -> None:
    """Bring the schema back."""
    connection = op.get_bind()
    for version, document in connection.execute(sa.select(_POLICIES.c.version, _POLICIES.c.document)).all():
        was = _POLICIES.c.version == version
        connection.execute(sa.update(_POLICIES).where(was).values(document=_as_before(document)))
    op.drop_column("registrations", "adjusted")


NEW: Final = ("unjudged", "grounds")
_POLICIES: Final = sa.table("policies", sa.column("version", sa.String), sa.column("document", sa.JSON))


def _as_before(document: dict[str, Any]) -> dict[str, Any]:
    """Leave out of the rules what the release before refuses to read."""
    rules = {name: value for name, value in document["registrations"].items() if name not in NEW}
    terms = {name: value for name, value in document["terms"].items() if name != "repair_days"}
    return {**document, "registrations": rules, "terms": terms}
