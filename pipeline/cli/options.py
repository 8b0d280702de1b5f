"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.errors import UsageError

AsJson = Annotated[
    bool, typer.Option("--json", help="As JSON, for programs; docs/json.md says what is in it.")
]


def required(by: str, reason: str) -> tuple[str, str]:
    """Return who does something and why, as the journal keeps them.

    Raises:
        UsageError: one of them says nothing.
    """
    if not by.strip() or not reason.strip():
        raise UsageError("--by says who does it and --reason why: both are kept in the journal.")
    return by.strip(), reason.strip()


def content_of(path: Path) -> bytes:
    """Return the bytes of a file.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None


def write_to(path: Path, content: bytes) -> None:
    """Write a file.

    Raises:
        UsageError: it cannot be written.
    """
    try:
        path.write_bytes(content)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from None
