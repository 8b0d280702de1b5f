"""`pipeline retry`: what was parked is taken up again."""

from __future__ import annotations

from typing import Annotated

import typer

from pipeline.casework import parking
from pipeline.cli import output
from pipeline.cli.session import opened


def retry(
    key: Annotated[
        str, typer.Argument(metavar="NUMBER|ID", help="A parked case, or a stored event by its id.")
    ],
    by: Annotated[str, typer.Option(metavar="NAME", help="Who took the cause away, for the journal.")],
) -> None:
    """Take up again what was parked, once what kept it from going on is gone."""
    if not by.strip():
        raise typer.BadParameter("--by is the name of whoever takes it up.")
    with opened() as app:
        parking.take_up(app, key, by.strip())
    output.line(f"{key} is taken up again by {by.strip()}.")
