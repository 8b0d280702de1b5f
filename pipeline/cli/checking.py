"""`pipeline check`: what would be found in an event, before anybody sends it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from pipeline.casework.checking import Check
from pipeline.cli import output
from pipeline.cli.options import AsJson
from pipeline.cli.session import database_file, opened, settings
from pipeline.cli.submitting import events_of
from pipeline.errors import Refused
from pipeline.settings import load_policy
from pipeline.wiring import App

SHOWN: Final = ("severity", "field", "id", "sentence", "ground")
COLUMNS: Final = ("severity", "field", "rule", "what the provider reads", "ground")


def check(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            help="An event, or the data of one. A .jsonl holds one a line, any other file one; - reads one.",
        ),
    ],
    policy: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Other rules than those in force.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Say what would be refused, asked or advised, storing nothing; exit code 6 says that not all is complete."""
    arrived = [event for file in files for event in events_of(file)]
    rules = load_policy(policy or settings().policy)
    with _home() as app:
        found = [{"file": place, **Check(rules, app).of(raw)} for place, raw in arrived]
    if json:
        output.as_json(found)
    else:
        _tell(found)
    if any(one["status"] != "complete" for one in found):
        raise typer.Exit(Refused.exit_code)


@contextmanager
def _home() -> Iterator[App | None]:
    """Open the home that is here; what only a home knows is not checked where there is none."""
    file = database_file(settings())
    if file is not None and not file.exists():
        yield None
        return
    with opened() as app:
        yield app


def _tell(found: list[dict[str, Any]]) -> None:
    for one in found:
        _show(one)
    output.line()
    if len(found) > 1:
        counts = Counter(one["status"] for one in found)
        output.line(f"{len(found)} events: {', '.join(f'{count} {name}' for name, count in counts.items())}.")
    for each in dict.fromkeys(each for one in found for each in one["unchecked"]):
        output.line(f"Not checked: {each}.", "dim")


def _show(one: dict[str, Any]) -> None:
    place = " ".join(str(part) for part in (one["file"], one["event_id"]) if part)
    output.heading(f"{output.cell(place)}: {one['status']}")
    if one["refusal"]:
        refusal = one["refusal"]
        output.facts({name: refusal[name] for name in ("field", "expected", "got")})
        output.line(refusal["sentence"])
    if one["findings"]:
        output.table(COLUMNS, ([each[name] for name in SHOWN] for each in one["findings"]))
