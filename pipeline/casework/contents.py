"""The bytes of letters, the same whenever they are asked for."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, bindparam, select

from pipeline.errors import NotFound
from pipeline.store import tables
from pipeline.store.prepared import Prepared
from pipeline.wiring import App

_CONTENT: Final = Prepared(
    select(tables.letter_contents.c.raw, tables.letters.c.erased_on)
    .join(tables.letters, tables.letters.c.id == tables.letter_contents.c.letter_id)
    .where(tables.letter_contents.c.letter_id == bindparam("letter"))
)


def read(app: App, letter_id: str) -> bytes:
    """Return the bytes of a letter.

    Raises:
        NotFound: they were erased.
    """
    with app.database.reading() as connection:
        return of(connection, letter_id)


def of(connection: Connection, letter_id: str) -> bytes:
    """Return the bytes of a letter, by a connection that is there.

    Raises:
        NotFound: they were erased.
    """
    raw, erased_on = _CONTENT.one(connection, {"letter": letter_id})
    if erased_on is not None:
        raise NotFound(f"What letter {letter_id} said was erased on {erased_on}.")
    return bytes(raw)
