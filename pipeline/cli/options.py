"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.errors import UsageError
from pipeline.wiring import App

AsJson = Annotated[
    bool, typer.Option("--json", help="As JSON, for programs; docs/json.md says what is in it.")
]

CaseNumber = Annotated[str, typer.Argument(metavar="NUMBER", help="Such as A-2026-000123.")]
By = Annotated[
    str,
    typer.Option(
        metavar="NAME", help="Who does it, for the journal: somebody whom the policy gives tasks to."
    ),
]


def of_the_register(app: App, by: str) -> str:
    """Return the name of somebody of the office or the commission, who acts in the name of the register.

    Args:
        by: a name or a mail address, as it was typed.

    Raises:
        UsageError: the policy names nobody so.
    """
    people = {
        one.email.casefold(): one.name
        for duty in app.policy.tasks.values()
        for one in (duty.owner, duty.deputy)
    }
    named = {name.casefold(): name for name in people.values()} | people
    typed = " ".join(by.split())
    if typed.casefold() not in named:
        known = ", ".join(sorted(set(people.values())))
        raise UsageError(
            f"--by is somebody whom the policy names under [tasks], got {typed or 'nothing'}: {known}."
        )
    return named[typed.casefold()]


def required(app: App, by: str, reason: str) -> tuple[str, str]:
    """Return who does something in the name of the register and why, as the journal keeps them.

    Raises:
        UsageError: the policy names nobody so, or there is no reason.
    """
    if not reason.strip():
        raise UsageError("--reason says why: it is kept in the journal.")
    return of_the_register(app, by), reason.strip()


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
