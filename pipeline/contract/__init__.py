"""The inbound contract: what other systems may drop, and why an event is refused."""

from __future__ import annotations

from pipeline.contract.chamber import is_establishment_number, is_kvk, normalise_kvk
from pipeline.contract.models import (
    Activity,
    ActivitySubmitted,
    CaseObjected,
    CaseSupplemented,
    CaseWithdrawn,
    ClosingTest,
    Contact,
    Data,
    EventType,
    Grounds,
    Hours,
    HoursAsked,
    Provider,
    ProviderApplied,
    Requirement,
    Requirements,
    ReviewGiven,
    Run,
    Scores,
    Submission,
)
from pipeline.contract.moments import AMSTERDAM, instant, received_on
from pipeline.contract.reading import Inbound, read
from pipeline.contract.reviews import HoursDuty, check_review
from pipeline.contract.schema import ACTOR, NAMESPACE, QUEUE, asyncapi, json_schema, rendered
from pipeline.contract.supplements import check_submission, merge_patch, supplemented
from pipeline.contract.whole import MAX_BYTES, MAX_DEPTH, content_digest, identity, may_hold_halves, parse

__all__ = [
    "ACTOR",
    "AMSTERDAM",
    "MAX_BYTES",
    "MAX_DEPTH",
    "NAMESPACE",
    "QUEUE",
    "Activity",
    "ActivitySubmitted",
    "CaseObjected",
    "CaseSupplemented",
    "CaseWithdrawn",
    "ClosingTest",
    "Contact",
    "Data",
    "EventType",
    "Grounds",
    "Hours",
    "HoursAsked",
    "HoursDuty",
    "Inbound",
    "Provider",
    "ProviderApplied",
    "Requirement",
    "Requirements",
    "ReviewGiven",
    "Run",
    "Scores",
    "Submission",
    "asyncapi",
    "check_review",
    "check_submission",
    "content_digest",
    "identity",
    "instant",
    "is_establishment_number",
    "is_kvk",
    "json_schema",
    "may_hold_halves",
    "merge_patch",
    "normalise_kvk",
    "parse",
    "read",
    "received_on",
    "rendered",
    "supplemented",
]
