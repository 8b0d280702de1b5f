"""`pipeline refused`: what was dropped and could not be taken in, with what to do about it."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer

from pipeline.casework import overview
from pipeline.cli import moments, output
from pipeline.cli.options import AsJson
from pipeline.cli.session import opened

COLUMNS: Final = ("id", "event_id", "source", "file", "reason", "received_at", "times")


def refused(
    json: AsJson = False,
    raw: Annotated[
        str | None, typer.Option(metavar="ID", help="The bytes of that one, as they came.")
    ] = None,
) -> None:
    """Show every refused event: which field, what was expected, what came."""
    with opened() as app:
        if raw is not None:
            output.raw(overview.raw_of(app, raw))
            return
        found = overview.refused(app)
    if json:
        output.as_json(found)
    elif found:
        output.table(COLUMNS, (_row(event) for event in found))
    else:
        output.line("No event was refused.")


def _row(event: dict[str, Any]) -> list[object]:
    shown = {**event, "received_at": moments.local(event["received_at"])}
    return [shown[column] for column in COLUMNS]
