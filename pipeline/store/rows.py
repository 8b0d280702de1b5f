"""Rows as frozen records; the names of their fields are the names of the columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from pipeline.domain.journal import Content, Entry
from pipeline.domain.lifecycle import Kind, Result, State

__all__ = ["Content", "Entry"]  # records too, but rules know how they hang together

Json = Mapping[str, Any]

QUEUED: Final = "queued"
HELD: Final = "held"
SENDING: Final = "sending"
SENT: Final = "sent"
UNKNOWN: Final = "unknown"
FAILED: Final = "failed"
CANCELLED: Final = "cancelled"
REPLACED: Final = "replaced"
POSTED: Final = "posted"

ASKED: Final = "asked"
ANSWERED: Final = "answered"
RECUSED: Final = "recused"
RELEASED: Final = "released"
NOT_NEEDED: Final = "not_needed"


@dataclass(frozen=True)
class Event:
    """One inbound event, whatever became of it; ``received_at`` is by the home's clock."""

    id: str
    state: str
    received_at: datetime
    raw: bytes
    length: int
    digest: str
    source: str | None = None
    event_id: str | None = None
    type: str | None = None
    file: str | None = None
    content_digest: str | None = None
    claim: str | None = None
    case_id: str | None = None
    rule: str | None = None
    field: str | None = None
    expected: str | None = None
    got: str | None = None
    reason: str | None = None
    times: int = 1
    late_by: str | None = None
    letter_id: str | None = None
    parked_at: datetime | None = None
    erased_on: date | None = None
    retry_at: datetime | None = None
    rings: int = 0
    attempts: int = 0
    unfinished: int = 0
    last_error: str | None = None


@dataclass(frozen=True)
class Provider:
    """Who offers activities, as the latest application of theirs that is in effect says.

    One that was taken over is kept, and named no more: all that was its own is its taker's.
    """

    id: str
    name: str
    name_key: str
    postcode_key: str
    kvk: str | None
    contact_name: str | None
    form_of_address: str | None
    email: str | None
    admitted_by: str | None = None
    admitted_at: datetime | None = None
    version: int = 1
    mail_domain: str | None = None
    admitted_until: date | None = None
    standing: str | None = None
    standing_at: datetime | None = None
    merged_into: str | None = None


@dataclass(frozen=True)
class Case:
    """One case; ``due_on`` and ``wake_at`` are projections, ``retry_at`` is system time."""

    id: str
    version: int
    number: str
    kind: Kind
    state: State
    result: Result | None
    provider_id: str
    event_ref: str
    previous_id: str | None
    subject_id: str | None
    about: str | None
    title: str
    data: Json
    received_at: datetime
    received_on: date
    policy_version: str
    flags: list[str]
    decision: Json | None = None
    registration_number: str | None = None
    decided_on: date | None = None
    in_effect_on: date | None = None
    closed_on: date | None = None
    region: str | None = None
    due_on: date | None = None
    told_due_on: date | None = None
    calendar_digest: str | None = None
    wake_at: datetime | None = None
    step: str | None = None
    parked_at: datetime | None = None
    correlation: str | None = None
    erased_on: date | None = None
    content_key: str | None = None
    journal_length: int = 0
    journal_head: str | None = None
    retry_at: datetime | None = None
    rings: int = 0
    attempts: int = 0
    unfinished: int = 0
    last_error: str | None = None


@dataclass(frozen=True)
class Request:
    """One request to complete; the pauses of the term follow from these."""

    id: str
    case_id: str
    place: int
    letter_id: str
    fields: list[str]
    answer_by: date
    asked_on: date | None = None
    answered_on: date | None = None


@dataclass(frozen=True)
class Extension:
    """A later end of the term, told before the former end."""

    id: str
    case_id: str
    until: date
    reason: str


@dataclass(frozen=True)
class Assignment:
    """One reviewer asked about one case; both days are local."""

    id: str
    case_id: str
    reviewer_id: str
    place: int
    state: str
    asked_at: datetime
    asked_on: date
    review_by: date


@dataclass(frozen=True)
class Verdict:
    """One reviewer's answer; ``hours`` holds decimals as text. One that was annulled counts no more."""

    id: str
    case_id: str
    reviewer_id: str
    event_ref: str
    place: int
    verdict: str
    hours: Json | None
    scores: Json
    motivation: str | None
    given_at: datetime
    annulled_at: datetime | None = None
    annulled_by: str | None = None
    annulled_because: str | None = None


@dataclass(frozen=True)
class Reviewer:
    """One reviewer on the register's list; KvK numbers that are None are not known."""

    id: str
    version: int
    name: str
    email: str
    sectors: list[str]
    categories: list[str]
    employer: str | None
    employer_kvk: str | None
    capacity: int
    away_from: date | None
    away_until: date | None
    active: bool
    earlier_employers: list[str] | None = None
    interests: list[str] | None = None


@dataclass(frozen=True)
class Registration:
    """One version of a registration; nobody but its case reads it while it is pending.

    Its state says what was done to it; ``domain.registrations`` says how it stands on a day.
    """

    number: str
    version: int
    state: str
    case_id: str
    provider_id: str
    title: str
    hours: Json
    valid_from: date | None = None
    valid_until: date | None = None
    provider_name: str | None = None
    ended_on: date | None = None
    decided_on: date | None = None
    ground: str | None = None
    adjusted: Json | None = None


@dataclass(frozen=True)
class Letter:
    """One letter to one recipient; its bytes never change."""

    id: str
    case_id: str | None
    kind: str
    state: str
    reviewer_id: str | None
    provider_id: str | None
    task_id: str | None
    stands_for: str | None
    to_address: str
    subject: str
    message_id: str
    written_at: datetime
    token: str | None = None
    lease_until: datetime | None = None
    answer: str | None = None
    sent_at: datetime | None = None
    sent_on: date | None = None
    wake_at: datetime | None = None
    turn_at: datetime | None = None
    send_by: datetime | None = None
    bounced_at: datetime | None = None
    replaced_by: str | None = None
    erased_on: date | None = None
    correlation: str | None = None
    retry_at: datetime | None = None
    rings: int = 0
    attempts: int = 0
    unfinished: int = 0
    last_error: str | None = None


@dataclass(frozen=True)
class Suppression:
    """An address to which nothing is mailed until somebody releases it."""

    id: str
    address: str
    since: datetime
    reason: str
    letter_id: str | None = None
    released_at: datetime | None = None
    released_by: str | None = None


@dataclass(frozen=True)
class Bounce:
    """Something that came back by mail; ``action`` and ``status`` are those of RFC 3464."""

    id: str
    received_at: datetime
    raw: bytes
    length: int
    digest: str
    action: str | None = None
    status: str | None = None
    recipient: str | None = None
    diagnostic: str | None = None
    message_id: str | None = None
    letter_id: str | None = None
    case_id: str | None = None


@dataclass(frozen=True)
class Checkpoint:
    """The heads and lengths of the chains that grew since the one before, signed."""

    place: int
    day: date
    at: datetime
    document: bytes
    signature: bytes
    key_id: str


@dataclass(frozen=True)
class Task:
    """Something that waits for a named human; ``key`` keeps it from being opened twice."""

    id: str
    key: str
    kind: str
    case_id: str | None
    letter_id: str | None
    owner: str
    owner_email: str
    deputy: str
    detail: str
    opened_at: datetime
    closed_at: datetime | None = None


@dataclass(frozen=True)
class Rung:
    """A reminder that has been dealt with."""

    case_id: str
    key: str
    day: date
    reviewer: str
    at: datetime
    superseded_by: str | None = None
