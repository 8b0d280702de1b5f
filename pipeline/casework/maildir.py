"""A Maildir into which the mail system puts what came back; each is moved on once it is kept."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

import structlog

from pipeline.casework import bouncing
from pipeline.errors import Unreachable, UsageError
from pipeline.store import rows
from pipeline.wiring import App

SEEN: Final = ":2,S"  # as readers of a Maildir mark what was looked at
LONGEST: Final = 64 * 1024 * 1024  # bytes of a file, of which the first are kept and all are in the digest

_log = structlog.get_logger()


def take_in(app: App, folder: Path, at_most: int | None = None) -> Iterator[rows.Bounce]:
    """Take in what lies in ``new/``, the oldest name first, and move each to ``cur/`` once it is kept.

    A file with which something is wrong stays for the next time and holds up no other.

    Args:
        at_most: how many are taken in.

    Raises:
        UsageError: the folder is no Maildir.
        Unreachable: the database is away; what was not kept yet stays where it is.
        Exception: what was wrong with the first file that stays, once all others are taken in.
    """
    wrong: list[Exception] = []
    yield from islice(_each(app, folder, wrong), at_most)
    if wrong:
        raise wrong[0]


def _each(app: App, folder: Path, wrong: list[Exception]) -> Iterator[rows.Bounce]:
    for file in _waiting(folder):
        try:
            raw = _content(file)
            if raw is None:
                continue  # somebody else was faster
            kept = bouncing.take_in(app, raw)
            _move_on(file, folder / "cur")
        except Unreachable:
            raise
        except Exception as error:  # noqa: BLE001 -- whatever is wrong with one, the others are taken in
            _log.warning("bounce_stays", file=file.name, error=f"{type(error).__name__}: {error}")
            wrong.append(error)
        else:
            yield kept


def check(folder: Path) -> None:
    """Make sure that a folder is a Maildir.

    Raises:
        UsageError: it is none.
    """
    if not (folder / "new").is_dir() or not (folder / "cur").is_dir():
        raise UsageError(f"{folder} is no Maildir: it must have the folders new and cur.")


def _waiting(folder: Path) -> Iterator[Path]:
    check(folder)
    names = sorted(entry.name for entry in os.scandir(folder / "new") if entry.is_file(follow_symlinks=False))
    return (folder / "new" / name for name in names if not name.startswith("."))


def _content(file: Path) -> bytes | None:
    try:
        with file.open("rb") as opened:
            return opened.read(LONGEST)
    except FileNotFoundError:
        return None


def _move_on(file: Path, folder: Path) -> None:
    try:
        file.rename(folder / f"{file.name.partition(':')[0]}{SEEN}")
    except FileNotFoundError:
        return
