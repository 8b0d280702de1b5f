"""Logo: a granted activity gets its picture, then its letter."""

from __future__ import annotations

from pipeline import wiring
from pipeline.actors.binding import actor
from pipeline.casework import issuing, work


@actor
def draw_logo(case_id: str, again: str = "") -> None:
    """Look at this case; one that has moved on is left alone."""
    app = wiring.app()
    work.on_case(app, case_id, again, lambda: issuing.issue(app, case_id))
