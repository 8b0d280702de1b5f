"""Copies of logos in a folder, for people; the database has the originals."""

from __future__ import annotations

import os

import structlog
from sqlalchemy import select

from pipeline.casework.registered import in_force
from pipeline.contract import received_on
from pipeline.store import tables
from pipeline.wiring import App

_log = structlog.get_logger()


def lay(app: App, number: str, version: int) -> None:
    """Lay a copy of the logo of a registration that has just taken effect; trouble with it holds nothing up."""
    table = tables.logos
    same = (table.c.number == number, table.c.version == version, table.c.size == "normal")
    with app.database.reading() as connection:
        png: bytes | None = connection.execute(select(table.c.png).where(*same)).scalar_one_or_none()
    if png is None:
        return
    try:
        _write(app, number, png)
    except OSError as error:
        _log.warning("logo_not_copied", number=number, error=str(error))


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
