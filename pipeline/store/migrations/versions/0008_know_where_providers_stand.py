"""Know where providers stand: until when, suspended or withdrawn, taken over; and what looks alike."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from alembic import op

from pipeline.store.columns import Instant

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


DOMAIN_LENGTH: Final = 253  # characters; no real one is longer, and no index takes any length
NEWER: Final = ("admissions", "duplicates")  # what the release before refuses to read in the rules


def _of_providers() -> list[sa.Column[Any]]:
    """Return the columns that providers get; anew each time, since a column belongs to one table."""
    return [
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("mail_domain", sa.Text()),
        sa.Column("admitted_until", sa.Date()),
        sa.Column("standing", sa.String()),
        sa.Column("standing_at", Instant()),
        sa.Column("merged_into", sa.String(length=32)),
    ]


def upgrade() -> None:
    """Bring the schema to this revision."""
    for column in _of_providers():
        op.add_column("providers", column)
    op.create_index("ix_providers_mail_domain", "providers", ["mail_domain"])
    op.add_column("cases", sa.Column("content_key", sa.String(length=64)))
    op.create_index("ix_cases_content_key", "cases", ["content_key"])
    _fill_in_domains(op.get_bind())


def _fill_in_domains(connection: sa.Connection) -> None:
    for key, email in connection.execute(sa.select(_PROVIDERS.c.id, _PROVIDERS.c.email)).all():
        domain = (email or "").rpartition("@")[2].strip().casefold()
        if 0 < len(domain) <= DOMAIN_LENGTH:
            one = sa.update(_PROVIDERS).where(_PROVIDERS.c.id == key)
            connection.execute(one.values(mail_domain=domain))


def objection(connection: sa.Connection) -> str | None:
    """Return why the release before must not work on this home now."""
    held = "SELECT count(*) FROM providers WHERE standing IS NOT NULL AND merged_into IS NULL"
    count = connection.execute(sa.text(held)).scalar_one()
    if not count:
        return None
    return (
        f"{count} providers are suspended or withdrawn, and the release before would let them submit: "
        "reinstate them first with `pipeline provider reinstate`."
    )


def given_up(connection: sa.Connection) -> dict[str, int]:
    """Return what going down gives up; of cases, events and letters that is no row."""
    asked = {
        "providers whose admission has an end": "admitted_until IS NOT NULL",
        "providers that were taken over, by name": "merged_into IS NOT NULL",
    }
    counted = "SELECT count(*) FROM providers WHERE "
    return {what: connection.execute(sa.text(counted + where)).scalar_one() for what, where in asked.items()}


def downgrade() -> None:
    """Bring the schema back; what was taken over must not be found by its number before its taker."""
    connection = op.get_bind()
    connection.execute(sa.text("UPDATE providers SET admitted_at = NULL WHERE merged_into IS NOT NULL"))
    for version, document in connection.execute(sa.select(_POLICIES.c.version, _POLICIES.c.document)).all():
        was = _POLICIES.c.version == version
        connection.execute(sa.update(_POLICIES).where(was).values(document=_as_before(document)))
    op.drop_index("ix_cases_content_key", "cases")
    op.drop_column("cases", "content_key")
    op.drop_index("ix_providers_mail_domain", "providers")
    for column in _of_providers():
        op.drop_column("providers", column.name)


_PROVIDERS = sa.table(
    "providers", sa.column("id", sa.String), sa.column("email", sa.Text), sa.column("mail_domain", sa.Text)
)
_POLICIES = sa.table("policies", sa.column("version", sa.String), sa.column("document", sa.JSON))


def _as_before(document: dict[str, Any]) -> dict[str, Any]:
    """Leave out of the rules what the release before refuses to read."""
    ladder = document["reminders"]
    rungs = [rung for rung in ladder["rungs"] if rung["deadline"] != "admission"]
    kept = {name: value for name, value in document.items() if name not in NEWER}
    return {**kept, "reminders": {**ladder, "rungs": rungs}}
