"""Completeness: a received case goes on, as complete or incomplete."""

from __future__ import annotations

from pipeline import wiring
from pipeline.actors.binding import actor
from pipeline.casework import walk, work


@actor
def check_completeness(case_id: str, again: str = "") -> None:
    """Look at this case; one that has moved on is left alone."""
    app = wiring.app()
    work.on_case(app, case_id, again, lambda: walk.advance(app, case_id, "system"))
