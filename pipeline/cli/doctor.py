"""`pipeline doctor`: whether each part can be reached, and what to do if not."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

import typer

from pipeline.cli import output
from pipeline.cli.examinations import examine
from pipeline.cli.options import AsJson
from pipeline.cli.session import built, settings
from pipeline.errors import Unreachable

COLUMNS: Final = ("part", "verdict", "found", "advice")


def doctor(json: AsJson = False) -> None:
    """Look at every part: reached or not, fit for use or not, and what to do; exit code 4 tells of a fault."""
    with built(settings()) as app:
        found = [asdict(finding) for finding in examine(app)]
    if json:
        output.as_json(found)
    else:
        output.table(COLUMNS, ([one[column] for column in COLUMNS] for one in found))
    if any(one["verdict"] == "fault" for one in found):
        raise typer.Exit(Unreachable.exit_code)
