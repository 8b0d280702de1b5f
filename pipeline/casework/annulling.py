"""A verdict annulled before the decision: it stays on record, counts no more, and another may be given."""

from __future__ import annotations

from dataclasses import replace

from pipeline.casework import moving, suppressing, walk
from pipeline.casework.draft import Draft
from pipeline.domain import lifecycle, terms
from pipeline.domain.lifecycle import Event
from pipeline.domain.verdicts import RECUSE
from pipeline.errors import UsageError
from pipeline.store import rows
from pipeline.store.reading import case_by_number
from pipeline.wiring import App


def annul(app: App, number: str, reviewer_id: str, reason: str, by: str) -> None:
    """Annul the verdict of a reviewer; they are asked again, and the case is weighed anew.

    Raises:
        NotFound: no case has this number.
        UsageError: it is decided, or this reviewer gave no verdict that counts.
    """
    with app.database.reading() as connection:
        case = case_by_number(connection, number)
    walk.advance(app, case.id, by, lambda draft: _annul(draft, reviewer_id, reason))


def _annul(draft: Draft, reviewer_id: str, reason: str) -> None:
    _require_undecided(draft)
    verdict = _counting(draft, reviewer_id)
    annulled = replace(verdict, annulled_at=draft.now, annulled_by=draft.by, annulled_because=reason)
    draft.keep("verdicts", annulled)
    _ask_again(draft, reviewer_id)
    facts = {"reviewer": reviewer_id, "verdict": verdict.id, "reason": reason}
    moving.take(draft, Event.VERDICT_ANNULLED, **facts)
    walk.walk(draft)


def _require_undecided(draft: Draft) -> None:
    case = draft.case
    if Event.VERDICT_ANNULLED in lifecycle.events(case.kind, case.state):
        return
    if case.result is None:
        raise UsageError(f"Case {case.number} is {case.state}: nobody has judged it yet.")
    raise UsageError(
        f"Case {case.number} is {case.state}: its verdicts stand. What is wrong with a decision that was sent is put"
        " right on an objection (`case.objected`), which others judge."
    )


def _counting(draft: Draft, reviewer_id: str) -> rows.Verdict:
    given = [one for one in draft.dossier.verdicts if one.reviewer_id == reviewer_id and not one.annulled_at]
    if not given:
        raise UsageError(f"Reviewer {reviewer_id} has no verdict on case {draft.case.number} that counts.")
    if given[0].verdict == RECUSE:
        raise UsageError(
            f"Reviewer {reviewer_id} gave case {draft.case.number} back, and somebody else was asked; that stands."
        )
    return given[0]


def _ask_again(draft: Draft, reviewer_id: str) -> None:
    """Wait for another verdict of the same reviewer, as long as before; for another's where they cannot be asked."""
    known, assignments = draft.dossier.reviewers[reviewer_id], draft.dossier.assignments
    assignment = next(one for one in assignments if one.reviewer_id == reviewer_id)
    if not known.active or _is_out_of_reach(draft, known):
        draft.keep("assignments", replace(assignment, state=rows.RELEASED))
        return
    days = getattr(draft.policy.judging.review_days, draft.case.kind.value)
    assert draft.case.due_on is not None  # it is in review
    review_by = terms.review_by(draft.today, days, draft.case.due_on, draft.app.calendar)
    draft.keep("assignments", replace(assignment, state=rows.ASKED, review_by=review_by))


def _is_out_of_reach(draft: Draft, reviewer: rows.Reviewer) -> bool:
    with draft.app.database.reading() as connection:
        return suppressing.is_suppressed(connection, reviewer.email)
