"""`pipeline replay`: a whole season by the real code, with people who are simulated; then a report."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from time import process_time
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from pipeline.cli import output
from pipeline.cli.options import AsJson, write_to
from pipeline.errors import UsageError
from pipeline.replay import running
from pipeline.replay.making import Wanted
from pipeline.replay.season import outage
from pipeline.wiring import collect_rarely

Told = Callable[[date], None]


def replay(
    season: Annotated[str, typer.Option(metavar="YEARS", help="From 1 August to 31 July.")] = "2016-2017",
    cases: Annotated[int, typer.Option(min=10, max=20_000, help="First submissions.")] = 2000,
    seed: Annotated[int, typer.Option(help="The same seed replays the same season.")] = 1,
    away: Annotated[
        str | None,
        typer.Option(
            "--outage", metavar="3d@DATE", help="For so long from that day the waker does not ring."
        ),
    ] = None,
    home: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Keep the home there; a new or empty folder.")
    ] = None,
    report: Annotated[Path | None, typer.Option(metavar="FILE.html", help="Write the page there.")] = None,
    json: AsJson = False,
) -> None:
    """Replay a season with simulated people, and tell what it came to."""
    wanted = Wanted(season, cases, seed, outage(away) if away else None)
    with _folder(home) as folder, _progress(wanted) as told:
        collect_rarely()
        began = process_time()
        made = running.run(folder, wanted, told)
        seconds = process_time() - began
    made["cases_per_second"] = round(made["cases"] / seconds, 1)
    if report is not None:
        write_to(report, _page(made))
    output.as_json(made) if json else _show(made, home, report)


def _page(made: dict[str, Any]) -> bytes:
    try:
        from pipeline.replay.report import page  # only now: it needs matplotlib, and takes its time
    except ImportError:
        raise UsageError(
            'The page needs the extra `replay`: pip install "validatiestraat[replay]".'
        ) from None
    return page(made).encode()


@contextmanager
def _folder(home: Path | None) -> Iterator[Path]:
    """Yield an empty folder: the one that is asked for, or one that is removed at the end."""
    if home is None:
        with tempfile.TemporaryDirectory(prefix="pipeline-replay-") as made:
            yield Path(made)
        return
    if home.exists() and any(home.iterdir()):
        raise UsageError(f"{home} holds something already; a replay needs a home of its own.")
    home.mkdir(parents=True, exist_ok=True)
    yield home


@contextmanager
def _progress(wanted: Wanted) -> Iterator[Told]:
    """Show which day it is in the season, where somebody watches."""
    if not sys.stderr.isatty():
        yield lambda day: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        first = date(int(wanted.season[:4]), 8, 1) if wanted.season[:4].isdigit() else date.min
        task = bar.add_task(wanted.season, total=460)  # days: the season, and until all is decided

        def told(day: date) -> None:
            bar.update(task, completed=(day - first).days, description=f"{day:%a %d %b %Y}")

        yield told


def _show(made: dict[str, Any], home: Path | None, report: Path | None) -> None:
    late = made["late"]
    output.line(f"Season {made['season']}, seed {made['seed']}: until {made['last_day']}", "bold")
    output.table(("kind", "state", "result", "cases"), (one.values() for one in made["counts"]))
    output.line(f"{late['cases']} decisions came late ({late['share']:.1%}).")
    output.table(("why", "cases"), (one.values() for one in late["why"]))
    columns = ("rung", "sent", "superseded")
    output.table(columns, ([one[name] for name in columns] for one in made["reminders"]))
    output.line(_hit_rate(made["forecast"]))
    calibration = [one for one in made["forecast"]["calibration"] if one["forecasts"]]
    output.table(
        ("chance to be late", "forecasts", "expected late", "came late"), map(_calibrated, calibration)
    )
    output.facts(
        {"digest": made["digest"], "outcome": made["outcome"], "cases a second": made["cases_per_second"]}
    )
    for told, place in (("The home is kept in", home), ("The report is in", report)):
        if place is not None:
            output.line(f"{told} {place}.")


def _hit_rate(found: dict[str, Any]) -> str:
    """Tell how good the weekly forecasts were, beside a warning ten days ahead."""
    if found["recall"] is None:
        return f"Forecast: nothing came late; {found['false_alarms']} false alarms in {found['forecasts']}."
    names = (("likely late", found), ("watch", found["watch"]), ("ten days ahead", found["baseline"]))
    rates = "; ".join(
        f"{who}: {each['recall']:.0%} of late ones, {_right(each)} of warnings right" for who, each in names
    )
    cases, as_many = found["cases"], found["as_many"]
    return (
        f"Hit rate over {found['forecasts']} weekly forecasts: {rates}. With as many warnings as ten days ahead the "
        f"forecast has {as_many['hits']} hits, and that {found['baseline']['hits']}. Of {cases['late']} late cases "
        f"{cases['likely']} were called likely late before their term ended, {cases['watched']} watched."
    )


def _calibrated(one: dict[str, Any]) -> tuple[object, ...]:
    return f"{one['from']:.0%} to {one['to']:.0%}", one["forecasts"], one["expected"], one["late"]


def _right(found: dict[str, Any]) -> str:
    return "none" if found["precision"] is None else f"{found['precision']:.0%}"
