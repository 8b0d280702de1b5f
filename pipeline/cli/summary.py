"""What a play came to, for people who act on it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from pipeline.casework import overview, parked
from pipeline.cli import moments, output
from pipeline.cli.running import where
from pipeline.domain.numbers import grouped
from pipeline.embedded import Running
from pipeline.errors import shorten
from pipeline.mail import dutch
from pipeline.play import Played
from pipeline.wiring import App

Json = dict[str, Any]

WAITING: Final = ("case", "state", "decide by", "waits for")


def of(app: App, played: Played, running: Running) -> Json:
    """Return what there is to tell after a play; docs/json.md names the keys."""
    counts = overview.counts(app)
    return {
        "play": {"dropped": played.dropped, "skipped": played.skipped},
        "clock": app.clock.now().isoformat(),
        "cases": counts["cases"],
        "letters": counts["letters"],
        "refused": counts["events"].get("refused", 0),
        "logos": [_logo(app, one) for one in overview.registrations(app)],
        "waiting": [_waiting(case) for case in overview.cases(app) if case["waits_for"]],
        "tasks": overview.tasks(app),
        "look": {name: None if value is None else str(value) for name, value in where(running).items()},
        "failures": _failures(app, played, running),
    }


def _logo(app: App, registration: Json) -> Json:
    file = app.settings.home / "logos" / f"registerlogo-{registration['number']}.png"
    return {**registration, "file": str(file)}


def _waiting(case: Json) -> Json:
    return {name: case[name] for name in ("case", "state", "due_on", "waits_for")}


def _failures(app: App, played: Played, running: Running) -> list[str]:
    """Return what makes a play a failure: not what is refused or waits for a human."""
    return [
        *(f"died: {death}" for death in running.deaths),
        *(f"without case, effect or refusal: {place}" for place in played.lost),
        *(f"parked: {one.kind} {one.key}" for one in parked.all_parked(app)),
    ]


def show(made: Json, *, stays: bool) -> None:
    """Print it.

    Args:
        stays: the page can still be looked at, since what serves it goes on running.
    """
    output.line(_first_line(made), "bold")
    output.heading("Cases")
    output.table(("kind", "state", "result", "count"), (_count(row) for row in made["cases"]))
    letters = ", ".join(f"{count} {state}" for state, count in sorted(made["letters"].items()))
    output.line(f"Letters: {letters or 'none'}.")
    output.line(f"Refused events: {made['refused']}; `pipeline refused` shows why.")
    output.heading("Logos")
    output.table(("number", "RU", "activity", "provider"), (_granted(logo) for logo in made["logos"]))
    _show_waiting(made)
    output.heading("Where to look")
    output.facts(made["look"] | ({} if stays else {"page": "`pipeline up` serves it"}))
    for failure in made["failures"]:
        output.line(f"Failed: {failure}.", "bold red")


def _first_line(made: Json) -> str:
    played, skipped = made["play"]["dropped"], made["play"]["skipped"]
    again = f", {skipped} skipped since this home has them already" if skipped else ""
    return f"Played {played} events{again}; the clock stands at {moments.local(made['clock'])}."


def _count(row: Json) -> tuple[object, ...]:
    return row["kind"], row["state"], row["result"], row["count"]


def _granted(logo: Json) -> tuple[object, ...]:
    return (
        grouped(logo["number"]),
        dutch.hours(Decimal(logo["hours"]["total"])),
        shorten(logo["title"], 120),
        logo["provider"],
    )


def _show_waiting(made: Json) -> None:
    output.heading("Waits for somebody")
    if made["waiting"]:
        output.table(WAITING, (tuple(row.values()) for row in made["waiting"]))
    loose = [task for task in made["tasks"] if task["case"] is None]
    for task in loose:
        output.line(f"{task['owner']} (deputy {task['deputy']}): {task['kind']}, {task['detail']}")
    if not made["waiting"] and not loose:
        output.line("Nothing does.")
