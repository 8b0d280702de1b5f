"""Assignment: reviewers for every case that waits for some, all of them together."""

from __future__ import annotations

from pipeline import wiring
from pipeline.actors.binding import actor
from pipeline.casework import assignment


@actor
def assign_reviewers(case_id: str) -> None:
    """Look at this case, together with all others that lack reviewers."""
    assignment.assign(wiring.app(), case_id)
