"""What whoever looks at a home must know first."""

from __future__ import annotations

from pipeline.casework import mailing
from pipeline.cli import output
from pipeline.wiring import App


def show(app: App) -> None:
    """Say so plainly where nothing is mailed, how many letters wait, and what to do."""
    found = mailing.of(app)
    if not found.mails:
        output.line(f"{found.told} Letters that wait: {mailing.waiting(app)}. {found.advice}", "bold red")
