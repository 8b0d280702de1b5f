"""Events that open a case: an application, a submission, an objection."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select

from pipeline.casework import (
    applying,
    dossier,
    duplicates,
    places,
    providers,
    registered,
    repairing,
    settling,
    standing,
)
from pipeline.casework.dossier import Dossier
from pipeline.casework.draft import Draft, opening
from pipeline.casework.walk import walk
from pipeline.contract import ActivitySubmitted, CaseObjected, EventType, Inbound
from pipeline.domain import likeness, terms
from pipeline.domain.admissions import Standing
from pipeline.domain.lifecycle import OPEN, Kind, Result, State
from pipeline.errors import Refused, shorten
from pipeline.store import rows, tables
from pipeline.store.reading import by_number
from pipeline.store.unit import Change, Guard, new
from pipeline.wiring import App

SUBMITTED: dict[Kind, EventType] = {
    Kind.ADMISSION: EventType.PROVIDER_APPLIED,
    Kind.ACTIVITY: EventType.ACTIVITY_SUBMITTED,
}


def apply(app: App, inbound: Inbound, event: rows.Event, now: datetime) -> Draft:
    """Open an admission case: of a provider of its own, or to renew an admission that ends.

    Raises:
        Refused: it looks like another provider's, and the policy says that such a one is refused.
    """
    data = inbound.document["data"]
    given = providers.of_application(data, app.new_id())
    with app.database.reading() as connection:
        known = providers.to_renew(
            connection, given.kvk, inbound.received_on, app.policy.admissions.renewal_days
        )
    if known is not None:
        return _renewing(app, inbound, event, now, known, given.name)
    return _applied(app, inbound, event, now, given)


def _renewing(
    app: App, inbound: Inbound, event: rows.Event, now: datetime, provider: rows.Provider, title: str
) -> Draft:
    """Open a case about an admission that ends; until that is decided the provider stays who it is."""
    data = inbound.document["data"]
    draft = _opened(app, inbound, event, now, Kind.ADMISSION, provider, title, data)
    draft.first(Guard(tables.providers, provider.id, provider.version))
    draft.note("renewal", provider=provider.id, until=str(provider.admitted_until))
    walk(draft)
    return draft


def _applied(app: App, inbound: Inbound, event: rows.Event, now: datetime, provider: rows.Provider) -> Draft:
    data = inbound.document["data"]
    with app.database.reading() as connection:
        others = duplicates.alike(connection, provider, app.policy)
    duplicates.refuse(others, provider, app.policy)
    draft = _opened(app, inbound, event, now, Kind.ADMISSION, provider, provider.name, data)
    draft.first(new(provider))
    applying.remember_number(draft)
    walk(draft)
    duplicates.ask(draft, others)
    return draft


def submit(app: App, inbound: Inbound, event: rows.Event, now: datetime) -> Draft:
    """Open an activity case of an admitted provider.

    Raises:
        Refused: the provider is not admitted, the earlier round was not deferred or is too long ago, or it was
            submitted already.
    """
    assert isinstance(inbound.data, ActivitySubmitted)
    title, data = inbound.data.activity.title, inbound.document["data"]
    key = likeness.content_key(data)
    with app.database.reading() as connection:
        provider = admitted(connection, inbound.data.provider_kvk, inbound.received_on, event.received_at)
        former = earlier_round(connection, inbound.data.previous_case, provider)
        submitted = duplicates.Submitted(provider.id, key, inbound.data.previous_case, inbound.received_on)
        twin = duplicates.twin(connection, submitted)
        registration = _to_change(connection, former)
    repairing.check(app, former, inbound.received_on)
    duplicates.refuse_twin(twin, app.policy)
    draft = _opened(
        app,
        inbound,
        event,
        now,
        Kind.ACTIVITY,
        provider,
        title,
        data,
        previous_id=former.id if former else None,
        registration=registration,
    )
    draft.set(content_key=key)
    if twin is None:
        draft.op(duplicates.no_twin(submitted))
    walk(draft)
    duplicates.ask_about_twin(draft, twin)
    return draft


def revise(
    app: App, inbound: Inbound, event: rows.Event, now: datetime, known: Dossier, flag: str, by: str
) -> Draft:
    """Open an activity case about a new version of what stands in the register; that stays valid meanwhile.

    Args:
        known: the case that brought the version in force.
        flag: what this case is about, for reviewers.
        by: the name of whoever takes it up, for the journal.

    Raises:
        Refused: the provider is not admitted any more.
    """
    assert isinstance(inbound.data, ActivitySubmitted)
    with app.database.reading() as connection:
        admitted(connection, inbound.data.provider_kvk, inbound.received_on, event.received_at)
    title, data, former = inbound.data.activity.title, inbound.document["data"], known.activity
    draft = _opened(
        app,
        inbound,
        event,
        now,
        Kind.ACTIVITY,
        known.provider,
        title,
        data,
        previous_id=former.id,
        registration=known.registration,
        by=by,
    )
    draft.set(flags=[*draft.case.flags, flag], content_key=likeness.content_key(data))
    # Of two changes at once, one comes too late.
    draft.op(
        Change(
            tables.cases,
            {"id": known.case.id, "version": known.case.version},
            {"version": known.case.version + 1},
        )
    )
    walk(draft)
    return draft


def _to_change(connection: Connection, former: rows.Case | None) -> rows.Registration | None:
    """Return what the earlier round was to change in the register; None where it was about something new."""
    number = None if former is None else former.registration_number
    return None if number is None else registered.latest(connection, number)


def object_to(app: App, inbound: Inbound, event: rows.Event, now: datetime) -> Draft:
    """Open an objection to a decision that is in effect.

    Raises:
        Refused: there is no such decision, it has no hours, or an objection to it is open.
    """
    assert isinstance(inbound.data, CaseObjected)
    settling.settle_as_received(app, inbound.data.case, f"{inbound.source} {inbound.id}")
    with app.database.reading() as connection:
        subject = _objectable(connection, inbound.data)
        known = dossier.read_with(connection, subject)
        brought = registered.by_objection(connection, subject)
    draft = _opened(
        app,
        inbound,
        event,
        now,
        Kind.OBJECTION,
        known.provider,
        subject.title,
        inbound.document["data"],
        subject=known,
        about=inbound.data.about,
        registration=brought,
    )
    # Of two objections at once, one comes too late.
    draft.op(
        Change(tables.cases, {"id": subject.id, "version": subject.version}, {"version": subject.version + 1})
    )
    walk(draft)
    return draft


def _opened(
    app: App,
    inbound: Inbound,
    event: rows.Event,
    now: datetime,
    kind: Kind,
    provider: rows.Provider,
    title: str,
    data: dict[str, Any],
    *,
    previous_id: str | None = None,
    subject: Dossier | None = None,
    about: str | None = None,
    registration: rows.Registration | None = None,
    by: str | None = None,
) -> Draft:
    case = rows.Case(
        id=app.new_id(),
        version=1,
        number=app.numbers.next(kind, inbound.received_on.year),
        kind=kind,
        state=State.RECEIVED,
        result=None,
        provider_id=provider.id,
        event_ref=event.id,
        previous_id=previous_id,
        subject_id=subject.case.id if subject else None,
        about=about,
        title=title,
        data=data,
        received_at=inbound.time,
        received_on=inbound.received_on,
        policy_version=app.policy.version,
        flags=[],
        step="check_completeness",
        correlation=event.id,
        registration_number=registration.number if registration else None,
    )
    asked = subject.assignments if subject else []
    read = Dossier(
        case=case,
        provider=provider,
        subject=subject.case if subject else None,
        subject_reviewers=frozenset(assignment.reviewer_id for assignment in asked),
        registration=registration or (subject.registration if subject else None),
    )
    draft = Draft(app, read, now, by or f"{inbound.source} {inbound.id}", is_new=True)
    draft.first(opening(app))
    if kind is not Kind.ADMISSION:  # it may have been taken over since it was read
        draft.first(Guard(tables.providers, provider.id, provider.version))
    _keep_region(draft)
    draft.tell("received", None, {"title": title})
    return draft


def _keep_region(draft: Draft) -> None:
    """Keep whose school holidays do not count: the term follows from what was so on the day of receipt."""
    case, rules, provider = draft.case, draft.policy.terms, draft.dossier.provider
    by_place = case.kind is Kind.ACTIVITY and rules.region == "provider"
    place = places.region(draft.app, provider) if by_place else None
    draft.set(region=terms.region(case.kind, rules, place))
    if by_place and place is None:
        with draft.app.database.reading() as connection:
            city = places.city(connection, provider)
        where = f"{shorten(city)} lies in no region that is known" if city else "no place is known"
        draft.set(flags=[*case.flags, f"school holidays of {rules.office_region}: {where}"])


def admitted(connection: Connection, kvk: str, on: date, at: datetime) -> rows.Provider:
    """Return the provider with this number.

    Args:
        on: the day of receipt, which counts for the last day of an admission.
        at: the moment of arrival, which counts for what the office did to it.

    Raises:
        Refused: none is admitted, or its admission is over, suspended or withdrawn.
    """
    provider = providers.admitted(connection, kvk)
    if provider is None:
        expected = "the KvK number of an admitted provider"
        reason = f"provider_kvk: expected {expected}, got {kvk}. Apply for admission first."
        raise Refused("not_admitted", "provider_kvk", expected, kvk, reason)
    if provider.standing_at is not None and at < provider.standing_at:
        return provider
    now = standing.of(provider, on)
    if now is not Standing.ADMITTED:
        expected = "the KvK number of a provider whose admission holds"
        reason = f"provider_kvk: expected {expected}, got {kvk}: it is {now}. Running cases go on."
        raise Refused(f"admission_{now}", "provider_kvk", expected, kvk, reason)
    return provider


def earlier_round(connection: Connection, number: str | None, provider: rows.Provider) -> rows.Case | None:
    """Return the case that a submission follows on, if it names one.

    Raises:
        Refused: it is no deferred activity of this provider.
    """
    if number is None:
        return None
    case = by_number(connection, number)
    theirs = case is not None and case.kind is Kind.ACTIVITY and case.provider_id == provider.id
    if case is None or not theirs or case.result is not Result.DEFERRED or case.in_effect_on is None:
        expected = "a deferred activity of this provider"
        reason = f"previous_case: expected {expected}, got {number}. Leave it out or correct it."
        raise Refused("not_deferred", "previous_case", expected, number, reason)
    return case


def _objectable(connection: Connection, objected: CaseObjected) -> rows.Case:
    case = by_number(connection, objected.case)
    if case is None:
        raise Refused("case_unknown", "case", "the number of a case", objected.case)
    if case.in_effect_on is None or case.kind is Kind.OBJECTION:
        raise Refused("no_decision", "case", "a case with a decision that was sent", case.state.value)
    if objected.about == "hours" and (case.kind is not Kind.ACTIVITY or case.result is not Result.GRANTED):
        raise Refused("about", "about", "decision, since no hours were granted", "hours")
    _only_one(connection, case)
    return case


def _only_one(connection: Connection, subject: rows.Case) -> None:
    cases = tables.cases
    running = (cases.c.subject_id == subject.id, cases.c.state.in_([*OPEN, State.DECIDED]))
    other = connection.execute(select(cases.c.number).where(*running)).scalars().first()
    if other is not None:
        raise Refused("wrong_state", "case", "a decision to which no objection is open", f"objection {other}")
