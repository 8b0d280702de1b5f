"""The rules of completeness as they follow from the lengths of which a policy consisted before there were rules."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

# What each was where the file did not say.
LENGTHS: Final[Mapping[str, Any]] = {
    "text_length": 40,
    "planning_length": 20,
    "justification_length": 40,
    "self_study_justification_length": 80,
    "evidence_length": 10,
    "more_than_hours": 3,
    "largely_self_study": Decimal("0.5"),
}
_GROUNDS: Final = (
    "strengthens_competence",
    "contributes_to_pupils_learning",
    "linked_to_practice",
    "adds_to_initial_training",
)
_EVIDENCED: Final = (
    "quality_of_offer",
    "qualified_staff",
    "development_procedures",
    "quality_assurance",
    "complaints_procedure",
)


def rules(given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rules that find what these lengths found, in the order of the form."""
    lengths = {**LENGTHS, **given}
    return [*_of_an_activity(lengths), *_of_an_admission(lengths)]


def _of_an_activity(lengths: Mapping[str, Any]) -> list[dict[str, Any]]:
    text, account = lengths["text_length"], lengths["self_study_justification_length"]
    justification = _text("justification", lengths["justification_length"], "hours.justification")
    return [
        _activity("sectors", "chosen", fields=["activity.sectors"]),
        _text("content", text, "goal", "relevance", "programme"),
        _text("planning", lengths["planning_length"], "planning"),
        _activity("grounds", "any_filled", fields=[f"activity.grounds.{name}" for name in _GROUNDS]),
        _activity("hours", "more_than_hours", hours=lengths["more_than_hours"]),
        _activity("self_study", "self_study_accounted_for", minimum=account),
        justification,
        _activity("test", "test_of_self_study", share=lengths["largely_self_study"]),
        _text("conduct", text, "staff", "evaluation"),
    ]


def _of_an_admission(lengths: Mapping[str, Any]) -> list[dict[str, Any]]:
    evidenced = [f"requirements.{name}" for name in _EVIDENCED]
    chamber = ["requirements.chamber_of_commerce"]
    return [
        _admission("kvk_number", "kvk_number", fields=["provider.kvk_number"]),
        _admission("postcode", "postcode", fields=["provider.postcode"]),
        _admission("email", "mailable", fields=["provider.contact.email"]),
        _admission("chamber", "requirement", fields=chamber, minimum=1),
        _admission("evidence", "requirement", fields=evidenced, minimum=lengths["evidence_length"]),
    ]


def _text(id_: str, minimum: object, *names: str) -> dict[str, Any]:
    return _activity(id_, "text", fields=[f"activity.{name}" for name in names], minimum=minimum)


def _activity(id_: str, check: str, **more: object) -> dict[str, Any]:
    return {"id": id_, "kinds": ["activity"], "check": check, "ground": "register, ours", **more}


def _admission(id_: str, check: str, **more: object) -> dict[str, Any]:
    return {"id": id_, "kinds": ["admission"], "check": check, "ground": "register, ours", **more}
