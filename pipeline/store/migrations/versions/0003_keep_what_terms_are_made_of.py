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
        "home": [sa.Column("digest_on", sa.Date())],
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
    asked = {
        "reminders that are known to have been overtaken": "rungs WHERE superseded_by IS NOT NULL",
        "versions of the rules that say what follows on a missed deadline": (
            "policies WHERE CAST(document AS TEXT) LIKE '%\"days_after\"%'"
        ),
        "versions of the rules with advice, or with rules of completeness of their own": (
            "policies WHERE CAST(document AS TEXT) LIKE '%\"should\"%'"
        ),
    }
    return {
        what: connection.execute(sa.text(f"SELECT count(*) FROM {rows}")).scalar_one()  # noqa: S608 -- ours
        for what, rows in asked.items()
    }


def downgrade() -> None:
    """Bring the schema back."""
    _write_rules_as_before(op.get_bind())
    for table, columns in _added().items():
        for column in columns:
            op.drop_column(table, column.name)


_POLICIES = sa.table("policies", sa.column("version", sa.String), sa.column("document", sa.JSON))
_NEW_RULES = ("calendar",)
_NEW_KEYS = {
    "completeness": ("set_aside_days", "rounds", "rules"),
    "terms": ("office_region", "extending"),
    "reminders": ("until",),
    "tasks": ("calendar", "overdue", "rounds"),
}
# Which number of which rule each length of before became.
_LENGTHS = {
    "text_length": ("content", "minimum"),
    "planning_length": ("planning", "minimum"),
    "justification_length": ("justification", "minimum"),
    "self_study_justification_length": ("self_study", "minimum"),
    "evidence_length": ("evidence", "minimum"),
    "more_than_hours": ("hours", "hours"),
    "largely_self_study": ("test", "share"),
}
_OF_A_RUNG = ("key", "deadline", "kinds", "days_before", "letter")


def _write_rules_as_before(connection: sa.Connection) -> None:
    """Leave out of the rules what the release before refuses to read."""
    for version, document in connection.execute(sa.select(_POLICIES.c.version, _POLICIES.c.document)).all():
        was = _POLICIES.c.version == version
        connection.execute(sa.update(_POLICIES).where(was).values(document=_as_before(document)))


def _as_before(document: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in document.items() if name not in _NEW_RULES}
    for table, keys in _NEW_KEYS.items():
        kept[table] = {name: value for name, value in document[table].items() if name not in keys}
    kept["completeness"] |= _lengths(document["completeness"].get("rules", []))
    if document["terms"]["region"] == "provider":
        kept["terms"]["region"] = document["terms"]["office_region"]
    rungs = document["reminders"]["rungs"]
    kept["reminders"]["rungs"] = [_rung_as_before(rung) for rung in rungs if not rung.get("days_after")]
    return kept


def _lengths(rules: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what the release before can say of these rules; it knows no others."""
    by_id = {rule["id"]: rule for rule in rules}
    return {
        length: by_id[rule][number]
        for length, (rule, number) in _LENGTHS.items()
        if number in by_id.get(rule, {})
    }


def _rung_as_before(rung: dict[str, Any]) -> dict[str, Any]:
    """What was told in a digest was an alarm."""
    kept = {name: value for name, value in rung.items() if name in _OF_A_RUNG}
    return kept | ({"letter": "deadline_warning"} if kept["letter"] == "deadline_digest" else {})
