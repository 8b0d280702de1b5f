"""Addresses at which a letter bounced: nothing is mailed there until somebody releases them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import Connection

from pipeline.errors import NotFound
from pipeline.mail.address import envelope
from pipeline.store import rows, tables
from pipeline.store.reading import Asked, all_of
from pipeline.store.unit import Change, HomeNote, Op, new
from pipeline.wiring import App

WHY: Final = "Mail to this address bounced; `pipeline addresses` says when and why."
_ACTIVE: Final = tables.suppressions.c.released_at.is_(None)
_AMONG: Final = Asked(rows.Suppression, "address", _ACTIVE)


def compared(address: str) -> str:
    """Return an address as it is compared: whoever writes it otherwise means the same letterbox."""
    try:
        return envelope(address).casefold()
    except ValueError:
        return address.strip().casefold()


def is_suppressed(connection: Connection, address: str) -> bool:
    """Say whether nothing is mailed to an address for now."""
    return bool(suppressed(connection, [address]))


def suppressed(connection: Connection, addresses: Collection[str]) -> set[str]:
    """Return those of some addresses to which nothing is mailed for now, as they are compared."""
    wanted = sorted({compared(address) for address in addresses})
    return {one.address for one in _AMONG.of(connection, wanted)}


def suppress(app: App, letter: rows.Letter, reason: str) -> None:
    """Mail nothing more to the address of a letter; safe to do twice.

    Raises:
        Stale: a reviewer of that address changed meanwhile.
    """
    address, now = compared(letter.to_address), app.clock.now()
    with app.database.reading() as connection:
        if is_suppressed(connection, address):
            return
        reached = _reviewers_at(connection, address)
    row = rows.Suppression(app.new_id(), address, now, reason, letter.id)
    facts = {"suppression": row.id, "letter": letter.id}  # not the address, which is to be forgotten one day
    note = HomeNote(now, "address_suppressed", "mail system", facts, app.new_id())
    app.unit.write([*reached, new(row), note])


def _reviewers_at(connection: Connection, address: str) -> list[Op]:
    """Return what counts a change of those who are reached there: whether they can be asked has changed."""
    reviewers = all_of(connection, rows.Reviewer, order=[tables.reviewers.c.id])
    return [
        Change(tables.reviewers, {"id": one.id, "version": one.version}, {"version": one.version + 1})
        for one in reviewers
        if compared(one.email) == address
    ]


def addresses(app: App) -> list[dict[str, Any]]:
    """Return every suppressed address, the oldest first: plain JSON, as docs/json.md names it."""
    order = [tables.suppressions.c.since, tables.suppressions.c.id]
    with app.database.reading() as connection:
        found = all_of(connection, rows.Suppression, _ACTIVE, order=order)
    return [
        {
            "address": one.address,
            "since": one.since.isoformat(),
            "reason": one.reason,
            "letter": one.letter_id,
        }
        for one in found
    ]


def release(app: App, address: str, by: str) -> None:
    """Let letters go to an address again.

    Raises:
        NotFound: the address is not suppressed.
    """
    now, wanted = app.clock.now(), compared(address)
    with app.database.reading() as connection:
        found = all_of(connection, rows.Suppression, _ACTIVE, tables.suppressions.c.address == wanted)
        if not found:
            raise NotFound(f"{address} is not suppressed.")
        reached = _reviewers_at(connection, wanted)
    released = Change(
        tables.suppressions,
        {"address": wanted, "released_at": None},
        {"released_at": now, "released_by": by},
        must=False,
    )
    facts = {"suppressions": [one.id for one in found]}
    app.unit.write([*reached, released, HomeNote(now, "address_released", by, facts, app.new_id())])
