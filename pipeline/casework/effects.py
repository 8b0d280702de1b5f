"""What a move does besides state and letters: requests, tasks, registrations, admissions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

from sqlalchemy import case

from pipeline.casework import admitting
from pipeline.casework.draft import Draft
from pipeline.domain import terms
from pipeline.domain.lifecycle import Event, Kind, Result, State, Step
from pipeline.domain.registrations import Status
from pipeline.store import rows, tables
from pipeline.store.unit import Change, changed

# Tasks that a move does away with; closing a case does away with its tasks.
_SOLVED: Final[Mapping[Event, tuple[str, ...]]] = {
    Event.ASSIGNED: ("no_reviewers",),
    Event.TAKEN_OVER: ("no_reviewers",),
    Event.ASKED_ONCE_MORE: ("rounds",),
    Event.TAKEN_AS_IT_IS: ("rounds",),
    Event.DECISION_SENT: ("late", "overdue"),
    Event.VERDICT_ANNULLED: ("escalated", "sign_off"),
    Event.SIGN_OFF_REFUSED: ("sign_off",),
}
_DECIDED: Final = ("escalated", "sign_off", "no_reviewers", "parked", "rounds")
# What was held for a signature is decided no more.
_LAPSES: Final = (Event.WITHDRAWN, Event.VERDICT_ANNULLED, Event.SIGN_OFF_REFUSED)


def apply(draft: Draft, event: Event, row: Step, facts: Mapping[str, Any]) -> None:
    """Do what this move does to the rows around the case."""
    if row.term == "pause":
        _pause(draft, facts)
    if row.term == "resume":
        _resume(draft, facts)
    if row.term == "extend":
        extension = rows.Extension(draft.app.new_id(), draft.case.id, facts["to"], facts["reason"])
        draft.keep("extensions", extension)
    if event in _LAPSES:
        draft.set(decision=None)
    if row.result is not None:
        draft.set(decided_on=draft.today)
        close_tasks(draft, *_DECIDED)
    if event is Event.DECISION_SENT:
        take_effect(draft, facts.get("on"))
    if row.to is State.CLOSED:
        draft.set(closed_on=_day(draft, facts))
        close_tasks(draft, *({task.kind for task in draft.dossier.tasks} - _outlasting(draft)))
    close_tasks(draft, *_SOLVED.get(event, ()))


def _outlasting(draft: Draft) -> set[str]:
    """Return the tasks that closing a case leaves open: whether two are one matters as long as both count."""
    return {"duplicate"} if draft.case.result is Result.GRANTED else set()


def _day(draft: Draft, facts: Mapping[str, Any]) -> date:
    """Return the day on which a letter went, where that is known to be another than today."""
    day: date = facts.get("on") or draft.today
    return day


def open_request(draft: Draft) -> rows.Request | None:
    """Return the request that waits for an answer."""
    waiting = [request for request in draft.dossier.requests if request.answered_on is None]
    return waiting[-1] if waiting else None


def _pause(draft: Draft, facts: Mapping[str, Any]) -> None:
    for request in draft.dossier.requests:
        if request.letter_id == facts["letter"] and request.asked_on is None:
            days = draft.policy.completeness.answer_days
            asked_on = _day(draft, facts)
            from_then = terms.answer_by(asked_on, days, draft.app.calendar)
            answer_by = max(request.answer_by, from_then)  # a request sent late leaves as much time
            draft.keep("requests", replace(request, asked_on=asked_on, answer_by=answer_by))


def _resume(draft: Draft, facts: Mapping[str, Any]) -> None:
    request = open_request(draft)
    if request is not None:  # a supplement counts no earlier than its request
        answered = max(facts["supplement_on"], request.asked_on or facts["supplement_on"])
        draft.keep("requests", replace(request, answered_on=answered))


def take_effect(draft: Draft, on: date | None = None) -> None:
    """Let a decision take effect, once: it was sent, may have been, or was posted.

    Args:
        on: the day on which it surely went, also where it may have gone before.
    """
    was_in_effect = draft.case.in_effect_on is not None
    if on is not None or not was_in_effect:
        draft.set(in_effect_on=on or draft.today)
    if was_in_effect:
        return
    if admits(draft):
        change_provider(draft, admitting.admitted_anew(draft))
    _publish(draft)


def admits(draft: Draft) -> bool:
    """Say whether this decision admits its provider: a granted admission, or a founded objection about one."""
    if draft.case.result in (Result.FOUNDED, Result.PARTLY_FOUNDED):
        return draft.dossier.activity.kind is Kind.ADMISSION
    return draft.case.kind is Kind.ADMISSION and draft.case.result is Result.GRANTED


def _publish(draft: Draft) -> None:
    """Let the version that this case brought replace the former one."""
    version = draft.dossier.registration
    if version is None or version.case_id != draft.case.id or version.state != "pending":
        return
    if version.version > 1:
        _replace_former(draft, version.number)
    published = replace(version, state=Status.VALID, valid_from=draft.today)
    ours = {"number": version.number, "version": version.version}
    draft.op(Change(tables.registrations, ours, changed(version, published)))
    draft.dossier = replace(draft.dossier, registration=published)
    draft.published = version.number, version.version


def _replace_former(draft: Draft, number: str) -> None:
    """Let the version before end today: the valid one is replaced, one to be revoked later is so at once."""
    table, today = tables.registrations, draft.today
    values = {"state": Status.REPLACED, "ended_on": today}
    draft.op(Change(table, {"number": number, "state": Status.VALID}, values, must=False))
    sooner = {"ended_on": case((table.c.ended_on > today, today), else_=table.c.ended_on)}
    draft.op(Change(table, {"number": number, "state": Status.REVOKED}, sooner, must=False))


def change_provider(draft: Draft, provider: rows.Provider) -> None:
    """Change the provider of this case."""
    values = changed(draft.dossier.provider, provider)
    if values:
        draft.op(Change(tables.providers, {"id": provider.id}, values))
    draft.dossier = replace(draft.dossier, provider=provider)


def close_tasks(draft: Draft, *kinds: str) -> None:
    """Close the open tasks of these kinds."""
    _close(draft, [task for task in draft.dossier.tasks if task.kind in kinds])


def close_tasks_of(draft: Draft, letter: rows.Letter) -> None:
    """Close the tasks that a letter brought."""
    _close(draft, [task for task in draft.dossier.tasks if task.letter_id == letter.id])


def _close(draft: Draft, tasks: list[rows.Task]) -> None:
    """Close tasks; the longer key makes room for a later one of the same kind."""
    for task in tasks:
        values = {"closed_at": draft.now, "key": f"{task.key}:{task.id}"}
        draft.op(Change(tables.tasks, {"id": task.id}, values))
    left = [task for task in draft.dossier.tasks if task not in tasks]
    draft.dossier = replace(draft.dossier, tasks=left)
