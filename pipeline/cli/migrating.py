"""`pipeline migrate`: the database's schema, up to this release or back to what an earlier one knows."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.casework import mailing
from pipeline.cli import output, session
from pipeline.cli.session import built, settings
from pipeline.errors import HomeError
from pipeline.store import schema
from pipeline.wiring import App


def migrate(
    to: Annotated[
        str | None,
        typer.Option(metavar="REVISION", help="Go back to the schema of an earlier release, such as 0001."),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Go on though something is given up, or workers run.")
    ] = False,
) -> None:
    """Bring the database's schema up to date; a new home is made one in real time."""
    found = settings()
    with built(found) as app:
        before = schema.current(app.database)
        if to is None or to == before == schema.head():
            _up(app, before, yes=yes)
        else:
            _back(app, before, to, yes=yes)


def _up(app: App, before: str | None, *, yes: bool) -> None:
    if before not in (None, schema.head()) and not yes:
        session.refuse_while_workers_run(app.settings)
    schema.upgrade(app.database)
    app.clock.make(None)  # so that nobody plays a season among real cases
    after, home = schema.head(), mailing.of(app)
    was = "already" if before == after else f"after {before or 'nothing'}"
    output.line(f"The schema is at {after}, {was}. The home id is {home.home_id}.")
    if not home.mails:
        output.line(home.sentence)


def _back(app: App, before: str | None, to: str, *, yes: bool) -> None:
    lost = schema.given_up(app.database, to)
    if lost:
        output.line(f"Going back from {before} to {to} gives up:")
        output.facts(lost)
    if lost and not yes:
        raise HomeError("Nothing was changed. Make a copy first, then say --yes.")
    if not yes:
        session.refuse_while_workers_run(app.settings)
    schema.downgrade(app.database, to)
    output.line(f"The schema is at {to}, after {before}. Start the release that knows it, not this one.")
