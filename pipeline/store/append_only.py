"""Rows that may only be added: the database itself refuses to change them or take them away.

This keeps mistakes and hasty repairs out. Whoever owns the database can lift it; what they then
change shows in the chains of hashes and in the signed checkpoints.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import DDL, Table, event

# What may not be done to the rows of a table. A content may go when its time has come.
REFUSED: Final = {
    "journal": ("UPDATE", "DELETE"),
    "journal_contents": ("UPDATE",),
    "checkpoints": ("UPDATE", "DELETE"),
}
_FUNCTION: Final = "refuse_change"


def statements(dialect: str, table: str) -> list[str]:
    """Return the DDL that guards a table; safe to run where the function is there already."""
    return _postgresql(table) if dialect == "postgresql" else _sqlite(table)


def lifting(dialect: str) -> list[str]:
    """Return the DDL that takes all of it away again."""
    if dialect == "postgresql":
        return [f"DROP FUNCTION {_FUNCTION}() CASCADE"]
    return [f"DROP TRIGGER {_name(table, verb)}" for table, verbs in REFUSED.items() for verb in verbs]


def guard(table: Table) -> None:
    """Let ``metadata.create_all`` guard the table too, for whoever does without migrations."""
    for dialect in ("sqlite", "postgresql"):
        for statement in statements(dialect, table.name):
            ddl: Any = DDL  # which has no types for its arguments
            made = ddl(statement.replace("%", "%%")).execute_if(dialect=dialect)
            event.listen(table, "after_create", made)


def _sqlite(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER {_name(table, verb)} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is only added to'); END"
        for verb in REFUSED[table]
    ]


def _postgresql(table: str) -> list[str]:
    verbs = " OR ".join((*REFUSED[table], *(["TRUNCATE"] if "DELETE" in REFUSED[table] else [])))
    body = "BEGIN RAISE EXCEPTION '% is only added to', TG_TABLE_NAME; END"
    return [
        f"CREATE OR REPLACE FUNCTION {_FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$",
        f"CREATE TRIGGER {table}_only_grows BEFORE {verbs} ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {_FUNCTION}()",
    ]


def _name(table: str, verb: str) -> str:
    return f"{table}_refuses_{verb.lower()}"
