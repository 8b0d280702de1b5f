"""`pipeline up`: everything embedded, until somebody asks it to end."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Annotated, Final

import typer

from pipeline.cli import moments, notices, output
from pipeline.cli.session import built, prepare, reach_redis, settings
from pipeline.cli.signals import staying
from pipeline.embedded import Running, supervised
from pipeline.errors import HomeError
from pipeline.logs import configure
from pipeline.settings import without_password

_JUST_MADE: Final = timedelta(minutes=5)


def up(
    at: Annotated[
        str | None,
        typer.Option(metavar="MOMENT", help="Make a new home a simulated one that starts at this moment."),
    ] = None,
) -> None:
    """Start all parts and keep them running until Ctrl-C."""
    found = settings(running=False)
    configure(found.log_format, found.secrets)
    logging.getLogger().setLevel(logging.WARNING)
    start = moments.moment(at) if at else None
    reach_redis(found)
    prepare(found, start)
    with supervised(found) as running, staying() as stay:
        if not running.ours:
            raise HomeError(f"Another process already runs {found.home}.")
        _tell(running, start)
        stay()


def _tell(running: Running, start: datetime | None) -> None:
    output.line(f"Running in {running.settings.home}; Ctrl-C ends it.")
    output.facts({**where(running), "redis": without_password(running.settings.redis_url or "")})
    with built(running.settings) as app:
        if app.clock.is_simulated():
            made = (
                "" if start is None or app.clock.now() - start < _JUST_MADE else ", since it was made before"
            )
            output.line(f"The clock of this simulated home stands at {moments.shown(app.clock.now())}{made}.")
        notices.show(app)


def where(running: Running) -> dict[str, object]:
    """Return where people find what is made."""
    home = running.settings.home
    return {
        "page": running.addresses.get("web"),
        "mail": home / "mail"
        if "smtp" in running.addresses
        else without_password(running.settings.smtp_url or ""),
        "logos": home / "logos",
        "logs": home / "log",
    }
