"""A letter becomes a row: its bytes, which never change, and where it stands."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pipeline.domain.completeness import is_mailable
from pipeline.domain.policy import TaskKind
from pipeline.mail import letters
from pipeline.mail.letters import Attachment
from pipeline.store import rows, tables
from pipeline.store.unit import Change, Insert, Op, new
from pipeline.wiring import App


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
    **about: str | None,
) -> Posted:
    """Write a letter; without a usable address it is born failed and can only be printed.

    Args:
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
    letter = _row(app, now, key, rendered, about)
    raw = {"letter_id": key, "raw": rendered.raw, "digest": hashlib.sha256(rendered.raw).hexdigest()}
    return Posted(letter, [new(letter), Insert(tables.letter_contents, raw)])


def _row(
    app: App, now: datetime, key: str, rendered: letters.Rendered, about: Mapping[str, str | None]
) -> rows.Letter:
    mailable = bool(rendered.to)
    return rows.Letter(
        id=key,
        kind=rendered.kind,
        state=rows.QUEUED if mailable else rows.FAILED,
        to_address=rendered.to,
        subject=rendered.subject,
        message_id=rendered.message_id,
        written_at=now,
        retry_at=first_ring(app) if mailable else None,
        last_error=None if mailable else "There is no usable address.",
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


def task_about(app: App, now: datetime, kind: TaskKind, letter: rows.Letter, detail: str) -> Posted:
    """Return the letter that tells a named human of a letter about no case, with their task."""
    task = new_task(app, now, kind, f"{kind}:{letter.id}", detail, case_id=None, letter_id=letter.id)
    facts = {"owner": {"name": task.owner}, "task": task.kind, "detail": detail}
    told = post(
        app,
        now,
        "task_waiting",
        facts,
        to=task.owner_email,
        task_id=task.id,
        stands_for=letter.id,
        correlation=letter.correlation,
    )
    return Posted(told.letter, [new(task), *told.ops])


def closing(letter: rows.Letter, now: datetime) -> Change:
    """Return what closes the task that a letter about no case brought, if it did."""
    return Change(tables.tasks, {"letter_id": letter.id, "closed_at": None}, {"closed_at": now}, must=False)


def addressee(provider: rows.Provider) -> dict[str, str | None]:
    """Return how a letter addresses a provider."""
    return {
        "name": provider.name,
        "contact_name": provider.contact_name,
        "form_of_address": provider.form_of_address,
    }
