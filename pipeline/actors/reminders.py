"""Reminders: what is due for a case by the home's clock."""

from __future__ import annotations

from pipeline import wiring
from pipeline.actors.binding import actor
from pipeline.casework import reminding, work


@actor
def remind(case_id: str, again: str = "") -> None:
    """Look at this case; one that has moved on is left alone."""
    app = wiring.app()
    work.on_case(app, case_id, again, lambda: reminding.remind(app, case_id))
