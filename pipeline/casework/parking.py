"""What keeps failing, or ends its process, is parked: rung no more, told to a human, taken up when they say so."""

from __future__ import annotations

from typing import Any, Final, cast

import structlog
from sqlalchemy import select

from pipeline.casework import correspondence
from pipeline.casework.draft import Draft
from pipeline.casework.posting import new_task, post, whom
from pipeline.domain.policy import TaskKind
from pipeline.errors import CalendarEnds, shorten
from pipeline.store import rows, tables
from pipeline.store.unit import Change, HomeNote, Insert, Op, new
from pipeline.wiring import App

BY: Final = "system"
_LONGEST: Final = 500  # characters of an error that a letter tells

_log = structlog.get_logger()


def park(draft: Draft, error: str) -> None:
    """Ring no more for the step of a case, and give its owner the task; the journal keeps the error."""
    case = draft.case
    tries = case.attempts + case.unfinished  # however they ended; reminders are counted anew
    draft.set(parked_at=draft.now, retry_at=None, rings=0)
    draft.set(attempts=tries, unfinished=0, last_error=error)
    draft.note("parked", step=case.step, error=error, attempts=tries)
    detail = f"{case.step or 'remind'}: {shorten(error, _LONGEST)}"
    if not draft.attempt(lambda each: correspondence.to_owner(each, "parked", detail)):
        draft.set(attempts=tries, last_error=error)  # of what was parked, not of the letter about it
        draft.keep("tasks", _task(draft.app, f"parked:{case.id}", detail, case_id=case.id))
    _log.warning("row_parked", row="case", step=case.step, error=error)


def park_at_calendar_end(draft: Draft, error: CalendarEnds) -> None:
    """Park a case of which the calendar does not say when to look again; its owner is told what to add.

    One that is parked already keeps why. When the calendar has changed, it is taken up by itself.
    """
    if draft.case.parked_at is None:
        park(draft, f"{type(error).__name__}: {error}")
    draft.set(wake_at=None, retry_at=None, rings=0, unfinished=0)
    draft.set(calendar_digest=draft.app.calendar.digest)  # which is then to be another one


def park_in_short(app: App, case_id: str, error: str, *, told: bool) -> None:
    """Park a case of which more cannot be written than its own row and the task.

    Args:
        told: by letter as well.

    Raises:
        Stale: it is parked already.
    """
    values = {"parked_at": app.clock.now(), "retry_at": None, "wake_at": None, "rings": 0, "unfinished": 0}
    waits = {"id": case_id, "parked_at": None}
    change = Change(tables.cases, waits, {**values, "last_error": error})
    with app.database.reading() as connection:
        query = select(tables.cases.c.number).where(tables.cases.c.id == case_id)
        number = connection.execute(query).scalar_one()
    detail = f"{number}: {shorten(error, _LONGEST)}"
    write_with_task(app, [change], _task(app, f"parked:{case_id}", detail, case_id=case_id), told=told)
    _log.warning("row_parked", row="case", case=number, error=error)


def silence(app: App, case_id: str) -> None:
    """Ring no more for a parked case whose reminders end their process too; its owner has the task."""
    given_up = app.policy.machinery.attempts_before_silent
    values = {"retry_at": None, "wake_at": None, "unfinished": 0, "attempts": given_up}
    app.unit.write([Change(tables.cases, {"id": case_id}, values, must=False)])


def park_event(app: App, event_id: str, error: str, *, told: bool = True) -> None:
    """Ring no more for stored bytes that do not become anything, and give the owner the task.

    Raises:
        Stale: they have become something, or are parked already.
    """
    now = app.clock.now()
    values = {"parked_at": now, "retry_at": None, "rings": 0, "last_error": error}
    waits = {"id": event_id, "state": "stored", "parked_at": None}
    ops: list[Op] = [Change(tables.events, waits, values)]
    if told:
        ops.append(HomeNote(now, "parked", BY, {"event": event_id, "error": error}, app.new_id()))
    detail = f"take_in {event_id}: {shorten(error, _LONGEST)}"
    write_with_task(app, ops, _task(app, f"parked:{event_id}", detail, case_id=None), told=told)
    _log.warning("row_parked", row="event", correlation=event_id, error=error)


def park_letter(app: App, letter: rows.Letter, error: str) -> None:
    """Ring no more for a letter of which more cannot be written than its own row and the task.

    One that the mail server may have is unknown, any other has failed.
    """
    state = rows.UNKNOWN if letter.state == rows.SENDING else rows.FAILED
    values = {"state": state, "retry_at": None, "wake_at": None, "last_error": error}
    change = Change(tables.letters, {"id": letter.id, "state": letter.state}, values)
    if letter.kind == "task_waiting":
        app.unit.write([change])
        return
    kind: TaskKind = "unknown_letter" if state == rows.UNKNOWN else "unmailable"
    task = new_task(
        app,
        app.clock.now(),
        kind,
        f"{kind}:{letter.id}",
        f"{letter.subject}: {shorten(error, _LONGEST)}",
        case_id=letter.case_id,
        letter_id=letter.id,
    )
    write_with_task(app, [change], task, told=False)


def _task(app: App, key: str, detail: str, *, case_id: str | None) -> rows.Task:
    return new_task(app, app.clock.now(), "parked", key, detail, case_id=case_id)


def write_with_task(app: App, ops: list[Op], task: rows.Task, *, told: bool) -> None:
    """Write something with a task that it brings, and the letter to its owner.

    Raises:
        Stale: something is no longer as it was read.
    """
    more: list[Op] = [
        Insert(tables.tasks, new(task).values, or_ignore=True)
    ]  # a task of the same key is open
    letter: rows.Letter | None = None
    if told:
        person = whom(app, cast(TaskKind, task.kind))
        facts: dict[str, Any] = {"owner": {"name": person.name}, "task": task.kind, "detail": task.detail}
        posted = post(app, app.clock.now(), "task_waiting", facts, to=person.email, task_id=task.id)
        letter, more = posted.letter, [*more, *posted.ops]
    app.unit.write([*ops, *more])
    if letter is not None:
        app.ring("dispatch", letter.id)
