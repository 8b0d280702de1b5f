"""Whose time has come: closed cases that nothing can happen to any more, and what hangs on no case."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from pipeline.domain import retention
from pipeline.domain.lifecycle import Kind, Result, State
from pipeline.store import rows, tables
from pipeline.store.reading import all_of
from pipeline.wiring import App

FINAL: Final = (rows.SENT, rows.CANCELLED, rows.REPLACED, rows.POSTED)  # letters to which nothing happens


@dataclass(frozen=True)
class Due:
    """A case whose time has come.

    Attributes:
        since: the first local date on which it was due.
        held_by: why it cannot be erased yet, each in words; empty when it can.
    """

    case: rows.Case
    since: date
    held_by: tuple[str, ...]

    @property
    def because(self) -> str:
        """Why it is due."""
        return f"{self.case.result} on {self.case.closed_on}, to be kept until {self.since}"


def due(app: App, today: date) -> list[Due]:
    """Return the cases that are due, in the order of closing."""
    with app.database.reading() as connection:
        return list(_due(connection, app, today))


def due_one(connection: Connection, app: App, case: rows.Case, today: date) -> Due | None:
    """Return a case if it is due."""
    if case.state is not State.CLOSED or case.closed_on is None or case.result is None:
        return None
    if case.erased_on is not None:
        return None
    since = retention.due_on(case.result, case.closed_on, app.policy.retention)
    return Due(case, since, tuple(_held_by(connection, app, case, today))) if since <= today else None


def _due(connection: Connection, app: App, today: date) -> Iterator[Due]:
    table = tables.cases
    each = (and_(table.c.result == result, table.c.closed_on <= day) for result, day in _days(app, today))
    closed = (table.c.state == State.CLOSED, table.c.erased_on.is_(None), or_(*each))
    for case in all_of(connection, rows.Case, *closed, order=[table.c.closed_on, table.c.number]):
        found = due_one(connection, app, case, today)
        if found is not None:
            yield found


def _days(app: App, today: date) -> Iterator[tuple[Result, date]]:
    """Return for each result a day before which a case surely closed that is due; a month may be shorter."""
    for result in Result:
        months = getattr(app.policy.retention, result.value)
        yield result, retention.months_later(today, -months) + timedelta(days=3)


def _held_by(connection: Connection, app: App, case: rows.Case, today: date) -> Iterator[str]:
    until = _objection_until(connection, app, case)
    if until is not None and today <= until:
        yield f"an objection can come until {until}"
    cases, letters, tasks = tables.cases, tables.letters, tables.tasks
    follows = or_(cases.c.subject_id == case.id, cases.c.previous_id == case.id)
    running = select(cases.c.number).where(follows, cases.c.state != State.CLOSED).order_by(cases.c.number)
    for number in connection.execute(running).scalars():
        yield f"{number} is open"
    moving = select(letters.c.id, letters.c.state).where(letters.c.case_id == case.id)
    for letter, state in connection.execute(
        moving.where(letters.c.state.not_in(FINAL)).order_by(letters.c.id)
    ):
        yield f"letter {letter} is {state}"
    if _is_there(connection, tasks.c.case_id == case.id, tasks.c.closed_at.is_(None)):
        yield "a task is open"
    if case.parked_at is not None or case.retry_at is not None:
        yield "a step is pending"


def _objection_until(connection: Connection, app: App, case: rows.Case) -> date | None:
    """Return until when one may object to a decision, or to what was rectified or revoked of it; else None."""
    if case.kind is Kind.OBJECTION or case.in_effect_on is None:
        return None
    table, decided_on = tables.registrations.c, None
    if case.registration_number is not None:
        latest = select(func.max(table.decided_on)).where(table.number == case.registration_number)
        decided_on = connection.execute(latest).scalar_one()
    window = timedelta(days=app.policy_of(case.policy_version).terms.objection_window_days)
    return max(case.in_effect_on, decided_on or case.in_effect_on) + window


def _is_there(connection: Connection, *where: ColumnElement[bool]) -> bool:
    return bool(connection.execute(select(exists().where(*where))).scalar_one())
