"""Reminders: what is due for a case by the home's clock."""

from __future__ import annotations

from pipeline import wiring
from pipeline.actors.binding import actor
from pipeline.casework import reminding


@actor
def remind(case_id: str) -> None:
    """Look at this case; one that has moved on is left alone."""
    reminding.remind(wiring.app(), case_id)
