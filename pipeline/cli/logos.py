"""`pipeline logo`: the logo of a registration as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.casework import issuing
from pipeline.cli import output
from pipeline.cli.options import write_to
from pipeline.cli.session import opened
from pipeline.domain.numbers import typed


def logo(
    number: Annotated[str, typer.Argument(help="The activity number, such as 10000012 or '1000 0012'.")],
    out: Annotated[Path, typer.Option("-o", "--output", help="The PNG file to write.")],
    for_print: Annotated[bool, typer.Option("--print", help="1800x900 instead of 600x300.")] = False,
) -> None:
    """Write the logo of a registration in effect."""
    with opened() as app:
        png = issuing.logo(app, typed(number), "print" if for_print else "normal")
    write_to(out, png)
    output.line(f"Written: {out}")
