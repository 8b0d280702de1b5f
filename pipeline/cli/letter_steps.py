"""`pipeline letters settle`, `resend`, `again`, `correct`, `hold` and `release`: what is done with a letter."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from pipeline.casework import overview, resending, settling
from pipeline.casework.settling import BY_LOG, Settled
from pipeline.cli import output
from pipeline.cli.options import AsJson, content_of
from pipeline.cli.session import opened
from pipeline.errors import UsageError
from pipeline.wiring import App

COLUMNS: Final = ("letter", "case", "kind", "to", "was", "becomes", "sent_on", "why")

Letter = Annotated[str, typer.Argument(metavar="ID")]
By = Annotated[str, typer.Option(metavar="NAME", help="Who does it, for the journal.")]


def named(by: str) -> str:
    """Return the name of whoever does something.

    Raises:
        typer.BadParameter: it is none.
    """
    if not by.strip():
        raise typer.BadParameter("--by is the name of whoever does it.")
    return by.strip()


def settle(
    accepted: Annotated[
        Path,
        typer.Option(
            metavar="FILE", help="The relay's log, or Message-IDs, one a line; - reads standard input."
        ),
    ],
    rest_not_accepted: Annotated[
        bool,
        typer.Option(
            "--rest-not-accepted", help="The log is complete: what it does not name goes out again."
        ),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what the log tells.")] = False,
    by: Annotated[str, typer.Option(metavar="NAME", help="Who settles them, for the journal.")] = BY_LOG,
    json: AsJson = False,
) -> None:
    """Settle from the relay's log which letters were accepted of which nobody knows."""
    by = named(by)
    with opened() as app:
        found = settling.look_up(app, _lines(accepted), is_complete=rest_not_accepted)
        rows = _rows(app, found)
        if not dry_run:
            settling.settle(app, found, by)
    if json:
        output.as_json(rows)
    elif rows:
        output.table(COLUMNS, ([row[column] for column in COLUMNS] for row in rows))
        output.line("Nothing was changed." if dry_run else _summary(found))
    else:
        output.line("There is nothing to settle.")


def resend(letter: Letter, by: By) -> None:
    """Send a failed or unknown letter once more: the same bytes, Message-ID and date."""
    with opened() as app:
        resending.resend(app, letter, named(by))
    output.line(f"Letter {letter} goes out again.")


def again(
    letter: Letter,
    preface: Annotated[
        str, typer.Option(metavar="FILE|TEXT", help="What to say first, in Dutch; - reads standard input.")
    ],
    by: By,
    to: Annotated[str | None, typer.Option(metavar="ADDRESS", help="By default the same address.")] = None,
) -> None:
    """Send a letter that went, or may have gone, again: a preface, with the letter attached."""
    with opened() as app:
        anew = resending.again(app, letter, _preface(preface), named(by), to)
    output.line(f"Letter {anew} goes out, with {letter} attached.")


def correct(
    letter: Letter, to: Annotated[str, typer.Option(metavar="ADDRESS", help="The right address.")], by: By
) -> None:
    """Write a letter that has not gone to another address; it takes the place of the one that there was."""
    with opened() as app:
        anew = resending.correct(app, letter, to.strip(), named(by))
    output.line(f"Letter {anew} goes out instead of {letter}.")


def hold(letter: Letter, by: By) -> None:
    """Keep a queued letter until somebody releases it."""
    with opened() as app:
        resending.hold(app, letter, named(by))
    output.line(f"Letter {letter} waits until `pipeline letters release {letter}`.")


def release(letter: Letter, by: By) -> None:
    """Let a held letter go."""
    with opened() as app:
        resending.release(app, letter, named(by))
    output.line(f"Letter {letter} goes out.")


ALL: Final = (settle, resend, again, correct, hold, release)


def _lines(path: Path) -> Iterator[bytes]:
    """Return the lines of a file one by one: a log may be long."""
    if path == Path("-"):
        yield from sys.stdin.buffer
        return
    try:
        with path.open("rb") as file:
            yield from file
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None


def _preface(given: str) -> str:
    if given == "-":
        return sys.stdin.read()
    path = Path(given)
    try:
        is_file = path.is_file()
    except (OSError, ValueError):  # a text that no file can be called
        is_file = False
    return content_of(path).decode("utf-8", "replace") if is_file else given


def _rows(app: App, found: list[Settled]) -> list[dict[str, Any]]:
    shown = {row["letter"]: row for row in overview.letters(app)} if found else {}
    return [_row(one, shown[one.letter.id]) for one in found]


def _row(one: Settled, letter: dict[str, Any]) -> dict[str, Any]:
    kept = {name: letter[name] for name in ("letter", "case", "kind", "to", "subject", "message_id")}
    day = None if one.on is None else one.on.isoformat()
    return {**kept, "was": one.letter.state, "becomes": one.becomes, "sent_on": day, "why": one.why}


def _summary(found: list[Settled]) -> str:
    accepted = sum(one.becomes == "sent" for one in found)
    again = sum(one.becomes == "queued" for one in found)
    return f"{accepted} accepted, {again} to go out again, {len(found) - accepted - again} left as they are."
