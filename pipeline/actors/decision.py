"""Decision: the verdicts on a case are weighed."""

from __future__ import annotations

from pipeline import wiring
from pipeline.actors.binding import actor
from pipeline.casework import walk


@actor
def decide(case_id: str) -> None:
    """Look at this case; one that has moved on is left alone."""
    walk.advance(wiring.app(), case_id, "system")
