"""`pipeline play`: a season of events, run through the real processes in a simulated home."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from pipeline.casework import reviewing
from pipeline.cli import fresh, moments, notices, output, reviewers, summary
from pipeline.cli.options import AsJson
from pipeline.cli.session import at_work, built, prepare, settings
from pipeline.cli.signals import staying
from pipeline.cli.stages import stage_of
from pipeline.embedded import Running
from pipeline.play import Line, Progress, Season, read_script
from pipeline.store import rows
from pipeline.wiring import App

Told = Callable[[Progress], None]


def play(
    events: Annotated[
        list[Path], typer.Argument(metavar="EVENTS...", help="Files of events; merged by time.")
    ],
    reviewer_list: Annotated[
        Path | None,
        typer.Option("--reviewers", metavar="FILE.csv", help="Imported first; nobody is deactivated."),
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="DATE", help="By default the last event that the calendar knows.")
    ] = None,
    json: AsJson = False,
    stay: Annotated[bool, typer.Option("--stay", help="Keep everything running until Ctrl-C.")] = False,
    begin_anew: Annotated[
        bool, typer.Option("--fresh", help="Throw away what this home holds first.")
    ] = False,
) -> None:
    """Play a season and show what became of it."""
    lines = read_script(events)
    wanted = reviewers.read(reviewer_list) if reviewer_list else []
    day = moments.day(until) if until else None
    found = settings(running=False)
    if begin_anew:
        fresh.clear(found)
    prepare(found, lines[0].time)
    with at_work(found) as running, built(running.settings) as app:
        made = _played(running, app, lines, wanted, day)
        stays = stay or not running.ours
        output.as_json(made) if json else summary.show(made, stays=stays)
        if not json:
            notices.show(app)
        if stay and running.ours:
            with staying() as until_asked:
                output.line("Everything keeps running; Ctrl-C ends it.", "bold")
                until_asked()
    if made["failures"]:
        raise typer.Exit(1)


def _played(
    running: Running, app: App, lines: list[Line], wanted: list[rows.Reviewer], until: date | None
) -> dict[str, object]:
    _import(app, wanted)
    with _progress(len(lines)) as told, stage_of(app) as stage:
        played = Season(app, stage, lines, until=until).play(told)
    return summary.of(app, played, running)


def _import(app: App, wanted: list[rows.Reviewer]) -> None:
    """Add and change reviewers; who is missing from a play's list stays, since nobody is asked."""
    planned = reviewing.plan(app, wanted)
    reviewing.carry_out(app, replace(planned, left=()))


@contextmanager
def _progress(total: int) -> Iterator[Told]:
    """Show how far the play is, where somebody watches."""
    if not sys.stderr.isatty():
        yield lambda progress: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=total)

        def told(progress: Progress) -> None:
            about = f"{moments.shown(progress.clock)}  {progress.line.place:<18}"
            bar.update(task, completed=progress.done, description=about)

        yield told
