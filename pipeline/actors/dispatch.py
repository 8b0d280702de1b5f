"""Dispatch: a letter goes out, once."""

from __future__ import annotations

from functools import partial

from pipeline import wiring
from pipeline.actors.binding import LETTER_LIMIT_MS, actor
from pipeline.casework import dispatching, work


@partial(actor, time_limit=LETTER_LIMIT_MS)
def dispatch(letter_id: str, again: str = "") -> None:
    """Send this letter if it still waits."""
    app = wiring.app()
    work.on_letter(app, letter_id, again, lambda: dispatching.dispatch(app, letter_id))
