"""What the first page shows of cases, letters and events: counts, and the few rows that matter now.

Every look costs the same number of queries, whatever the home holds, and no list grows with it. The
names of the fields are the keys of ``/status.json``; docs/json.md names them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, Table, func, literal_column, select

from pipeline.casework import dossier, mailing, ringing, waiting
from pipeline.casework.dossier import Dossier
from pipeline.casework.mailing import Mailing
from pipeline.casework.registered import in_force
from pipeline.contract import received_on
from pipeline.domain.hours import Hours, plain
from pipeline.domain.lifecycle import State
from pipeline.store import parked, rows, tables
from pipeline.store.reading import all_of
from pipeline.store.scan import Unanswered
from pipeline.wiring import App

DUE: Final = 15
REFUSALS: Final = 10
REGISTRATIONS: Final = 6


@dataclass(frozen=True)
class CaseCount:
    """How many cases of a kind stand in a state, with a result or none yet."""

    kind: str
    state: str
    result: str | None
    count: int


@dataclass(frozen=True)
class WaitsFor:
    """Something that a case waits for, as ``waiting.Waits`` says, and how often the same."""

    what: str
    who: str
    by: date | None
    times: int


@dataclass(frozen=True)
class Due:
    """An open case with the end of its term; ``days_left`` is below 0 once that has passed."""

    case: str
    kind: str
    state: str
    title: str
    provider: str
    due_on: date
    days_left: int
    waits_for: list[WaitsFor]


@dataclass(frozen=True)
class TaskCount:
    """How many tasks of a kind wait for one person, and since when the oldest does."""

    owner: str
    kind: str
    count: int
    since: datetime


@dataclass(frozen=True)
class Refusal:
    """An event that was refused, with the first field at fault."""

    source: str | None
    event_id: str | None
    type: str | None
    rule: str
    field: str
    got: str
    reason: str
    received_at: datetime
    times: int


@dataclass(frozen=True)
class Registration:
    """A registration in effect; ``hours`` is the total in RU, as a plain decimal."""

    number: str
    version: int
    title: str
    provider: str
    hours: str
    valid_from: date | None


@dataclass(frozen=True)
class Dashboard:
    """One consistent look at a home; every list has an end."""

    mailing: Mailing
    cases: list[CaseCount]
    parked: int
    unanswered: Unanswered | None
    late: int
    due: list[Due]
    letters: dict[str, int]
    suppressed: int  # addresses to which nothing is mailed, since a letter came back
    tasks: list[TaskCount]
    not_taken_in: int
    refused: int
    last_refused: list[Refusal]
    registered: int
    last_registered: list[Registration]


def look(app: App) -> Dashboard:
    """Return how the home stands now.

    Raises:
        Unreachable: the database does not answer.
    """
    today = received_on(app.clock.now())
    events, registrations = tables.events, tables.registrations
    with app.database.reading() as connection:
        mails = mailing.seen(connection, app.settings)
        return Dashboard(
            mailing=mails,
            cases=_case_counts(connection),
            parked=parked.count(connection),
            unanswered=ringing.unanswered(app, connection, mails=mails.mails),
            late=_late(connection, today),
            due=_due(connection, today),
            letters=_letter_counts(connection),
            suppressed=_suppressed(connection),
            tasks=_task_counts(connection),
            not_taken_in=_count(connection, events, _is(events, "stored")),
            refused=_count(connection, events, _is(events, "refused")),
            last_refused=_last_refused(connection),
            registered=_count(connection, registrations, in_force(today)),
            last_registered=_last_registered(connection, today),
        )


def _is(table: Table, state: str) -> ColumnElement[bool]:
    """Compare with a literal, not a parameter: only then do indexes on one state help."""
    literal: ColumnElement[str] = literal_column(f"'{state}'")
    return table.c.state == literal


def _count(connection: Connection, table: Table, where: ColumnElement[bool]) -> int:
    return int(connection.execute(select(func.count()).select_from(table).where(where)).scalar_one())


def _late(connection: Connection, today: date) -> int:
    table = tables.cases
    return _count(connection, table, _is_open() & (table.c.due_on < today))


def _is_open() -> ColumnElement[bool]:
    return ~_is(tables.cases, State.CLOSED)


def _case_counts(connection: Connection) -> list[CaseCount]:
    table = tables.cases
    by = (table.c.kind, table.c.state, table.c.result)
    found = connection.execute(select(*by, func.count()).group_by(*by).order_by(*by))
    return [CaseCount(*row) for row in found]


def _letter_counts(connection: Connection) -> dict[str, int]:
    state = tables.letters.c.state
    found = connection.execute(select(state, func.count()).group_by(state).order_by(state))
    return {row[0]: row[1] for row in found}


def _suppressed(connection: Connection) -> int:
    table = tables.suppressions
    addresses = select(func.count(table.c.address.distinct())).where(table.c.released_at.is_(None))
    return int(connection.execute(addresses).scalar_one())


def _task_counts(connection: Connection) -> list[TaskCount]:
    table = tables.tasks
    since = func.min(table.c.opened_at, type_=table.c.opened_at.type)
    query = (
        select(table.c.owner, table.c.kind, func.count(), since)
        .where(table.c.closed_at.is_(None))
        .group_by(table.c.owner, table.c.kind)
        .order_by(table.c.owner, table.c.kind)
    )
    return [TaskCount(*row) for row in connection.execute(query)]


def _due(connection: Connection, today: date) -> list[Due]:
    table = tables.cases
    soonest = (
        select(table.c.id)
        .where(_is_open(), table.c.due_on.is_not(None))
        .order_by(table.c.due_on, table.c.number)
        .limit(DUE)
    )
    found = all_of(connection, rows.Case, table.c.id.in_(soonest), order=[table.c.due_on, table.c.number])
    return [_due_row(known, today) for known in dossier.read_many(connection, found)]


def _due_row(known: Dossier, today: date) -> Due:
    case = known.case
    assert case.due_on is not None  # asked for
    return Due(
        case=case.number,
        kind=case.kind.value,
        state=case.state.value,
        title=case.title,
        provider=known.provider.name,
        due_on=case.due_on,
        days_left=(case.due_on - today).days,
        waits_for=_waits_for(known),
    )


def _waits_for(known: Dossier) -> list[WaitsFor]:
    return [
        WaitsFor(each.what, each.who, each.by, times) for each, times in Counter(waiting.waits(known)).items()
    ]


def _last_refused(connection: Connection) -> list[Refusal]:
    table = tables.events
    order = (table.c.received_at.desc(), table.c.id.desc())
    # First which, then what: the bytes of those that are not shown are not passed by.
    last = select(table.c.id).where(_is(table, "refused")).order_by(*order).limit(REFUSALS)
    shown = (table.c[one.name] for one in fields(Refusal))
    found = connection.execute(select(*shown).where(table.c.id.in_(last)).order_by(*order))
    return [Refusal(*row) for row in found]


def _last_registered(connection: Connection, today: date) -> list[Registration]:
    table = tables.registrations
    query = (
        select(
            table.c.number,
            table.c.version,
            table.c.title,
            table.c.provider_name,
            table.c.hours,
            table.c.valid_from,
        )
        .where(in_force(today))
        .order_by(table.c.valid_from.desc(), table.c.number.desc())
        .limit(REGISTRATIONS)
    )
    found = connection.execute(query)
    return [
        Registration(number, version, title, name, plain(Hours.from_text(hours).total), since)
        for number, version, title, name, hours, since in found
    ]
