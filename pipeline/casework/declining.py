"""A reviewer tells the office that they cannot do a review: somebody else is asked, and they are told so.

An interest is another matter: with `recuse` the case is given back at the reviewers' desk, and the list is corrected.
"""

from __future__ import annotations

from pipeline.casework import moving, walk
from pipeline.casework.draft import Draft
from pipeline.domain.lifecycle import Event
from pipeline.errors import UsageError
from pipeline.store import rows
from pipeline.store.reading import case_by_number
from pipeline.wiring import App


def decline(app: App, number: str, reviewer: str, reason: str, by: str) -> None:
    """Let a reviewer go who was asked and cannot do it; they are not asked about this case again.

    Args:
        reviewer: id.
        reason: for the journal, in one sentence.
        by: the name of whoever takes the message.

    Raises:
        NotFound: no case has this number.
        UsageError: no verdict of this reviewer is waited for.
    """
    with app.database.reading() as connection:
        case = case_by_number(connection, number)
    walk.advance(app, case.id, by, lambda draft: _decline(draft, reviewer, reason))


def _decline(draft: Draft, reviewer: str, reason: str) -> None:
    walk.bring_up_to_date(draft)
    asked = [one.reviewer_id for one in draft.dossier.assignments if one.state == rows.ASKED]
    if reviewer not in asked:
        waited = f"those of {', '.join(asked)} are" if asked else "nobody's is"
        raise UsageError(f"No verdict of {reviewer} is waited for on case {draft.case.number}: {waited}.")
    moving.take(draft, Event.RELEASED, released=[reviewer], why="declined", reason=reason)
