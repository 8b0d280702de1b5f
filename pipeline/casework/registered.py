"""What stands in the register on a day, and every version of one registration.

Plain JSON with stable keys, as docs/json.md names them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, select

from pipeline.casework import dossier
from pipeline.casework.dossier import Dossier
from pipeline.casework.draft import Draft
from pipeline.domain.hours import Hours
from pipeline.domain.lifecycle import Kind, Result
from pipeline.domain.registrations import Status, status
from pipeline.errors import NotFound, UsageError
from pipeline.store import rows, tables
from pipeline.store.reading import all_of, by_id

Json = dict[str, Any]


def in_force(today: date | ColumnElement[date]) -> ColumnElement[bool]:
    """Return the condition that a version of a registration is valid on a day, as ``status`` says it.

    Args:
        today: the day, or the parameter of a statement for it.
    """
    table = tables.registrations.c
    revoked_later = (table.state == Status.REVOKED) & (table.ended_on > today)
    goes_on = or_(table.valid_until.is_(None), table.valid_until >= today)
    return or_(table.state == Status.VALID, revoked_later) & goes_on


def is_in_force(version: rows.Registration, today: date) -> bool:
    """Say whether a version is valid on a day."""
    return stands(version, today) is Status.VALID


def stands(version: rows.Registration, today: date) -> Status:
    """Return how a version stands on a day."""
    return status(version.state, version.valid_until, version.ended_on, today)


def require_valid(version: rows.Registration, today: date, done: str) -> None:
    """Check that a version is valid on a day.

    Args:
        done: what is done to it only then, as a participle.

    Raises:
        UsageError: it is not.
    """
    found = stands(version, today)
    if found is not Status.VALID:
        raise UsageError(f"Registration {version.number} is {found}: only what is valid is {done}.")


def latest(connection: Connection, number: str) -> rows.Registration | None:
    """Return the latest version under an activity number, also one that is pending; None where there is none."""
    table = tables.registrations.c
    found = all_of(connection, rows.Registration, table.number == number, order=[table.version.desc()])
    return found[0] if found else None


def stood(connection: Connection, number: str) -> rows.Registration:
    """Return the latest version under an activity number that took effect, however it stands now.

    Raises:
        NotFound: no registration has this number.
        UsageError: a later version is decided, and its letter on its way.
    """
    version = latest(connection, number)
    if version is None:
        raise NotFound(f"There is no registration {number}.")
    if version.state == Status.PENDING:
        raise UsageError(
            f"A decision about registration {number} is on its way. Wait until its letter is sent, then try again."
        )
    return version


def by_objection(connection: Connection, subject: rows.Case) -> rows.Registration | None:
    """Return what an objection before brought of an activity that itself was not granted."""
    if subject.registration_number is not None or subject.result is not Result.REJECTED:
        return None
    cases = tables.cases.c
    number = select(cases.registration_number).where(
        cases.subject_id == subject.id, cases.registration_number.is_not(None)
    )
    found = connection.execute(number).scalars().first()
    return None if found is None else latest(connection, found)


def holder(connection: Connection, version: rows.Registration) -> Dossier:
    """Return the case of the activity of a version, also where an objection to that brought the version."""
    brought_by = by_id(connection, rows.Case, version.case_id)
    assert brought_by is not None  # every version has one
    known = dossier.read(connection, brought_by.subject_id or brought_by.id)
    return replace(known, registration=version)


def held(draft: Draft, number: str) -> rows.Registration:
    """Let the case of an activity hold the latest version of its registration, whoever brought that; return it."""
    with draft.app.database.reading() as connection:
        version = stood(connection, number)
    draft.dossier = replace(draft.dossier, registration=version)
    draft.set(registration_number=number)
    return version


def contests_revocation(draft: Draft) -> bool:
    """Say whether a case is an objection to a registration's having been revoked."""
    case, version = draft.case, draft.dossier.registration
    if case.kind is not Kind.OBJECTION or case.about != "decision" or version is None:
        return False
    since = version.decided_on if version.state == Status.REVOKED else None
    return since is not None and case.received_on >= since


def versions(connection: Connection, number: str | None, today: date) -> list[Json]:
    """Return every version under an activity number, the first one first."""
    if number is None:
        return []
    table = tables.registrations.c
    found = all_of(connection, rows.Registration, table.number == number, order=[table.version])
    return [_told(one, today) for one in found]


def _told(one: rows.Registration, today: date) -> Json:
    days = {name: getattr(one, name) for name in ("valid_from", "valid_until", "ended_on")}
    return {
        "number": one.number,
        "version": one.version,
        "state": stands(one, today).value,
        "title": one.title,
        "provider": one.provider_name,
        "hours": Hours.from_text(one.hours).as_text(),
        **{name: None if day is None else day.isoformat() for name, day in days.items()},
        "ground": one.ground,
        "adjusted": one.adjusted,
    }
