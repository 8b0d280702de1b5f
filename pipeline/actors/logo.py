"""Logo: a granted activity gets its picture, then its letter."""

from __future__ import annotations

from pipeline import wiring
from pipeline.actors.binding import actor
from pipeline.casework import issuing


@actor
def draw_logo(case_id: str) -> None:
    """Look at this case; one that has moved on is left alone."""
    issuing.issue(wiring.app(), case_id)
