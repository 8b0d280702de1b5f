"""The commission takes over a case that gets no reviewers, or whose term has run out, and decides it by hand."""

from __future__ import annotations

from typing import Final

from pipeline.casework import judging, moving, walk
from pipeline.casework.draft import Draft
from pipeline.domain import lifecycle
from pipeline.domain.lifecycle import Event
from pipeline.errors import UsageError
from pipeline.store.reading import case_by_number
from pipeline.wiring import App

TASKS: Final = ("no_reviewers", "late", "overdue")  # one of which must be open


def take_over(app: App, number: str, reason: str, by: str) -> None:
    """Let the commission decide instead of reviewers; verdicts that were given stay on record.

    Args:
        reason: for the journal and the task of the commission, in one sentence.

    Raises:
        NotFound: no case has this number.
        UsageError: reviewers can be waited for, or no review is waited for at all.
    """
    with app.database.reading() as connection:
        case = case_by_number(connection, number)
    walk.advance(app, case.id, by, lambda draft: _take_over(draft, reason))


def _take_over(draft: Draft, reason: str) -> None:
    walk.bring_up_to_date(draft)
    case = draft.case
    if Event.TAKEN_OVER not in lifecycle.events(case.kind, case.state):
        raise UsageError(
            f"Case {case.number} is {case.state}: no review is waited for that could be taken over."
        )
    if all(task.kind not in TASKS for task in draft.dossier.tasks):
        raise UsageError(
            f"Case {case.number} has its reviewers and is in time: it is taken over when too few can review it,"
            " or when its term has run out."
        )
    verdicts = judging.told(draft) or "geen"
    moving.take(
        draft, Event.TAKEN_OVER, reason=reason, task="escalated", detail=f"{reason} (Oordelen: {verdicts})"
    )
    draft.set(step=None)
