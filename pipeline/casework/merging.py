"""One provider taken over by another: what was its own becomes the other's, and its id leads there.

The taker keeps its identity. What the one taken over was called, its numbers and its admission stay on its own
row; the journals of its application, of the taker's and of every case that is open tell of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import Connection, func, select

from pipeline.casework import dossier, moving, providers
from pipeline.casework.around import known_of
from pipeline.casework.draft import Draft
from pipeline.casework.walk import TRIES
from pipeline.domain.eligibility import tie
from pipeline.domain.lifecycle import Event, State
from pipeline.errors import Stale, UsageError
from pipeline.store import rows, tables
from pipeline.store.reading import all_of
from pipeline.store.unit import Change, Guard, Insert, Op
from pipeline.wiring import App

TAKEN_OVER: Final = "taken_over"  # in the journal
_OF_PROVIDER: Final = (tables.registrations, tables.letters)


@dataclass(frozen=True)
class Takeover:
    """What one provider brings to another.

    Attributes:
        kvks: the numbers that come with it.
        all_kvks: those, and the taker's own.
        open_cases: numbers of its cases that are not closed.
        counts: how many rows of each table change hands.
        is_done: it was taken over before; nothing changes.
    """

    former: rows.Provider
    into: rows.Provider
    kvks: frozenset[str]
    all_kvks: frozenset[str]
    open_cases: tuple[str, ...]
    counts: Mapping[str, int]
    is_done: bool = False


def plan(app: App, former: str, into: str) -> Takeover:
    """Return what a takeover would bring; changes nothing.

    Args:
        former: id, case number or KvK number of who is taken over; ``into`` likewise of the taker.

    Raises:
        NotFound: there is no such provider.
        UsageError: they are one, the former was taken over by another, or only the former was ever admitted.
    """
    with app.database.reading() as connection:
        return _plan(connection, former, into)


def merge(app: App, former: str, into: str, reason: str, by: str) -> Takeover:
    """Let one provider be taken over by another, once.

    Raises:
        NotFound: there is no such provider.
        UsageError: as ``plan`` says.
        Stale: their cases kept changing under our hands; try again.
    """
    for left in reversed(range(TRIES)):
        with app.database.reading() as connection:
            found = _plan(connection, former, into)
            drafts = [] if found.is_done else _drafts(app, connection, found, by)
        if found.is_done:
            return found
        for draft in drafts:
            _change(draft, found, reason)
        try:
            moving.write_together(drafts, _ops(found, drafts[0]))
        except Stale:
            if not left:
                raise
        else:
            return found
    raise AssertionError("unreachable")


def _plan(connection: Connection, former: str, into: str) -> Takeover:
    one = providers.named(connection, former)
    other = providers.resolved(connection, providers.named(connection, into))
    if one.merged_into == other.id:
        return Takeover(one, other, frozenset(), frozenset(), (), {}, is_done=True)
    _require_apart(one, other)
    each = providers.numbers_of_each(connection, [one.id, other.id])
    kvks, every = each[one.id] - each[other.id], each[one.id] | each[other.id]
    tables_of = {"cases": tables.cases, "registrations": tables.registrations, "letters": tables.letters}
    counts = {name: _count(connection, table, one.id) for name, table in tables_of.items()}
    return Takeover(one, other, kvks, every, _open_cases(connection, one.id), counts)


def _require_apart(former: rows.Provider, into: rows.Provider) -> None:
    if former.id == into.id:
        raise UsageError(
            f"Both are {into.name} ({into.id}): it took the other over before, or was named twice."
        )
    if former.merged_into is not None:
        raise UsageError(f"{former.name} was taken over before, by provider {former.merged_into}.")
    if former.admitted_at is not None and into.admitted_at is None:
        raise UsageError(f"{into.name} is not admitted yet: it can take over {former.name} once it is.")


def _count(connection: Connection, table: Any, provider_id: str) -> int:
    counted = select(func.count()).select_from(table).where(table.c.provider_id == provider_id)
    return int(connection.execute(counted).scalar_one())


def _open_cases(connection: Connection, provider_id: str) -> tuple[str, ...]:
    table = tables.cases
    theirs = (table.c.provider_id == provider_id, table.c.state != State.CLOSED)
    return tuple(connection.execute(select(table.c.number).where(*theirs).order_by(table.c.number)).scalars())


def _drafts(app: App, connection: Connection, found: Takeover, by: str) -> list[Draft]:
    """Return the cases that tell of it: both applications, and what is open of either."""
    table, each = tables.cases, [found.former, found.into]
    theirs = table.c.provider_id.in_([one.id for one in each])
    applications = set(providers.case_of_each(connection, each).values())
    known = [
        case
        for case in all_of(connection, rows.Case, theirs, order=[table.c.id])
        if case.state is not State.CLOSED or case.number in applications
    ]
    now = app.clock.now()
    return [Draft(app, read, now, by) for read in dossier.read_many(connection, known)]


def _change(draft: Draft, found: Takeover, reason: str) -> None:
    draft.set(provider_id=found.into.id)
    draft.dossier = replace(draft.dossier, provider=found.into)
    told = {"former": found.former.id, "into": found.into.id, "kvks": sorted(found.kvks), "reason": reason}
    draft.note(TAKEN_OVER, **told)
    if draft.case.state is State.IN_REVIEW and (tied := _tied(draft, found.all_kvks)):
        moving.take(draft, Event.RELEASED, released=tied, why="interest")


def _tied(draft: Draft, kvks: frozenset[str]) -> list[str]:
    """Return who was asked and has not answered, and is tied to the provider now that these are its numbers too."""
    asked = (one.reviewer_id for one in draft.dossier.assignments if one.state == rows.ASKED)
    return [key for key in asked if tie(known_of(draft.dossier.reviewers[key], 0), kvks) is not None]


def _ops(found: Takeover, one: Draft) -> list[Op]:
    """Return what hangs on no case; of a case that somebody opened meanwhile at least the provider is right."""
    former, into, cases, table = found.former, found.into, tables.cases, tables.providers
    theirs = {"provider_id": former.id}
    locks = sorted([former, into], key=lambda provider: provider.id)
    anew = {"provider_id": into.id, "version": cases.c.version + 1}
    return [
        *(Guard(table, provider.id, provider.version) for provider in locks),
        Change(table, {"id": former.id}, {"merged_into": into.id, "version": former.version + 1}),
        Change(table, {"merged_into": former.id}, {"merged_into": into.id}, must=False),
        Change(table, {"id": into.id}, {"version": into.version + 1}),
        Change(cases, theirs, anew, must=False),
        *(Change(each, theirs, {"provider_id": into.id}, must=False) for each in _OF_PROVIDER),
        *(_number(into, kvk, one) for kvk in sorted(found.kvks)),
    ]


def _number(into: rows.Provider, kvk: str, one: Draft) -> Insert:
    values = {"provider_id": into.id, "kvk": kvk, "since": one.now}
    return Insert(tables.provider_kvks, values, or_ignore=True)
