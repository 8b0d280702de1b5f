"""The six events as pydantic models. Unknown keys are ignored here; the document keeps them."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, WithJsonSchema
from typing_extensions import TypedDict

from pipeline.contract.faults import custom
from pipeline.contract.fields import (
    About,
    ActivityType,
    Attribute,
    Category,
    FilledLine,
    FilledText,
    Flag,
    FormOfAddress,
    HoursText,
    Line,
    Moment,
    OneFaultEach,
    Score,
    Sectors,
    TestKind,
    Text,
    Verdict,
    Version,
)

LOCKED: Final = ("provider_kvk", "previous_case")  # what a supplement may never change


class EventType(StrEnum):
    """What an event says has happened; its value is the envelope's ``type``."""

    PROVIDER_APPLIED = "nl.registerleraar.provider.applied.v1"
    ACTIVITY_SUBMITTED = "nl.registerleraar.activity.submitted.v1"
    CASE_SUPPLEMENTED = "nl.registerleraar.case.supplemented.v1"
    CASE_WITHDRAWN = "nl.registerleraar.case.withdrawn.v1"
    CASE_OBJECTED = "nl.registerleraar.case.objected.v1"
    REVIEW_GIVEN = "nl.registerleraar.review.given.v1"


class Part(BaseModel):
    """Base of everything in an event; what stands below a field describes it in the JSON Schema."""

    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)


class Envelope(Part):
    """The CloudEvents 1.0 attributes of every event, but for its type and data."""

    specversion: Version
    id: Attribute
    """With ``source`` the identity of the event: dropped again, it is one event."""
    source: Attribute
    """Who sends; policy lists which source may send which type."""
    time: Moment
    """RFC 3339 with an offset; its local date in Europe/Amsterdam is the day of receipt."""
    datacontenttype: Literal["application/json"] | None = None


class Contact(Part):
    """The person whom letters to the provider address."""

    name: Line | None = None
    form_of_address: FormOfAddress | None = None
    """Null when not known: never guessed."""
    email: Line | None = None
    phone: Line | None = None


class Provider(Part):
    """Who offers activities."""

    name: FilledLine
    legal_form: Line | None = None
    kvk_number: Line | None = None
    """8 digits after dropping spaces, dots and a leading "KvK"."""
    establishment_number: Line | None = None
    """12 digits, of one address of the provider."""
    street: Line | None = None
    postcode: Line | None = None
    city: Line | None = None
    website: Line | None = None
    contact: Contact | None = None


class Requirement(Part):
    """Whether a provider says to meet one requirement, and what shows it."""

    met: Flag | None = None
    evidence: Text | None = None


class Requirements(Part):
    """The six requirements of an admission."""

    chamber_of_commerce: Requirement | None = None
    quality_of_offer: Requirement | None = None
    qualified_staff: Requirement | None = None
    development_procedures: Requirement | None = None
    quality_assurance: Requirement | None = None
    complaints_procedure: Requirement | None = None


class ProviderApplied(Part):
    """A provider asks to be admitted: opens an admission case."""

    provider: Provider
    requirements: Requirements | None = None


class Grounds(Part):
    """Why an activity can be validated; at least one is filled."""

    strengthens_competence: Text | None = None
    contributes_to_pupils_learning: Text | None = None
    linked_to_practice: Text | None = None
    adds_to_initial_training: Text | None = None


class Hours(Part):
    """Hours (RU) of contact and self-study, as decimals in text: "7.5"."""

    contact: HoursText | None = None
    self_study: HoursText | None = None

    def amounts(self) -> tuple[Decimal, Decimal]:
        """Return contact and self-study in RU, exactly as written; what is not given counts as 0."""
        return Decimal(self.contact or 0), Decimal(self.self_study or 0)


class HoursAsked(Hours):
    """The hours that a provider asks, and why so many."""

    justification: Text | None = None


class ClosingTest(Part):
    """How an activity is closed."""

    kind: TestKind | None = None
    description: Text | None = None


class Run(TypedDict, total=False):
    """One time that an activity is given; dates are local, as YYYY-MM-DD."""

    # No model: there may be ten thousands of them, each of which would become an object.
    starts_on: Line | None
    ends_on: Line | None
    city: Line | None


class Activity(Part):
    """What a provider offers to teachers."""

    title: FilledLine
    type: ActivityType
    """Professional self-study is entered by teachers themselves, so it is no value here."""
    sectors: Sectors | None = None
    category: Category
    goal: Text | None = None
    relevance: Text | None = None
    programme: Text | None = None
    planning: Text | None = None
    grounds: Grounds | None = None
    hours: HoursAsked | None = None
    closing_test: ClosingTest | None = None
    staff: Text | None = None
    evaluation: Text | None = None
    website: Line | None = None
    runs: Annotated[list[Run], OneFaultEach()] | None = None


class ActivitySubmitted(Part):
    """An admitted provider submits an activity: opens an activity case."""

    provider_kvk: FilledLine
    """Normalised as ``provider.kvk_number``; finds the admission in effect."""
    previous_case: Line | None = None
    """The number of an earlier round that was deferred."""
    activity: Activity


def _open_to_change(changes: dict[str, Any]) -> dict[str, Any]:
    locked = next((key for key in changes if key in LOCKED), None)
    if locked is None:
        return changes
    advice = "Withdraw the case and submit anew if this must change."
    raise custom(
        "not_in_list",
        "changes of activity, requirements or provider only",
        got=locked,
        advice=advice,
        at=locked,
    )


Changes = Annotated[
    dict[str, Any],
    AfterValidator(_open_to_change),
    WithJsonSchema({"type": "object", "properties": dict.fromkeys(LOCKED, False)}),
]


class CaseSupplemented(Part):
    """A provider completes what was asked, by a JSON merge patch (RFC 7396) of the data first sent."""

    case: FilledLine
    changes: Changes
    """May change ``activity``, ``requirements`` and ``provider``; the result is judged whole."""


class CaseWithdrawn(Part):
    """A provider withdraws a case that is not decided."""

    case: FilledLine
    reason: FilledText


class CaseObjected(Part):
    """A provider objects to a sent decision, or to its hours alone: opens an objection case."""

    case: FilledLine
    about: About
    grounds: FilledText


class Scores(Part):
    """A score for every criterion of the case: six of an admission, eight of an activity."""

    chamber_of_commerce: Score | None = None
    quality_of_offer: Score | None = None
    qualified_staff: Score | None = None
    development_procedures: Score | None = None
    quality_assurance: Score | None = None
    complaints_procedure: Score | None = None
    strengthens_competence: Score | None = None
    contributes_to_pupils_learning: Score | None = None
    linked_to_practice: Score | None = None
    adds_to_initial_training: Score | None = None
    goal: Score | None = None
    programme: Score | None = None
    planning: Score | None = None
    hours: Score | None = None


class ReviewGiven(Part):
    """One reviewer's verdict on one case."""

    case: FilledLine
    reviewer: FilledLine
    verdict: Verdict
    hours: Hours | None = None
    """What the reviewer would grant; only with an approving verdict on hours."""
    scores: Scores
    motivation: Text | None = None
    """Required for defer, reject, and hours that differ from those asked."""


Data = ProviderApplied | ActivitySubmitted | CaseSupplemented | CaseWithdrawn | CaseObjected | ReviewGiven
Submission = ProviderApplied | ActivitySubmitted

MODELS: Final[dict[EventType, type[Data]]] = {
    EventType.PROVIDER_APPLIED: ProviderApplied,
    EventType.ACTIVITY_SUBMITTED: ActivitySubmitted,
    EventType.CASE_SUPPLEMENTED: CaseSupplemented,
    EventType.CASE_WITHDRAWN: CaseWithdrawn,
    EventType.CASE_OBJECTED: CaseObjected,
    EventType.REVIEW_GIVEN: ReviewGiven,
}
