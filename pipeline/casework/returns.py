"""What came back by mail, as operators see it: plain JSON with stable keys, as docs/json.md names them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from pipeline.errors import NotFound
from pipeline.store import tables
from pipeline.wiring import App


def of(connection: Connection, *where: Any) -> list[dict[str, Any]]:
    """Return what came back, the oldest first: plain JSON, as docs/json.md names it."""
    table, letters, cases = tables.bounces, tables.letters, tables.cases
    # The bytes of each are not passed by.
    shown = [column for column in table.c if column.name not in ("raw", "letter_id", "case_id")]
    query = (
        select(*shown, letters.c.id.label("letter"), cases.c.number.label("case"))
        .outerjoin(letters, letters.c.id == table.c.letter_id)
        .outerjoin(cases, cases.c.id == table.c.case_id)
        .where(*where)
        .order_by(table.c.received_at, table.c.id)
    )
    return [_row(row) for row in connection.execute(query)]


def _row(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "received_at": row.received_at.isoformat(),
        "action": row.action,
        "status": row.status,
        "recipient": row.recipient,
        "reason": row.diagnostic,
        "message_id": row.message_id,
        "letter": row.letter,
        "case": row.case,
        "bytes": row.length,
        "sha256": row.digest,
    }


def came_back(app: App) -> list[dict[str, Any]]:
    """Return all that came back by mail, the oldest first."""
    with app.database.reading() as connection:
        return of(connection)


def raw_of(app: App, bounce_id: str) -> bytes:
    """Return the bytes of what came back, at most the first 256 KiB.

    Raises:
        NotFound: nothing that came back has this id.
    """
    table = tables.bounces
    with app.database.reading() as connection:
        raw: bytes | None = connection.execute(
            select(table.c.raw).where(table.c.id == bounce_id)
        ).scalar_one_or_none()
    if raw is None:
        raise NotFound(f"Nothing that came back by mail has the id {bounce_id}.")
    return raw
