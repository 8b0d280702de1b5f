"""What is not complete in the submission of a case, under the rules of its receipt."""

from __future__ import annotations

from pipeline.casework.draft import Draft
from pipeline.domain import completeness
from pipeline.domain.completeness import Finding


def found(draft: Draft) -> tuple[Finding, ...]:
    """Return everything that the rules find, what must be and what should."""
    return completeness.findings(draft.case.kind, draft.case.data, draft.policy.completeness)


def is_asked_enough(draft: Draft) -> bool:
    """Say whether the provider was asked as often as the policy lets us ask unseen."""
    return len(draft.dossier.requests) >= draft.policy.completeness.rounds
