"""The logo of a registration: drawn outside any transaction, then stored and sent."""

from __future__ import annotations

import hashlib
from typing import Final, Literal

import structlog
from sqlalchemy import select

from pipeline.casework import moving, walk
from pipeline.casework.draft import Draft
from pipeline.casework.registered import in_force
from pipeline.contract import received_on
from pipeline.domain.hours import Hours
from pipeline.domain.lifecycle import Event, State
from pipeline.errors import NotFound
from pipeline.logo.draw import LogoFacts, draw
from pipeline.store import rows, tables
from pipeline.store.reading import all_of
from pipeline.store.unit import Insert
from pipeline.wiring import App

Size = Literal["normal", "print"]
BY: Final = "logo"

_log = structlog.get_logger()


def issue(app: App, case_id: str) -> None:
    """Draw the logo of a decided case and write the letter that brings it.

    Safe to call twice: a case that has its logo is left alone.
    """
    walk.advance(app, case_id, BY, _issue)


def _issue(draft: Draft) -> None:
    case, version = draft.case, draft.dossier.registration
    waits = case.state is State.DECIDED and case.step == "draw_logo" and case.parked_at is None
    if waits and version is not None:
        draft.attempt(lambda each: _draw(each, version))


def _draw(draft: Draft, version: rows.Registration) -> None:
    png = drawn(draft, version)
    moving.take(draft, Event.LOGO_DRAWN, number=version.number, version=version.version, logo=png)


def drawn(draft: Draft, version: rows.Registration) -> bytes:
    """Draw the logo of a version and keep it with the draft."""
    png = draw(_facts(draft.app, version), "normal")
    _log.info("logo_drawn", number=version.number, version=version.version, bytes=len(png))
    draft.op(_stored(version, "normal", png))
    return png


def logo(app: App, number: str, size: Size) -> bytes:
    """Return the logo of a registration in effect; the print size is drawn when first asked for.

    Raises:
        NotFound: no registration in effect has this number.
    """
    table = tables.registrations
    valid = in_force(received_on(app.clock.now()))
    with app.database.reading() as connection:
        found = all_of(connection, rows.Registration, table.c.number == number, valid)
        if not found:
            raise NotFound(f"There is no registration {number} in effect.")
        kept = _kept(found[0], size)
        png: bytes | None = connection.execute(kept).scalar_one_or_none()
    if png is None:
        png = draw(_facts(app, found[0]), size)
        app.unit.write([_stored(found[0], size, png)])
    return png


def _kept(version: rows.Registration, size: Size):  # type: ignore[no-untyped-def]
    table = tables.logos
    same = (table.c.number == version.number, table.c.version == version.version, table.c.size == size)
    return select(table.c.png).where(*same)


def _facts(app: App, version: rows.Registration) -> LogoFacts:
    hours, register = Hours.from_text(version.hours), app.policy.register_
    return LogoFacts(register.name, hours.total, version.number, version.provider_name or "", version.title)


def _stored(version: rows.Registration, size: Size, png: bytes) -> Insert:
    values = {"number": version.number, "version": version.version, "size": size, "png": png}
    return Insert(tables.logos, {**values, "digest": hashlib.sha256(png).hexdigest()}, or_ignore=True)
