"""What providers and reviewers know: the letters that reached them, read from the database and the mail server."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from pipeline.casework.settling import DECISIONS
from pipeline.domain.lifecycle import Kind, Result, State
from pipeline.store import rows
from pipeline.store.tables import assignments, cases, events, letters, providers, requests


@dataclass(frozen=True)
class Asked:
    """A letter that somebody may answer.

    Attributes:
        case: number of the case.
        event_id: of the event that opened it.
        who: the reviewer who was asked; empty for the provider.
    """

    case: str
    event_id: str
    kind: Kind
    message_id: str
    who: str = ""


def verdicts_asked(connection: Connection) -> list[Asked]:
    """Return each reviewer from whom a verdict is awaited."""
    letter = (
        (letters.c.case_id == cases.c.id)
        & (letters.c.reviewer_id == assignments.c.reviewer_id)
        & (letters.c.kind == "review_asked")
    )
    query = (
        select(
            cases.c.number, events.c.event_id, cases.c.kind, letters.c.message_id, assignments.c.reviewer_id
        )
        .join(assignments, assignments.c.case_id == cases.c.id)
        .join(events, events.c.id == cases.c.event_ref)
        .join(letters, letter)
        .where(assignments.c.state == rows.ASKED)
    )
    return [Asked(row[0], row[1], Kind(row[2]), row[3], row[4]) for row in connection.execute(query)]


def supplements_asked(connection: Connection) -> list[Asked]:
    """Return each case of which the provider has been asked more."""
    query = (
        select(cases.c.number, events.c.event_id, cases.c.kind, letters.c.message_id)
        .join(requests, requests.c.case_id == cases.c.id)
        .join(events, events.c.id == cases.c.event_ref)
        .join(letters, letters.c.id == requests.c.letter_id)
        .where(cases.c.state == State.INCOMPLETE, requests.c.answered_on.is_(None))
    )
    return [Asked(row[0], row[1], Kind(row[2]), row[3]) for row in connection.execute(query)]


def confirmed(connection: Connection) -> list[Asked]:
    """Return each open case of which the provider was told that it was received."""
    query = (
        select(cases.c.number, events.c.event_id, cases.c.kind, letters.c.message_id)
        .join(events, events.c.id == cases.c.event_ref)
        .join(letters, letters.c.case_id == cases.c.id)
        .where(letters.c.kind == "confirmation", cases.c.state != State.CLOSED)
    )
    return [Asked(row[0], row[1], Kind(row[2]), row[3]) for row in connection.execute(query)]


def decided(connection: Connection) -> list[Asked]:
    """Return each activity whose decision was surely sent."""
    query = (
        select(cases.c.number, events.c.event_id, cases.c.kind, letters.c.message_id)
        .join(events, events.c.id == cases.c.event_ref)
        .join(letters, letters.c.case_id == cases.c.id)
        .where(letters.c.kind.in_(DECISIONS), letters.c.state == rows.SENT, cases.c.kind == Kind.ACTIVITY)
    )
    return [Asked(row[0], row[1], Kind(row[2]), row[3]) for row in connection.execute(query)]


def admitted(connection: Connection) -> list[str]:
    """Return the KvK numbers of the providers who may submit activities."""
    query = (
        select(providers.c.kvk)
        .join(cases, cases.c.provider_id == providers.c.id)
        .where(cases.c.kind == Kind.ADMISSION, cases.c.result == Result.GRANTED)
        .where(cases.c.in_effect_on.is_not(None))
        .order_by(providers.c.kvk)
    )
    return list(connection.execute(query).scalars())
