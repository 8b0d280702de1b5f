"""A named human decides what the verdicts did not."""

from __future__ import annotations

from pipeline.casework import enacting, judging, walk
from pipeline.casework.dossier import hours_asked
from pipeline.casework.draft import Draft
from pipeline.domain import decisions
from pipeline.domain.hours import Hours
from pipeline.domain.lifecycle import Kind, State
from pipeline.domain.verdicts import Verdict
from pipeline.errors import UsageError
from pipeline.store.reading import case_by_number
from pipeline.wiring import App


def decide(app: App, number: str, decision: Verdict) -> None:
    """Decide an escalated case, with hours and motivation as a reviewer owes them.

    Args:
        decision: its ``reviewer`` is the name of whoever decides.

    Raises:
        NotFound: no case has this number.
        UsageError: the case does not wait for such a decision, or the decision lacks something.
    """
    with app.database.reading() as connection:
        case = case_by_number(connection, number)
    walk.advance(app, case.id, decision.reviewer, lambda draft: _decide(draft, decision))


def _decide(draft: Draft, decision: Verdict) -> None:
    if draft.case.state is not State.ESCALATED:
        raise UsageError(
            f"Case {draft.case.number} is {draft.case.state}: only an escalated case is decided by hand."
        )
    asked = hours_asked(draft.dossier.activity)
    _check(draft, decision, asked)
    weighed = judging.weighed_under(draft.dossier, draft.policy)
    enacting.keep(draft, decisions.by_hand(draft.case.kind, decision, weighed, asked))
    enacting.enact(draft)


def _check(draft: Draft, decision: Verdict, asked: Hours | None) -> None:
    if draft.case.kind is Kind.OBJECTION and decision.verdict == "defer":
        raise UsageError("An objection is founded (approve) or unfounded (reject); it cannot be deferred.")
    approves_activity = draft.case.kind is Kind.ACTIVITY and decision.verdict == "approve"
    if decision.hours is not None and decision.hours.total == 0:
        raise UsageError("An approved activity has more than 0 hours.")
    if approves_activity and decision.hours is None:
        raise UsageError("An activity is approved with its hours of contact and self-study.")
    if decision.hours is not None and (decision.verdict != "approve" or asked is None):
        raise UsageError("Only an approving decision about an activity gives hours.")
    differs = decision.hours is not None and decision.hours != asked
    if (decision.verdict != "approve" or differs) and not (decision.motivation or "").strip():
        raise UsageError("A decision that does not give what was asked is motivated.")
