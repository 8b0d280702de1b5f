"""Dispatch: a letter goes out, once."""

from __future__ import annotations

from functools import partial

from pipeline import wiring
from pipeline.actors.binding import LETTER_LIMIT_MS, actor
from pipeline.casework import dispatching


@partial(actor, time_limit=LETTER_LIMIT_MS)
def dispatch(letter_id: str) -> None:
    """Send this letter if it still waits."""
    dispatching.dispatch(wiring.app(), letter_id)
