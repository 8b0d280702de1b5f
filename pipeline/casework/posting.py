"""A letter becomes a row: its bytes, which never change, and where it stands."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, cast

from pipeline.casework import suppressing
from pipeline.domain.completeness import is_mailable
from pipeline.domain.leaving import held_back_until
from pipeline.domain.policy import Person, TaskKind
from pipeline.mail import letters
from pipeline.mail.letters import Attachment
from pipeline.mail.literal import shortened
from pipeline.store import rows, tables
from pipeline.store.reading import one_of
from pipeline.store.unit import Change, Insert, Op, new
from pipeline.wiring import App

SHOWN: Final = (
    300  # characters of a name or a title in a letter; what is sent has no other end than the event's
)


@dataclass(frozen=True)
class Posted:
    """A letter that goes with a draft: its row, and what is to be written."""

    letter: rows.Letter
    ops: list[Op]


def post(
    app: App,
    now: datetime,
    kind: str,
    facts: Mapping[str, Any],
    *,
    to: str | None,
    attachments: Sequence[Attachment] = (),
    send_by: datetime | None = None,
    **about: str | None,
) -> Posted:
    """Write a letter; without a usable address it is born failed and can only be printed.

    Args:
        send_by: the last moment, by the home's clock, at which it may leave.
        about: other columns of the letter, such as ``case_id`` and ``reviewer_id``.
    """
    key = app.new_id()
    address = to if to is not None and is_mailable(to) else ""
    register = app.policy.register_
    rendered = letters.render(
        kind,
        {"register": register, **facts},
        to=address,
        message_id=f"<{key}@{register.sender.rpartition('@')[2]}>",
        date=now,
        attachments=attachments,
    )
    why_not = _why_not(app, rendered.to)
    letter = replace(_row(now, key, rendered, about), send_by=send_by)  # also for who mends a failed one
    if why_not is None:
        wake_at = held_back_until(app.policy.mail.send_window, now, send_by, app.calendar)
        retry_at = None if wake_at else first_ring(app)
        letter = replace(letter, state=rows.QUEUED, wake_at=wake_at, retry_at=retry_at)
    return post_rendered(replace(letter, last_error=why_not), rendered.raw)


def post_rendered(letter: rows.Letter, raw: bytes) -> Posted:
    """Make a letter of a row and its bytes."""
    content = {"letter_id": letter.id, "raw": raw, "digest": hashlib.sha256(raw).hexdigest()}
    return Posted(letter, [new(letter), Insert(tables.letter_contents, content)])


def _why_not(app: App, address: str) -> str | None:
    """Return why nothing can be mailed to an address; None where it can."""
    if not address:
        return "There is no usable address."
    with app.database.reading() as connection:
        return suppressing.WHY if suppressing.is_suppressed(connection, address) else None


def _row(now: datetime, key: str, rendered: letters.Rendered, about: Mapping[str, str | None]) -> rows.Letter:
    """Return a letter that does not go out by itself."""
    return rows.Letter(
        id=key,
        kind=rendered.kind,
        state=rows.FAILED,
        to_address=rendered.to,
        subject=rendered.subject,
        message_id=rendered.message_id,
        written_at=now,
        case_id=about.get("case_id"),
        reviewer_id=about.get("reviewer_id"),
        provider_id=about.get("provider_id"),
        task_id=about.get("task_id"),
        stands_for=about.get("stands_for"),
        correlation=about.get("correlation"),
    )


def first_ring(app: App) -> datetime:
    """Return when the waker rings for something that is hinted at right after the commit."""
    return app.system.now() + timedelta(seconds=app.policy.machinery.ring_after_seconds)


def new_task(
    app: App,
    now: datetime,
    kind: TaskKind,
    key: str,
    detail: str,
    *,
    case_id: str | None,
    letter_id: str | None = None,
) -> rows.Task:
    """Return a task for whoever the policy names."""
    duty = app.policy.tasks[kind]
    return rows.Task(
        id=app.new_id(),
        key=key,
        kind=kind,
        case_id=case_id,
        letter_id=letter_id,
        owner=duty.owner.name,
        owner_email=duty.owner.email,
        deputy=duty.deputy.name,
        detail=detail,
        opened_at=now,
    )


def whom(app: App, kind: TaskKind, *, deputy: bool = False) -> Person:
    """Return who is told of a task: its owner, or the deputy where mail to the owner bounced.

    Args:
        deputy: the deputy is meant, and the owner where mail to the deputy bounced.
    """
    duty = app.policy.tasks[kind]
    first, second = (duty.deputy, duty.owner) if deputy else (duty.owner, duty.deputy)
    with app.database.reading() as connection:
        is_out_of_reach = suppressing.is_suppressed(connection, first.email)
    return second if is_out_of_reach else first


def instead(app: App, kind: TaskKind, letter: rows.Letter) -> Person | None:
    """Return who else can be told of a task whose letter did not reach the one that it was for.

    After the deputy there is nobody: the task shows to operators only.
    """
    duty, to = app.policy.tasks[kind], suppressing.compared(letter.to_address)
    if to == suppressing.compared(duty.deputy.email):
        return None
    others = [one for one in (duty.owner, duty.deputy) if suppressing.compared(one.email) != to]
    with app.database.reading() as connection:
        return next((one for one in others if not suppressing.is_suppressed(connection, one.email)), None)


def told_instead(app: App, now: datetime, letter: rows.Letter) -> Posted | None:
    """Return the letter that tells somebody else of a task, since this one did not; None where nobody is left."""
    table = tables.tasks
    with app.database.reading() as connection:
        task = one_of(connection, rows.Task, table.c.id == letter.task_id, table.c.closed_at.is_(None))
    person = None if task is None else instead(app, cast(TaskKind, task.kind), letter)
    if task is None or person is None:
        return None
    facts = {"owner": {"name": person.name}, "task": task.kind, "detail": task.detail}
    return post(
        app, now, "task_waiting", facts, to=person.email,
        task_id=task.id, stands_for=letter.stands_for, correlation=letter.correlation,
    )  # fmt: skip


def is_told_of(app: App, kind: TaskKind, letter: rows.Letter) -> bool:
    """Say whether a named human has this task about a letter already; once more adds nothing to it."""
    with app.database.reading() as connection:
        return one_of(connection, rows.Task, tables.tasks.c.key == _key(kind, letter)) is not None


def _key(kind: TaskKind, letter: rows.Letter) -> str:
    return f"{kind}:{letter.id}"


def task_about(app: App, now: datetime, kind: TaskKind, letter: rows.Letter, detail: str) -> Posted:
    """Return the letter that tells a named human of a letter about no case, with their task."""
    task = new_task(app, now, kind, _key(kind, letter), detail, case_id=None, letter_id=letter.id)
    person = whom(app, kind)
    facts = {"owner": {"name": person.name}, "task": task.kind, "detail": detail}
    told = post(
        app,
        now,
        "task_waiting",
        facts,
        to=person.email,
        task_id=task.id,
        stands_for=letter.id,
        correlation=letter.correlation,
    )
    return Posted(told.letter, [new(task), *told.ops])


def closing(letter: rows.Letter, now: datetime) -> Change:
    """Return what closes the tasks that a letter about no case brought; the longer key makes room for later ones."""
    tasks = tables.tasks
    values = {"closed_at": now, "key": tasks.c.key + ":" + tasks.c.id}
    return Change(tasks, {"letter_id": letter.id, "closed_at": None}, values, must=False)


def addressee(provider: rows.Provider) -> dict[str, str | None]:
    """Return how a letter addresses a provider."""
    return {
        "name": shortened(provider.name, SHOWN),
        "contact_name": provider.contact_name,
        "form_of_address": provider.form_of_address,
    }
