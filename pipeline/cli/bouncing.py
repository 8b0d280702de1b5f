"""`pipeline bounce`, `bounces` and `addresses`: what came back by mail, and the addresses where it did."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from sqlalchemy.exc import SQLAlchemyError

from pipeline.casework import bouncing, maildir, returns, reviewing, suppressing
from pipeline.casework.maildir import LONGEST
from pipeline.cli import moments, output
from pipeline.cli.letter_steps import By, named
from pipeline.cli.options import AsJson, content_of
from pipeline.cli.session import opened
from pipeline.errors import HomeError, SettingsError, Stale, Unreachable
from pipeline.store import rows

# What tells a mail system to keep the message and try again (sysexits.h, EX_TEMPFAIL).
TRY_AGAIN: Final = 75
BOUNCES: Final = ("id", "received_at", "case", "letter", "action", "status", "recipient", "reason")
ADDRESSES: Final = ("address", "since", "letter", "reason")

addresses_group = typer.Typer(
    invoke_without_command=True,
    help="Show the addresses to which nothing is mailed, since mail bounced there.",
)


def bounce(
    file: Annotated[Path, typer.Argument(help="One message; - reads standard input.")] = Path("-"),
    from_maildir: Annotated[
        Path | None,
        typer.Option("--maildir", metavar="FOLDER", help="All that lies in its new/, moved to cur/."),
    ] = None,
) -> None:
    """Take in what came back by mail; exit code 75 asks a mail system to try again later."""
    try:
        with opened() as app:
            if from_maildir is not None:
                _tell(maildir.take_in(app, from_maildir))
            else:
                _tell([bouncing.take_in(app, _content(file))])
    except (Unreachable, HomeError, SettingsError, Stale, SQLAlchemyError, OSError) as error:
        print(str(error).splitlines()[0], file=sys.stderr)
        raise typer.Exit(TRY_AGAIN) from None


def bounces(
    json: AsJson = False,
    raw: Annotated[
        str | None, typer.Option(metavar="ID", help="The bytes of that one, as they came.")
    ] = None,
) -> None:
    """Show what came back by mail, also where it is about no letter of ours."""
    with opened() as app:
        if raw is not None:
            output.raw(returns.raw_of(app, raw))
            return
        found = returns.came_back(app)
    _show(found, BOUNCES, json, "Nothing came back.")


@addresses_group.callback()
def addresses(context: typer.Context, json: AsJson = False) -> None:
    """Show the addresses to which nothing is mailed, since mail bounced there."""
    if context.invoked_subcommand is not None:
        return
    with opened() as app:
        found = suppressing.addresses(app)
    _show(found, ADDRESSES, json, "Every address is mailed to.")


@addresses_group.command()
def release(address: Annotated[str, typer.Argument(metavar="ADDRESS")], by: By) -> None:
    """Mail to an address again; who reviews there can be asked again."""
    with opened() as app:
        suppressing.release(app, address, named(by))
        reviewing.look_again(app)
    output.line(f"{address} is mailed to again.")


def _content(file: Path) -> bytes:
    return sys.stdin.buffer.read(LONGEST) if file == Path("-") else content_of(file)


def _tell(kept: Iterable[rows.Bounce]) -> None:
    for one in kept:
        about = f"letter {one.letter_id}" if one.letter_id else "no letter of ours"
        output.line(f"Kept as {one.id}: {one.action or 'no notification'}, about {about}.")


def _show(found: list[dict[str, Any]], columns: tuple[str, ...], json: bool, nothing: str) -> None:
    if json:
        output.as_json(found)
    elif found:
        output.table(columns, ([_cell(row, column) for column in columns] for row in found))
    else:
        output.line(nothing)


def _cell(row: dict[str, Any], column: str) -> object:
    return moments.local(row[column]) if column in ("received_at", "since") else row[column]
