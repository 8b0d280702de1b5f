"""Know more of what ties reviewers to providers: earlier employers and declared interests."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ADDED = ("earlier_employers", "interests")


def upgrade() -> None:
    """Bring the schema to this revision."""
    for name in ADDED:
        op.add_column("reviewers", sa.Column(name, sa.JSON()))


def objection(connection: sa.Connection) -> str | None:
    """Return why the release before must not work on this home now."""
    return None


def given_up(connection: sa.Connection) -> dict[str, int]:
    """Return what going down gives up; of cases, events and letters that is no row."""
    known = " OR ".join(f"CAST({name} AS TEXT) <> 'null'" for name in ADDED)
    asked = f"SELECT count(*) FROM reviewers WHERE {known}"  # noqa: S608 -- ours
    what = "reviewers whose earlier employers or interests are known"
    return {what: connection.execute(sa.text(asked)).scalar_one()}


def downgrade() -> None:
    """Bring the schema back."""
    connection = op.get_bind()
    for version, document in connection.execute(sa.select(_POLICIES.c.version, _POLICIES.c.document)).all():
        was = _POLICIES.c.version == version
        connection.execute(sa.update(_POLICIES).where(was).values(document=_as_before(document)))
    connection.execute(sa.update(_REVIEWERS).where(_REVIEWERS.c.employer_kvk == "").values(employer_kvk=None))
    for name in ADDED:
        op.drop_column("reviewers", name)


_POLICIES = sa.table("policies", sa.column("version", sa.String), sa.column("document", sa.JSON))
_REVIEWERS = sa.table("reviewers", sa.column("employer_kvk", sa.String))


def _as_before(document: dict[str, Any]) -> dict[str, Any]:
    """Leave out of the rules what the release before refuses to read."""
    return {name: value for name, value in document.items() if name != "assigning"}
