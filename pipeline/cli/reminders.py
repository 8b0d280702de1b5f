"""`pipeline remind`: what falls due, now or by a later day; or only a look at what would."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Final

import typer

from pipeline.casework import due_now, overview, rehearsal
from pipeline.casework.rehearsal import Expected
from pipeline.cli import moments, output
from pipeline.cli.letters import row
from pipeline.cli.options import AsJson
from pipeline.cli.session import built, opened, settings
from pipeline.cli.stages import stage_of
from pipeline.embedded import supervised
from pipeline.errors import UsageError
from pipeline.play import Season
from pipeline.wiring import App

WOULD_RING: Final = ("at", "case", "reminder", "for", "letter", "to", "instead")
WRITTEN: Final = ("written_at", "case", "kind", "to", "state")


def remind(
    at: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="As of the end of that day; moves a simulated home's clock."),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Only show what would ring, for whom, and what more urgent one goes instead."
        ),
    ] = False,
    json: AsJson = False,
) -> None:
    """Send the reminders that are due, and take the steps that follow a deadline."""
    day = moments.day(at) if at else None
    with opened() as app:
        moment = _moment(app, day)
        if dry_run or (day is not None and not app.clock.is_simulated()):
            _show_expected(rehearsal.expected(app, moment), moment, json)
            return
        before = _letters(app)
        if day is None:
            due_now.remind_all(app)
    if day is not None:
        _move_to(day)
    with opened() as app:
        _show_written([letter for letter in overview.letters(app) if letter["letter"] not in before], json)


def _moment(app: App, day: date | None) -> datetime:
    now = app.clock.now()
    if day is None:
        return now
    if moments.end_of(day) < now:
        raise UsageError(f"It is {moments.shown(now)} in this home, which is past {day}.")
    if day > app.calendar.last_day:
        raise UsageError(f"The calendar does not know {day}; it ends on {app.calendar.last_day}.")
    return moments.end_of(day)


def _letters(app: App) -> set[str]:
    return {letter["letter"] for letter in overview.letters(app)}


def _move_to(day: date) -> None:
    """Move a simulated home's clock, stopping at whatever falls due on the way."""
    with (
        supervised(settings(running=False)) as running,
        built(running.settings) as app,
        stage_of(app) as stage,
    ):
        Season(app, stage, [], until=day).play()


def _show_expected(found: list[Expected], until: datetime, json: bool) -> None:
    rows = [_expected(one) for one in found]
    if json:
        output.as_json(rows)
    elif rows:
        output.line(f"Would ring up to {moments.shown(until)}, if nothing else happens:")
        shown = ({**row, "at": moments.shown(one.at)} for row, one in zip(rows, found, strict=True))
        output.table(WOULD_RING, ([row[column] for column in WOULD_RING] for row in shown))
    else:
        output.line(f"Nothing would ring up to {moments.shown(until)}.")


def _expected(one: Expected) -> dict[str, Any]:
    return {
        "at": one.at.isoformat(),
        "case": one.case,
        "reminder": one.ring.key,
        "deadline": one.ring.deadline,
        "day": one.ring.day.isoformat(),
        "for": f"{one.ring.deadline} by {one.ring.day}",
        "letter": None if one.superseded_by else one.ring.letter or None,
        "to": one.to or None,
        "instead": one.superseded_by,
    }


def _show_written(letters: list[dict[str, Any]], json: bool) -> None:
    if json:
        output.as_json(letters)
    elif letters:
        output.table(WRITTEN, (row(letter, WRITTEN) for letter in letters))
    else:
        output.line("Nothing was due.")
