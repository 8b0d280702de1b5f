"""Assignment: reviewers for every case that waits for some, all of them together."""

from __future__ import annotations

from pipeline import wiring
from pipeline.actors.binding import actor
from pipeline.casework import assignment, work


@actor
def assign_reviewers(case_id: str, again: str = "") -> None:
    """Look at this case, together with all others that lack reviewers."""
    app = wiring.app()
    work.on_case(app, case_id, again, lambda: assignment.assign(app, case_id))
