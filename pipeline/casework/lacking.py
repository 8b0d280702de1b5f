"""What is not complete in the submission of a case, under the rules of its receipt."""

from __future__ import annotations

from pipeline.casework import chronicle
from pipeline.casework.draft import Draft
from pipeline.domain import completeness
from pipeline.domain.completeness import Finding
from pipeline.domain.lifecycle import Event


def found(draft: Draft) -> tuple[Finding, ...]:
    """Return everything that the rules find, what must be and what should."""
    return completeness.findings(draft.case.kind, draft.case.data, draft.policy.completeness)


def is_asked_enough(draft: Draft) -> bool:
    """Say whether the provider was asked as often as the policy lets us ask unseen."""
    return len(draft.dossier.requests) >= draft.policy.completeness.rounds


def accepted_because(draft: Draft) -> str | None:
    """Return why somebody took a case as it is after the last round; None where nobody did, or that was erased."""
    with draft.app.database.reading() as connection:
        told = chronicle.of(connection, draft.case.id)
    reasons = (
        content.facts.get("reason")
        for entry, content in told
        if content and entry.event == Event.TAKEN_AS_IT_IS
    )
    return next((str(reason) for reason in reasons if reason), None)
