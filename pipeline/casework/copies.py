"""Copies of logos in a folder, for people; the database has the originals."""

from __future__ import annotations

import os
from typing import Final

import structlog
from sqlalchemy import bindparam, select

from pipeline.casework.registered import in_force
from pipeline.contract import received_on
from pipeline.store import tables
from pipeline.store.prepared import Prepared
from pipeline.wiring import App

_LOGOS: Final = tables.logos.c
_NORMAL: Final = Prepared(
    select(_LOGOS.png).where(
        _LOGOS.number == bindparam("number"),
        _LOGOS.version == bindparam("version"),
        _LOGOS.size == "normal",
    )
)
_log = structlog.get_logger()


def lay(app: App, number: str, version: int) -> None:
    """Lay a copy of the logo of a registration that has just taken effect; trouble with it holds nothing up."""
    with app.database.reading() as connection:
        found = _NORMAL.row(connection, {"number": number, "version": version})
    if found is None:
        return
    try:
        _write(app, number, bytes(found[0]))
    except OSError as error:
        _log.warning("logo_not_copied", number=number, error=str(error))


def take_away(app: App, number: str) -> None:
    """Take away the copy of a logo that may not be used any more; trouble with it holds nothing up."""
    try:
        (app.settings.home / "logos" / f"registerlogo-{number}.png").unlink(missing_ok=True)
    except OSError as error:
        _log.warning("logo_not_taken_away", number=number, error=str(error))


def lay_all(app: App) -> None:
    """Lay a copy of the logo of every registration in effect."""
    table = tables.registrations
    today = received_on(app.clock.now())
    valid = select(table.c.number, table.c.version).where(in_force(today))
    with app.database.reading() as connection:
        found = connection.execute(valid).all()
    for number, version in found:
        lay(app, number, version)


def _write(app: App, number: str, png: bytes) -> None:
    folder = app.settings.home / "logos"
    folder.mkdir(parents=True, exist_ok=True)
    name = f"registerlogo-{number}.png"
    partial = folder / f".{name}.{os.getpid()}"
    partial.write_bytes(png)
    partial.replace(folder / name)
