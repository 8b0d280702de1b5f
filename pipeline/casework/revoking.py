"""What stands in the register taken out of it, on a ground that the policy names; the provider may object."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Connection, select

from pipeline.casework import copies, correspondence, registered, walk
from pipeline.casework.draft import Draft
from pipeline.contract import received_on
from pipeline.domain.lifecycle import Kind, State
from pipeline.domain.policy import Ground
from pipeline.domain.registrations import Status
from pipeline.errors import UsageError
from pipeline.store import rows, tables
from pipeline.store.unit import Change, changed
from pipeline.wiring import App


@dataclass(frozen=True)
class Outcome:
    """What became of a revocation.

    Attributes:
        from_: the first day on which the registration is valid no more.
        is_known: it was revoked so before; nothing is changed.
        open_case: a case in which a new version is being judged, which goes on.
    """

    from_: date
    is_known: bool = False
    open_case: str | None = None


def revoke(app: App, number: str, ground: str, reason: str, by: str, *, from_: date | None = None) -> Outcome:
    """Revoke a registration; safe to call twice.

    Args:
        ground: its key in the policy in force.
        reason: in Dutch, for the provider and the journal.
        by: the name of whoever revokes it, for the journal.
        from_: the first day on which it is valid no more, in the past or the future; today by default.

    Raises:
        NotFound: no registration has this number.
        UsageError: it is not in force, a decision about it is on its way, or the ground or the day is none.
    """
    today, known = received_on(app.clock.now()), _ground(app, ground)
    with app.database.reading() as connection:
        version = registered.stood(connection, number)
        case = registered.holder(connection, version).case
        running = _running(connection, number)
    is_known = version.state == Status.REVOKED
    day = _again(version, ground, from_) if is_known else _day(version, from_, today)
    if not is_known:
        walk.advance(app, case.id, by, lambda draft: _revoke(draft, number, known, reason, day))
    if day <= today:
        copies.take_away(app, number)
    return Outcome(day, is_known, running)


def _ground(app: App, key: str) -> Ground:
    grounds = {ground.key: ground for ground in app.policy.registrations.grounds}
    if key not in grounds:
        raise UsageError(
            f"--ground is one of {', '.join(grounds) or 'none, since the policy has none'}, got {key}."
        )
    return grounds[key]


def _again(version: rows.Registration, ground: str, from_: date | None) -> date:
    assert version.ended_on is not None  # it was revoked
    if ground != version.ground or from_ not in (None, version.ended_on):
        raise UsageError(
            f"Registration {version.number} was revoked already, from {version.ended_on} ({version.ground})."
        )
    return version.ended_on


def _day(version: rows.Registration, from_: date | None, today: date) -> date:
    """Return from when a version is revoked.

    Raises:
        UsageError: it is not in force, or was not yet or is no more on that day.
    """
    registered.require_valid(version, today, "revoked")
    day = from_ or today
    if version.valid_from is not None and day < version.valid_from:
        raise UsageError(
            f"--from is {version.valid_from} at the earliest: since then version {version.version} counts."
        )
    if version.valid_until is not None and day > version.valid_until:
        raise UsageError(
            f"--from is {version.valid_until} at the latest: after that the registration is expired."
        )
    return day


def _running(connection: Connection, number: str) -> str | None:
    cases = tables.cases.c
    about = (cases.registration_number == number, cases.kind == Kind.ACTIVITY, cases.state != State.CLOSED)
    return connection.execute(select(cases.number).where(*about)).scalars().first()


def _revoke(draft: Draft, number: str, ground: Ground, reason: str, day: date) -> None:
    version = registered.held(draft, number)
    if version.state != Status.VALID:
        return  # somebody else was faster
    revoked = replace(version, state=Status.REVOKED, ended_on=day, decided_on=draft.today, ground=ground.key)
    key = {"number": number, "version": version.version, "state": Status.VALID}
    draft.op(Change(tables.registrations, key, changed(version, revoked)))
    draft.dossier = replace(draft.dossier, registration=revoked)
    told = {"ground": ground.key, "reason": reason, "from": day.isoformat()}
    draft.note("revoked", number=number, version=version.version, **told)
    facts = {"ground": ground.sentence, "reason": reason, "from_": day}
    correspondence.to_provider(draft, "revoked", facts)
