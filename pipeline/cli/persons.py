"""`pipeline person`: everything that is held about somebody, on their request."""

from __future__ import annotations

import io
import json as encoding
import zipfile
from pathlib import Path
from typing import Annotated

import typer

from pipeline.casework import persons
from pipeline.casework.persons import Person
from pipeline.cli import output
from pipeline.cli.options import write_to
from pipeline.cli.session import opened
from pipeline.errors import NotFound

_STAMP = (1980, 1, 1, 0, 0, 0)  # of every file in the archive: when it was packed tells nothing


def person(
    who: Annotated[str, typer.Argument(metavar="WHO", help="Address, name, or id of a reviewer.")],
    by: Annotated[str, typer.Option(metavar="NAME", help="Who asks for it, for the journal.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "-o", "--out", help="Write a zip of it with the letters; by default JSON on standard output."
        ),
    ] = None,
) -> None:
    """Export everything that is held about a person, each with where it lies."""
    if not by.strip() or not who.strip():
        raise typer.BadParameter("WHO and --by say whom it is about and who asks.")
    with opened() as app:
        found = persons.export(app, who, by.strip())
    if not found:
        raise NotFound(f"Nothing is held about {who.strip()}.")
    if out is None:
        output.as_json(found.found)
        return
    write_to(out, _packed(found))
    told = ", ".join(f"{len(rows)} {name}" for name, rows in found.found.items() if rows)
    output.line(f"Written: {out} ({told})")


def _packed(found: Person) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("person.json", _STAMP), encoding.dumps(found.found, indent=2))
        for letter, raw in found.letters.items():
            archive.writestr(zipfile.ZipInfo(f"letters/{letter}.eml", _STAMP), raw)
    return packed.getvalue()
