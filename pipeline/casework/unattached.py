"""What is personal and hangs on no case, or came after its case was erased; who has left; the home's journal.

What the journals of erased cases went on to tell is erased in ``erasing``: it is told there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Table, and_, exists, func, or_, select

from pipeline.casework.registered import in_force
from pipeline.casework.restoring import RESTORED
from pipeline.casework.retention import FINAL
from pipeline.contract import AMSTERDAM, received_on
from pipeline.domain import journal, retention
from pipeline.domain.chains import RETAINED
from pipeline.domain.lifecycle import Result
from pipeline.domain.policy import Retention
from pipeline.domain.reminders import DIGEST
from pipeline.store import tables
from pipeline.store.unit import Change, Forgotten, HomeNote, Op
from pipeline.wiring import App

_LASTING: Final = (RETAINED, RESTORED)  # what was erased, and which numbers were never given out
BATCH: Final = 500  # rows erased in one transaction

Where = tuple[ColumnElement[bool], ...]


@dataclass(frozen=True)
class Unattached:
    """What is due, by id; of the home's journal by place."""

    events: list[str]
    letters: list[str]
    bounces: list[str]
    tasks: list[str]
    reviewers: list[str]
    suppressions: list[str]
    providers: list[str]
    journal: list[int]

    def counts(self) -> dict[str, int]:
        """Return how much of each is due."""
        return {name: len(found) for name, found in vars(self).items()}


def due(app: App) -> Unattached:
    """Return what is due now."""
    policy, today = app.policy.retention, received_on(app.clock.now())
    arrived = arrived_before(app)
    last_asked = retention.months_later(today, -policy.reviewers)
    written = _start(retention.months_later(today, -policy.home))
    with app.database.reading() as connection:
        return Unattached(
            events=_ids(connection, tables.events, _events(arrived)),
            letters=_ids(connection, tables.letters, _letters(arrived, _start(_shortest(policy, today)))),
            bounces=_ids(connection, tables.bounces, _bounces(arrived)),
            tasks=_ids(connection, tables.tasks, _tasks(arrived)),
            reviewers=_ids(connection, tables.reviewers, _reviewers(last_asked)),
            suppressions=_ids(connection, tables.suppressions, _suppressions(app)),
            providers=_ids(connection, tables.providers, _providers(today)),
            journal=_places(connection, written),
        )


def erase(app: App, by: str) -> dict[str, int]:
    """Erase what is due and tell the home's journal; returns how much of each.

    Raises:
        Stale: the journal of the home grew at the same moment; do it again.
    """
    found = due(app)
    counts = found.counts()
    if any(counts.values()):
        now = app.clock.now()
        facts = {**counts, "places": found.journal}
        told = HomeNote(now, RETAINED, by, facts, app.new_id())
        app.unit.write([*_ops(found, now), told])
    return counts


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), AMSTERDAM)


def _is_loose(table: Table) -> ColumnElement[bool]:
    """Say whether a row is about no case, or about one that was erased before the row came."""
    erased = select(tables.cases.c.id).where(tables.cases.c.erased_on.is_not(None))
    return or_(table.c.case_id.is_(None), table.c.case_id.in_(erased))


def arrived_before(app: App) -> datetime:
    """Return the moment since which what hangs on no case is still kept, by the home's clock."""
    today = received_on(app.clock.now())
    return _start(retention.months_later(today, -app.policy.retention.unattached))


def _events(before: datetime) -> Where:
    """What became nothing; nor does what was parked so long ago."""
    table = tables.events
    parked = and_(table.c.state == "stored", table.c.parked_at.is_not(None))
    settled = or_(table.c.state.not_in(("stored", "accepted")), parked)
    return (_is_loose(table), settled, table.c.erased_on.is_(None), table.c.received_at < before)


def _shortest(policy: Retention, today: date) -> date:
    """Return the first day of which a digest surely outlives no case that it tells of: they were open then."""
    months = min(getattr(policy, result.value) for result in Result)
    return retention.months_later(today, -months)


def _letters(before: datetime, digests_before: datetime) -> Where:
    """A digest names cases, though it is about none: it is never kept longer than one of them."""
    table = tables.letters
    final = table.c.state.in_(FINAL)
    digest = and_(table.c.kind == DIGEST, table.c.written_at < digests_before)
    old = or_(table.c.written_at < before, digest)
    return (_is_loose(table), final, table.c.erased_on.is_(None), old)


def _bounces(before: datetime) -> Where:
    table = tables.bounces
    left = func.length(table.c.raw) > 0
    return (_is_loose(table), left, table.c.received_at < before)


def _tasks(before: datetime) -> Where:
    table = tables.tasks
    return (_is_loose(table), table.c.owner != "", table.c.closed_at < before)


def _reviewers(before: date) -> Where:
    """Whoever left, was not asked since, and was never asked about a case that is still whole."""
    table, asked, cases = tables.reviewers, tables.assignments, tables.cases
    recent = exists().where(asked.c.reviewer_id == table.c.id, asked.c.asked_on >= before)
    of_theirs = (asked.c.reviewer_id == table.c.id, cases.c.id == asked.c.case_id)
    whole = exists().where(*of_theirs, cases.c.erased_on.is_(None))
    return (~table.c.active, table.c.name != "", ~recent, ~whole)


def _suppressions(app: App) -> Where:
    """Whatever keeps letters from an address that nobody here has any more."""
    table, providers, reviewers = tables.suppressions, tables.providers, tables.reviewers
    theirs = exists().where(func.lower(providers.c.email) == table.c.address)
    of_reviewer = exists().where(func.lower(reviewers.c.email) == table.c.address)
    of_staff = table.c.address.in_(
        [one.email.casefold() for duty in app.policy.tasks.values() for one in (duty.owner, duty.deputy)]
    )
    return (table.c.address != "", ~theirs, ~of_reviewer, ~of_staff)


def _providers(today: date) -> Where:
    """Whoever is left with a contact, or a name that was never published, and no whole case or registration."""
    table, cases = tables.providers, tables.cases
    contact = or_(*(table.c[name].is_not(None) for name in CONTACT))
    unpublished = and_(table.c.admitted_at.is_(None), table.c.name != "")
    whole = exists().where(cases.c.provider_id == table.c.id, cases.c.erased_on.is_(None))
    return (or_(contact, unpublished), ~whole, ~is_written_to(table.c.id, today))


def is_written_to(provider_id: Any, today: date) -> ColumnElement[bool]:
    """Say whether the register may yet write: an activity stands there, or an admission ends, of which it tells."""
    one = tables.providers.alias()
    ends = exists().where(one.c.id == provider_id, one.c.merged_into.is_(None), one.c.admitted_until >= today)
    return or_(exists().where(tables.registrations.c.provider_id == provider_id, in_force(today)), ends)


def _ids(connection: Connection, table: Table, where: Where) -> list[str]:
    return list(
        connection.execute(select(table.c.id).where(*where).order_by(table.c.id).limit(BATCH)).scalars()
    )


def _places(connection: Connection, before: datetime) -> list[int]:
    table, contents = tables.journal, tables.journal_contents
    home = (table.c.chain == journal.HOME, table.c.event.not_in(_LASTING), table.c.at < before)
    left = exists().where(contents.c.chain == table.c.chain, contents.c.place == table.c.place)
    found = select(table.c.place).where(*home, left).order_by(table.c.place).limit(BATCH)
    return list(connection.execute(found).scalars())


def _ops(found: Unattached, now: datetime) -> list[Op]:
    ops: list[Op] = []
    today = received_on(now)
    for key in found.events:
        ops += event_ops({"id": key}, today)
        told = {
            "key": f"parked:{key}:{key}",
            "closed_at": now,
            **TASK,
        }  # makes room, as whatever closes a task
        ops.append(Change(tables.tasks, {"key": f"parked:{key}"}, told, must=False))
    for key in found.letters:
        ops += letter_ops(key, today)
    ops += [Change(tables.bounces, {"id": key}, BOUNCE) for key in found.bounces]
    ops += [Change(tables.tasks, {"id": key}, TASK) for key in found.tasks]
    ops += [Change(tables.reviewers, {"id": key, "active": False}, REVIEWER) for key in found.reviewers]
    ops += [Change(tables.suppressions, {"id": key}, SUPPRESSION) for key in found.suppressions]
    for key in found.providers:
        ops.append(Change(tables.providers, {"id": key}, CONTACT))
        ops.append(Change(tables.providers, {"id": key, "admitted_at": None}, NAME, must=False))
    if found.journal:
        ops.append(Forgotten(journal.HOME, found.journal))
    return ops


# What stays of a row when what is personal in it goes.
BOUNCE: Final = {"raw": b"", "recipient": None, "diagnostic": None, "message_id": None}
TASK: Final = {"owner": "", "owner_email": "", "deputy": "", "detail": ""}
REVIEWER: Final = {
    "name": "",
    "email": "",
    "employer": None,
    "employer_kvk": None,
    "away_from": None,
    "away_until": None,
    "earlier_employers": None,
    "interests": None,
}
CONTACT: Final = {"contact_name": None, "form_of_address": None, "email": None, "mail_domain": None}
NAME: Final = {"name": "", "name_key": "", "postcode_key": ""}  # of whoever was never admitted
SUPPRESSION: Final = {"address": "", "reason": "", "released_by": None}


def event_ops(where: dict[str, Any], today: date) -> list[Op]:
    """Return what erases events: that they came, from where, and their digests stay, and which rule refused them."""
    gone = {"raw": b"", "file": None, "late_by": None, "last_error": None, "erased_on": today}
    refusal = {"got": "", "reason": f"Erased on {today}."}
    given_up = {"state": "refused", "parked_at": None, "retry_at": None}
    return [
        Change(tables.events, {**where, "state": "stored"}, given_up, must=False),
        Change(tables.events, where, gone, must=False),
        Change(tables.events, {**where, "state": "refused"}, refusal, must=False),
    ]


def letter_ops(letter_id: str, today: date) -> list[Op]:
    """Return what erases a letter; its Message-ID stays, by which the relay's log knows it."""
    gone = {"to_address": "", "subject": "", "answer": None, "last_error": None, "erased_on": today}
    return [
        Change(tables.letters, {"id": letter_id}, gone),
        Change(tables.letter_contents, {"letter_id": letter_id}, {"raw": b""}),
    ]
