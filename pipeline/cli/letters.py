"""`pipeline letters`: what was written to whom, one of them as it is, or all kinds with made-up facts."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from pipeline.casework import contents, overview, settling
from pipeline.cli import moments, notices, output
from pipeline.cli.options import AsJson, write_to
from pipeline.cli.session import opened, settings
from pipeline.errors import UsageError
from pipeline.logo.draw import LogoFacts, draw
from pipeline.mail.preview import preview as write_preview
from pipeline.settings import load_policy

group = typer.Typer(invoke_without_command=True, help="Show what was written to whom.")

CAME_BACK: Final = ("id", "received_at", "action", "status", "recipient", "reason")
COLUMNS: Final = ("letter", "written_at", "case", "kind", "state", "to", "subject", "last_error")
STATES: Final = (
    "queued", "held", "sending", "sent", "unknown", "failed", "cancelled", "replaced", "posted"
)  # fmt: skip

State = Annotated[str | None, typer.Option(metavar="STATE", help=f"Only these: {', '.join(STATES)}.")]


@group.callback()
def letters(context: typer.Context, json: AsJson = False, state: State = None) -> None:
    """Show every letter, in the order of writing."""
    if context.invoked_subcommand is not None:
        return
    if state is not None and state not in STATES:
        raise typer.BadParameter(f"--state is one of {', '.join(STATES)}, got {state}.")
    with opened() as app:
        found = overview.letters(app, state)
        if json:
            output.as_json(found)
        elif found:
            output.table(COLUMNS, (row(letter, COLUMNS) for letter in found))
        else:
            output.line("There are no such letters.")
        if not json:
            notices.show(app)


def row(letter: dict[str, Any], columns: Sequence[str]) -> list[object]:
    """Return what a table tells of a letter."""
    shown = {**letter, "written_at": moments.local(letter["written_at"])}
    return [shown[column] for column in columns]


@group.command()
def show(
    letter: Annotated[str, typer.Argument(metavar="ID")],
    out: Annotated[Path | None, typer.Option("-o", "--output", help="By default standard output.")] = None,
    about: Annotated[
        bool, typer.Option("--about", help="What became of it instead, and what came back of it.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Write one letter as the mail server got it, an .eml file; or say what became of it."""
    with opened() as app:
        told = overview.letter(app, letter)
        if about or json:
            _tell(told, json)
            return
        raw = contents.read(app, letter)
    if out is not None:
        write_to(out, raw)
    else:
        sys.stdout.buffer.write(raw)


def _tell(letter: dict[str, Any], json: bool) -> None:
    if json:
        output.as_json(letter)
        return
    moments_of = ("written_at", "not_before", "bounced_at")
    shown = {name: value and moments.local(value) for name, value in letter.items() if name in moments_of}
    output.facts(
        {name.replace("_", " "): value for name, value in {**letter, **shown, "bounces": None}.items()}
    )
    if letter["bounces"]:
        output.heading("Came back")
        output.table(CAME_BACK, ([row[column] for column in CAME_BACK] for row in letter["bounces"]))


@group.command()
def preview(
    folder: Annotated[Path, typer.Argument(help="Made if it is not there.")] = Path("letters-preview"),
) -> None:
    """Write every kind of letter with made-up facts, as text, HTML and .eml."""
    register = load_policy(settings().policy).register_
    facts = LogoFacts(
        register.name, Decimal("12.5"), "10000012", "Stichting Voorbeeld", "Interne cultuurcoördinator"
    )
    try:
        index = write_preview(folder, register, draw(facts, "normal"))
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}.") from None
    output.line(f"Written: {index}")


@group.command()
def posted(
    letter: Annotated[str, typer.Argument(metavar="ID")],
    by: Annotated[str, typer.Option(metavar="NAME", help="Who posted it.")],
) -> None:
    """Record that a letter that could not be mailed was printed and posted today."""
    if not by.strip():
        raise typer.BadParameter("--by is the name of whoever posted it.")
    with opened() as app:
        settling.posted(app, letter, by.strip())
    output.line(f"Letter {letter} counts as posted today by {by.strip()}.")
