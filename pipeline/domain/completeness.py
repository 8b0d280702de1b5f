"""What is missing from a submission: every item at once, each with what would satisfy it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from email_validator import EmailNotValidError, validate_email
from stdnum.nl import postcode

from pipeline.contract import is_establishment_number, is_kvk
from pipeline.domain.hours import Hours
from pipeline.domain.lifecycle import Kind
from pipeline.domain.policy import Completeness

GROUNDS: Final = (
    "strengthens_competence",
    "contributes_to_pupils_learning",
    "linked_to_practice",
    "adds_to_initial_training",
)
REQUIREMENTS: Final = (
    "chamber_of_commerce",
    "quality_of_offer",
    "qualified_staff",
    "development_procedures",
    "quality_assurance",
    "complaints_procedure",
)


@dataclass(frozen=True)
class Finding:
    """One item that is not complete.

    Attributes:
        field: dotted path from ``data``.
        rule: which rule found it; letters have a Dutch sentence for each.
        minimum: characters or RU that would satisfy it, where it is about an amount.
        got: what there is: a length in characters, an amount of RU, or a text.
    """

    field: str
    rule: str
    minimum: int | None = None
    got: int | str | None = None


Data = Mapping[str, Any]


def findings(kind: Kind, data: Data, policy: Completeness) -> tuple[Finding, ...]:
    """Return everything that is missing from a submission, in the order of the form.

    Args:
        kind: of its case; the keys do not tell, since a submission may have any besides its own.
    """
    rules = activity_findings if kind is Kind.ACTIVITY else admission_findings
    return tuple(rules(data, policy))


def activity_findings(data: Data, policy: Completeness) -> Iterator[Finding]:
    """Yield what an activity lacks."""
    activity = _part(data, "activity")
    if not activity.get("sectors"):
        yield Finding("activity.sectors", "sectors_missing")
    yield from _texts(activity, ("goal", "relevance", "programme"), policy.text_length)
    yield from _texts(activity, ("planning",), policy.planning_length)
    if not any(_trimmed(_part(activity, "grounds").get(ground)) for ground in GROUNDS):
        yield Finding("activity.grounds", "grounds_missing")
    yield from _hours(activity, policy)
    yield from _texts(activity, ("staff", "evaluation"), policy.text_length)


def _texts(activity: Data, names: tuple[str, ...], minimum: int) -> Iterator[Finding]:
    for name in names:
        yield from _text(f"activity.{name}", activity.get(name), minimum)


def _hours(activity: Data, policy: Completeness) -> Iterator[Finding]:
    given = _part(activity, "hours")
    hours = Hours.from_text(given)
    if hours.total <= policy.more_than_hours:
        yield Finding("activity.hours", "hours_too_few", policy.more_than_hours, hours.as_text()["total"])
    yield from _justification(given.get("justification"), hours, policy)
    largely = hours.self_study > 0 and hours.self_study >= hours.share(policy.largely_self_study)
    if largely and _part(activity, "closing_test").get("kind") is None:
        yield Finding("activity.closing_test.kind", "test_missing")


def _justification(text: str | None, hours: Hours, policy: Completeness) -> Iterator[Finding]:
    field, length = "activity.hours.justification", len(_trimmed(text))
    if hours.self_study > 0 and 0 < length < policy.self_study_justification_length:
        yield Finding(field, "self_study_justification", policy.self_study_justification_length, length)
    else:
        yield from _text(field, text, policy.justification_length)


def admission_findings(data: Data, policy: Completeness) -> Iterator[Finding]:
    """Yield what an application for admission lacks."""
    provider = _part(data, "provider")
    yield from _kvk(provider.get("kvk_number"))
    if not _is_postcode(_trimmed(provider.get("postcode"))):
        yield Finding("provider.postcode", "postcode_invalid", got=provider.get("postcode"))
    address = _part(provider, "contact").get("email")
    if not is_mailable(address):
        yield Finding("provider.contact.email", "email_unusable", got=address)
    for name in REQUIREMENTS:
        yield from _requirement(name, _part(_part(data, "requirements"), name), policy)


def _requirement(name: str, given: Data, policy: Completeness) -> Iterator[Finding]:
    field, length = f"requirements.{name}", len(_trimmed(given.get("evidence")))
    minimum = 1 if name == "chamber_of_commerce" else policy.evidence_length
    if given.get("met") is not True:
        yield Finding(field, "not_met")
    elif length == 0:
        yield Finding(field, "evidence_missing", minimum, 0)
    elif length < minimum:
        yield Finding(field, "evidence_too_short", minimum, length)


def _kvk(number: str | None) -> Iterator[Finding]:
    field = "provider.kvk_number"
    if not _trimmed(number):
        yield Finding(field, "kvk_missing")
    elif is_establishment_number(str(number)):
        yield Finding(field, "kvk_is_establishment_number", got=number)
    elif not is_kvk(str(number)):
        yield Finding(field, "kvk_invalid", got=number)


def _text(field: str, text: str | None, minimum: int) -> Iterator[Finding]:
    length = len(_trimmed(text))
    if length == 0:
        yield Finding(field, "missing", minimum, 0)
    elif length < minimum:
        yield Finding(field, "too_short", minimum, length)


def is_mailable(address: object) -> bool:
    """Say whether this is one address, with a dotted domain, that a letter can be sent to."""
    try:
        validate_email(str(address or ""), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return "." in str(address).rpartition("@")[2]


def _is_postcode(text: str) -> bool:
    check: Callable[[str], bool] = postcode.is_valid  # knows letters that are never given out
    return re.fullmatch("[1-9][0-9]{3} ?[A-Za-z]{2}", text) is not None and check(text)


def _part(data: Data, name: str) -> Data:
    return data.get(name) or {}


def _trimmed(text: object) -> str:
    return text.strip() if isinstance(text, str) else ""
