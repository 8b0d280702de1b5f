"""`pipeline retry`: what was parked is taken up again."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from pipeline.casework.parked import Parked, all_parked, find, is_under_way, outcome, take_up
from pipeline.cli import output
from pipeline.cli.session import at_work, built, opened, settings
from pipeline.cli.waiting import PATIENCE_SECONDS, waited
from pipeline.errors import PipelineError

COLUMNS: Final = ("key", "kind", "state", "error")


def retry(
    by: Annotated[str, typer.Option(metavar="NAME", help="Who took the cause away, for the journal.")],
    keys: Annotated[
        list[str] | None, typer.Argument(metavar="[NUMBER|ID]...", help="As `pipeline parked` shows them.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Everything that is parked.")] = False,
    step: Annotated[
        str | None, typer.Option(metavar="STEP", help="With --all: only what is parked at this step.")
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Until each has come to an end, or is parked again.")
    ] = False,
) -> None:
    """Take up again what was parked, once what kept it from going on is gone."""
    if not by.strip():
        raise typer.BadParameter("--by is the name of whoever takes it up.")
    if every == bool(keys):
        raise typer.BadParameter("Name what to take up, or say --all.")
    if step is not None and not every:
        raise typer.BadParameter("--step goes with --all.")
    with opened() as app:
        chosen = all_parked(app, step) if every else find(app, keys or [])
        for one in chosen:
            take_up(app, one, by.strip())
            output.line(f"{one.key} is taken up again by {by.strip()}.")
    if not chosen:
        output.line("Nothing is parked." if step is None else f"Nothing is parked at {step}.")
    elif wait:
        _wait(chosen)


def _wait(taken: list[Parked]) -> None:
    """Wait for what becomes of it; the processes of the home work meanwhile, or are started."""
    with at_work(settings(running=False)) as running, built(running.settings) as app:
        is_done = waited(lambda: not is_under_way(app, taken))
        found = [outcome(app, one) for one in taken]
    output.table(COLUMNS, ([row[column] for column in COLUMNS] for row in found))
    if not is_done:
        raise PipelineError(
            f"After {PATIENCE_SECONDS:.0f} seconds it is still under way; `pipeline doctor` says why."
        )
    if any(row["state"] == "parked" for row in found):
        raise PipelineError("Something is parked again; `pipeline parked` says why.")
