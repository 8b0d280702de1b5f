"""What a provider changes of an activity in the register: dates are taken up, anything else is judged anew.

No event of the contract asks for that: an operator takes up what the provider asked by other means.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, select

from pipeline.casework import correspondence, intake, opening, registered, walk
from pipeline.casework.asking import CHANGES, RENEWS
from pipeline.casework.dossier import Dossier
from pipeline.casework.draft import Draft
from pipeline.contract import AMSTERDAM, EventType, Inbound, check_submission, merge_patch, received_on
from pipeline.domain.differences import Difference, differences
from pipeline.domain.lifecycle import State
from pipeline.domain.registrations import Status
from pipeline.errors import UsageError
from pipeline.store import rows, tables
from pipeline.store.unit import Change, changed
from pipeline.wiring import App

Json = Mapping[str, Any]
SOURCE: Final = "/operator"


@dataclass(frozen=True)
class Wanted:
    """What was asked of a registration.

    Attributes:
        content: the submission as it would be.
        differs: in which fields that is not what stands there now.
        is_judged: whether somebody has to judge it.
        key: the id of the event that asks for such a judgement, the same however often that is asked.
        case: the number of the case in which that is judged already.
    """

    known: Dossier
    version: rows.Registration
    content: dict[str, Any]
    differs: tuple[Difference, ...]
    is_judged: bool
    key: str
    case: str | None = None

    @property
    def fields(self) -> list[str]:
        """The fields that differ, as dotted paths."""
        return [one.field for one in self.differs]


@dataclass(frozen=True)
class Outcome:
    """What became of it.

    Attributes:
        case: the number of the case in which it is judged; None where nothing has to be.
        is_known: it was asked before: nothing is changed.
    """

    fields: list[str]
    case: str | None = None
    is_known: bool = False


def plan(app: App, number: str, patch: Json, *, renew: bool = False) -> Wanted:
    """Return what a change comes to, changing nothing.

    Args:
        patch: a JSON merge patch on what was submitted, such as ``{"activity": {"runs": [...]}}``.
        renew: it is to be judged anew though nothing may differ.

    Raises:
        NotFound: no registration has this number.
        UsageError: it is not in force, or something about it is being judged.
        Refused: the activity as it would be cannot be taken in.
    """
    with app.database.reading() as connection:
        version = registered.stood(connection, number)
        registered.require_valid(version, received_on(app.clock.now()), "changed")
        known = registered.holder(connection, version)
        wanted = _wanted(app, known, version, patch, renew)
        case = intake.opened_by(connection, SOURCE, wanted.key)
        if case is None:
            _none_is_open(connection, number)
    return replace(wanted, case=case)


def _none_is_open(connection: Connection, number: str) -> None:
    """See to it that what is being judged is judged as it stands.

    Raises:
        UsageError: a case about this registration is open.
    """
    cases = tables.cases.c
    of_it = select(cases.id).where(cases.registration_number == number).scalar_subquery()
    about = (cases.registration_number == number) | cases.subject_id.in_(of_it)
    found = (
        connection.execute(select(cases.number).where(about, cases.state != State.CLOSED)).scalars().first()
    )
    if found is not None:
        raise UsageError(
            f"Case {found} about registration {number} is open. Wait until it is closed, then try again."
        )


def _wanted(app: App, known: Dossier, version: rows.Registration, patch: Json, renew: bool) -> Wanted:
    if known.activity.erased_on is not None:
        raise UsageError(
            f"What was submitted for registration {version.number} was erased: the provider submits the activity anew."
        )
    stands = content(known, version)
    wanted = merge_patch(stands, patch)
    for name in ("provider_kvk", "previous_case"):
        if wanted.get(name) != stands.get(name):
            raise UsageError(f"{name} is not the provider's to change.")
    check_submission(EventType.ACTIVITY_SUBMITTED, wanted)
    differs = tuple(differences(stands, wanted))
    is_judged = any(one.field not in app.policy.registrations.unjudged for one in differs) or renew
    return Wanted(known, version, wanted, differs, is_judged, _key(version, patch, renew))


def _key(version: rows.Registration, patch: Json, renew: bool) -> str:
    asked = json.dumps([version.number, version.version, patch, renew], sort_keys=True)
    return f"change-{version.number}-{hashlib.sha256(asked.encode()).hexdigest()[:16]}"


def content(known: Dossier, version: rows.Registration) -> dict[str, Any]:
    """Return the submission behind a version of a registration as it now stands."""
    data = merge_patch(known.activity.data, version.adjusted or {})
    activity = {**data["activity"], "title": version.title}
    return {**data, "provider_kvk": known.provider.kvk, "previous_case": None, "activity": activity}


def change(app: App, number: str, patch: Json, by: str, *, renew: bool = False) -> Outcome:
    """Take up a change of dates, or open the case in which a change of content is judged; safe to call twice.

    Args:
        by: the name of whoever takes it up, for the journal.

    Raises:
        as ``plan`` does, and
        Refused: the register is closed, or the provider is not admitted any more.
    """
    wanted = plan(app, number, patch, renew=renew)
    if wanted.is_judged:
        return _judge(app, wanted, by, renew=renew)
    if wanted.differs:
        walk.advance(app, wanted.known.case.id, by, lambda draft: _adjust(draft, number, patch))
    return Outcome(wanted.fields, is_known=not wanted.differs)


def _adjust(draft: Draft, number: str, patch: Json) -> None:
    """Change what needs no judgement: number, version and logo stay."""
    version = registered.held(draft, number)
    wanted = _wanted(draft.app, draft.dossier, version, patch, renew=False)
    if not wanted.differs:
        return
    adjusted = replace(version, adjusted=_adjustments(draft, wanted))
    key = {"number": version.number, "version": version.version, "state": Status.VALID}
    draft.op(Change(tables.registrations, key, changed(version, adjusted)))
    draft.dossier = replace(draft.dossier, registration=adjusted)
    told = [{"field": one.field, "old": one.old, "new": one.new} for one in wanted.differs]
    draft.note("adjusted", number=version.number, version=version.version, changes=told)
    activity = wanted.content["activity"]
    facts = {"runs": activity.get("runs") or [], "website": activity.get("website"), "fields": wanted.fields}
    correspondence.to_provider(draft, "adjusted", facts)


def _adjustments(draft: Draft, wanted: Wanted) -> dict[str, Any]:
    """Return the merge patch that makes of what was submitted what now stands."""
    stands = wanted.content["activity"]
    names = [field.removeprefix("activity.") for field in draft.app.policy.registrations.unjudged]
    submitted = draft.dossier.activity.data["activity"]
    return {"activity": {name: stands.get(name) for name in names if stands.get(name) != submitted.get(name)}}


def _judge(app: App, wanted: Wanted, by: str, *, renew: bool) -> Outcome:
    number = wanted.version.number
    flag = f"{RENEWS if renew else CHANGES}{number}: {', '.join(wanted.fields)}".removesuffix(": ")
    document = _event(app, wanted.content, wanted.key)

    def opened(app: App, inbound: Inbound, event: rows.Event, now: datetime) -> Draft:
        return opening.revise(app, inbound, event, now, wanted.known, flag, by)

    taken = intake.take_in_ours(app, document, opened)
    return Outcome(wanted.fields, taken.case, is_known=taken.status == "known")


def _event(app: App, data: Json, key: str) -> dict[str, Any]:
    """Return a submission as the portal would send it."""
    return {
        "specversion": "1.0",
        "id": key,
        "source": SOURCE,
        "time": app.clock.now().astimezone(AMSTERDAM).isoformat(),
        "type": EventType.ACTIVITY_SUBMITTED.value,
        "datacontenttype": "application/json",
        "data": data,
    }
