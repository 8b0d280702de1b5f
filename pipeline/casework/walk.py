"""The walk: steps that touch only the case follow each other until it must wait."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import exists, select

from pipeline import logs
from pipeline.casework import delivery, dossier, effects, judging, lacking, moving, registered, silence
from pipeline.casework.draft import Draft
from pipeline.casework.posting import first_ring
from pipeline.contract import AMSTERDAM
from pipeline.domain import completeness
from pipeline.domain.lifecycle import Event, Kind, State
from pipeline.domain.reminders import start_of_next_day
from pipeline.errors import Stale
from pipeline.mail import words
from pipeline.store import tables
from pipeline.wiring import App

TRIES: Final = 5  # how often a draft is made anew because somebody else was faster

ASSIGN: Final = "assign_reviewers"
REMIND: Final = "remind"

Change = Callable[[Draft], None]


def check_completeness(draft: Draft) -> None:
    """Move a received case on, as complete or incomplete."""
    if draft.case.kind is Kind.OBJECTION:
        moving.take(draft, Event.FOUND_LATE if _is_late(draft) else Event.FOUND_COMPLETE)
        return
    found = completeness.musts(lacking.found(draft))
    if found and lacking.is_asked_enough(draft):
        moving.take(draft, Event.ROUNDS_SPENT, findings=_told(found), task="rounds", detail=_in_dutch(found))
    elif found:
        moving.take(draft, Event.FOUND_INCOMPLETE, findings=_told(found))
    elif draft.dossier.requests:
        moving.take(draft, Event.COMPLETED, supplement_on=draft.dossier.requests[-1].answered_on)
    else:
        moving.take(draft, Event.FOUND_COMPLETE)


def _told(found: Iterable[completeness.Finding]) -> list[dict[str, Any]]:
    return [one.told() for one in found]


def _in_dutch(found: Iterable[completeness.Finding]) -> str:
    return f"Nog niet compleet: {', '.join(words.label(one.field) for one in found)}."


def _is_late(draft: Draft) -> bool:
    """Say whether an objection was filed after its window."""
    subject = draft.dossier.subject
    if subject is None or subject.in_effect_on is None:
        return False
    window = draft.policy.terms.objection_window_days
    return (draft.case.received_on - _opened(subject.in_effect_on, draft)).days > window


def _opened(sent_on: date, draft: Draft) -> date:
    """Return when one could begin to object: the decision was sent, or what it brought was rectified or revoked."""
    version, subject = draft.dossier.registration, draft.dossier.subject
    if version is None or version.decided_on is None or subject is None:
        return sent_on
    with draft.app.database.reading() as connection:
        is_its = registered.holder(connection, version).case.id == subject.id
    return max(sent_on, version.decided_on) if is_its else sent_on


STEPS: Final[Mapping[str, Callable[[Draft], None]]] = {
    "check_completeness": check_completeness,
    "decide": judging.weigh,
    delivery.FOLLOW: delivery.follow,
}


def walk(draft: Draft) -> bool:
    """Take the case as far as its own facts go; False when a step failed, which then stays pending."""
    while (step := STEPS.get(draft.case.step or "")) is not None:
        name = draft.case.step
        if not draft.attempt(step):
            return False
        draft.done()
        if draft.case.step == name:
            draft.set(step=None)
    return True


def is_answer_overdue(draft: Draft) -> bool:
    """Say whether the provider has not answered and the day to do so is over."""
    request = effects.open_request(draft)
    if draft.case.state is not State.INCOMPLETE or request is None or request.asked_on is None:
        return False
    return draft.now.astimezone(AMSTERDAM).date() > request.answer_by


def bring_up_to_date(draft: Draft) -> None:
    """Do what is due, so that no outcome depends on which hint was lost; a parked step is nobody's to begin."""
    if draft.case.parked_at is not None:
        return
    walk(draft)
    if (since := silence.since(draft)) is not None:
        _wait_no_longer(draft, since)
    if is_answer_overdue(draft):
        if _may_be_answered(draft):
            _look_soon(draft)
        elif not draft.attempt(_pass):
            draft.set(step=REMIND)  # so that it is rung again, and parked if it keeps failing


def _look_soon(draft: Draft) -> None:
    """Look again once what arrived in time has been taken in."""
    draft.set(step=REMIND, retry_at=first_ring(draft.app), rings=0)


def _wait_no_longer(draft: Draft, since: datetime) -> None:
    """Let go who stays silent, if there is somebody else and no answer came before that is yet to be taken in."""
    if _has_stored(draft, since):
        if draft.case.step is None:
            _look_soon(draft)
    elif not draft.attempt(_let_go) and draft.case.step is None:
        draft.set(step=REMIND)


def _let_go(draft: Draft) -> None:
    """Wait no longer for who stays silent; whoever reviews instead is looked for."""
    if found := silence.replaceable(draft):
        moving.take(draft, Event.RELEASED, released=found, why="silent")


def _pass(draft: Draft) -> None:
    moving.take(draft, Event.ANSWER_BY_PASSED)


def _may_be_answered(draft: Draft) -> bool:
    """Say whether an event that was stored in time, maybe the answer, has yet to be taken in."""
    request = effects.open_request(draft)
    return request is not None and _has_stored(draft, start_of_next_day(request.answer_by))


def _has_stored(draft: Draft, before: datetime) -> bool:
    """Say whether an event that arrived before this moment has yet to be taken in."""
    table = tables.events
    in_time = table.c.received_at < before
    waits = exists().where(table.c.state == "stored", table.c.parked_at.is_(None), in_time)
    with draft.app.database.reading() as connection:
        return bool(connection.execute(select(waits)).scalar_one())


def advance(app: App, case_id: str, by: str, change: Change = bring_up_to_date) -> None:
    """Read a case, change it and write it; once more when somebody else was faster.

    Safe to call twice: what has happened already is left alone.

    Args:
        change: what it raises as stale is read anew, as if the write had found it.

    Raises:
        Stale: it kept changing under our hands; the waker rings again.
    """
    for left in reversed(range(TRIES)):
        with app.database.reading() as connection:
            read = dossier.read(connection, case_id)
        draft = Draft(app, read, app.clock.now(), by)
        logs.about(read.case.correlation, case=read.case.number)
        try:
            change(draft)
            moving.write(draft)
            return
        except Stale:
            if not left:
                raise
