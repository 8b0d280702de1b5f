"""Keep how a version of a registration ends apart from how long it was granted, and whose name its logo bears."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _added() -> list[sa.Column[Any]]:
    """Return the columns that registrations get; anew each time, since a column belongs to one table."""
    return [
        sa.Column("provider_name", sa.Text()),
        sa.Column("ended_on", sa.Date()),
        sa.Column("decided_on", sa.Date()),
        sa.Column("ground", sa.String()),
    ]


def upgrade() -> None:
    """Bring the schema to this revision; what was replaced kept the day of that as its last."""
    for column in _added():
        op.add_column("registrations", column)
    named = "SELECT name FROM providers WHERE providers.id = registrations.provider_id"
    op.execute(f"UPDATE registrations SET provider_name = ({named})")  # noqa: S608 -- ours
    op.execute("UPDATE registrations SET ended_on = valid_until, valid_until = NULL WHERE state = 'replaced'")


def objection(connection: sa.Connection) -> str | None:
    """Return why the release before must not work on this home now."""
    revoked = "SELECT count(*) FROM registrations WHERE state = 'revoked'"
    if count := connection.execute(sa.text(revoked)).scalar_one():
        return (
            f"{count} registrations are revoked, which the release before does not know; it would lose why."
        )
    return None


def given_up(connection: sa.Connection) -> dict[str, int]:
    """Return what going down gives up; of cases, events and letters that is no row."""
    asked = "SELECT count(*) FROM registrations WHERE state = 'replaced' AND valid_until IS NOT NULL"
    what = "last days, as granted, of versions of registrations that were replaced"
    return {what: connection.execute(sa.text(asked)).scalar_one()}


def downgrade() -> None:
    """Bring the schema back."""
    connection = op.get_bind()
    for version, document in connection.execute(sa.select(_POLICIES.c.version, _POLICIES.c.document)).all():
        was = _POLICIES.c.version == version
        connection.execute(sa.update(_POLICIES).where(was).values(document=_as_before(document)))
    op.execute("UPDATE registrations SET valid_until = ended_on WHERE state = 'replaced'")
    for column in _added():
        op.drop_column("registrations", column.name)


_POLICIES: Final = sa.table("policies", sa.column("version", sa.String), sa.column("document", sa.JSON))


def _as_before(document: dict[str, Any]) -> dict[str, Any]:
    """Leave out of the rules what the release before refuses to read."""
    ladder = document["reminders"]
    rungs = [rung for rung in ladder["rungs"] if rung["deadline"] != "validity"]
    return {**document, "reminders": {**ladder, "rungs": rungs}}
