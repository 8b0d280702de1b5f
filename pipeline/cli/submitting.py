"""`pipeline submit`: events are stored first, then rung for; whoever waits sees what became of them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from pipeline.casework import intake
from pipeline.casework.outcomes import is_under_way, outcomes
from pipeline.cli import output
from pipeline.cli.options import AsJson, content_of
from pipeline.cli.session import at_work, built, prepare, settings
from pipeline.cli.waiting import PATIENCE_SECONDS, waited
from pipeline.errors import PipelineError, Refused
from pipeline.play.script import events_in
from pipeline.wiring import App

STANDARD_INPUT: Final = Path("-")
COLUMNS: Final = ("file", "event_id", "status", "case", "state", "field", "reason")


def submit(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...", help="A .jsonl holds one event a line, any other one; - reads one."
        ),
    ],
    wait: Annotated[
        bool, typer.Option("--wait", help="Until each is accepted or refused, and dealt with.")
    ] = False,
    late_by: Annotated[
        str | None,
        typer.Option("--late-by", metavar="NAME", help="Accept events that come too late, in your name."),
    ] = None,
    json: AsJson = False,
) -> None:
    """Store events and ring for them; with --wait exit code 6 says that something was not accepted."""
    arrived = [event for file in files for event in events_of(file)]
    prepare(settings())
    if not wait:
        with built(settings()) as app:
            _tell(app, _stored(app, arrived, late_by), json)
        return
    with at_work(settings(running=False)) as running, built(running.settings) as app:
        ids = _stored(app, arrived, late_by)
        is_done = waited(lambda: not is_under_way(app, ids))
        rows = _tell(app, ids, json)
    _judge(rows, is_done)


def events_of(file: Path) -> Iterator[tuple[str, bytes]]:
    """Return each event of a file with where it stands."""
    if file == STANDARD_INPUT:
        yield "-", sys.stdin.buffer.read()
        return
    found = events_in(file, content_of(file))
    is_whole = file.suffix != ".jsonl"
    for number, raw in enumerate(found, 1):
        yield file.name if is_whole else f"{file.name}:{number}", raw


def _stored(app: App, arrived: Iterable[tuple[str, bytes]], late_by: str | None) -> list[str]:
    """Store every event before the first is rung for."""
    stored = [intake.store(app, raw, file=place, late_by=late_by) for place, raw in arrived]
    for event in stored:
        app.ring("take_in", event.id)
    return [event.id for event in stored]


def _tell(app: App, ids: list[str], json: bool) -> list[dict[str, Any]]:
    rows = outcomes(app, ids)
    if json:
        output.as_json(rows)
    else:
        output.table(COLUMNS, ([row[column] for column in COLUMNS] for row in rows))
        if app.broker is None and any(row["status"] == "stored" for row in rows):
            output.line(
                "Stored; nothing runs in this home, so `pipeline up` takes them in, or submit --wait."
            )
    return rows


def _judge(rows: list[dict[str, Any]], is_done: bool) -> None:
    if not is_done:
        raise PipelineError(
            f"After {PATIENCE_SECONDS:.0f} seconds it is still under way; `pipeline doctor` says why."
        )
    if any(row["status"] == "parked" for row in rows):
        raise PipelineError("An event could not be taken in and is parked; `pipeline parked` says why.")
    if any(row["status"] in ("refused", "conflict") for row in rows):
        raise typer.Exit(Refused.exit_code)
