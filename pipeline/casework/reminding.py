"""What falls due for a case: a step, a reminder, or another look at who could review it."""

from __future__ import annotations

from typing import Final

from pipeline.casework import asking, correspondence, projection, waiting, walk
from pipeline.casework.draft import Draft
from pipeline.casework.posting import first_ring, whom
from pipeline.domain import reminders
from pipeline.domain.completeness import is_mailable
from pipeline.domain.reminders import Ring
from pipeline.store import rows
from pipeline.wiring import App

BY: Final = "reminders"


def remind(app: App, case_id: str) -> None:
    """Do what is due for a case by the home's clock.

    Safe to call twice: a reminder that was dealt with is not sent again.
    """
    walk.advance(app, case_id, BY, ring_due)


def ring_due(draft: Draft) -> None:
    """Send what is due; of several reminders for one deadline only the latest."""
    if projection.is_silent(draft):
        draft.set(retry_at=None, rings=0, unfinished=0)
        return
    was_step = draft.case.step == walk.REMIND
    if was_step:
        draft.set(step=None)  # what of it fails sets it again
    walk.bring_up_to_date(draft)
    due = reminders.due(projection.rings(draft), draft.now, projection.rung(draft))
    for ring in due.skipped:
        _remember(draft, ring)
    for ring in due.send:
        if ring.key != reminders.ANSWER_PASSED:  # a step, not a letter: it is due until it is taken
            _ring(draft, ring)
    if was_step and not draft.is_failed:
        draft.done()
    if draft.case.parked_at is not None:
        _rest_parked(draft)
    elif draft.case.step == walk.ASSIGN and draft.case.retry_at is None and _is_morning(draft):
        draft.set(retry_at=first_ring(draft.app))
        draft.hint(walk.ASSIGN, draft.case.id)


def _rest_parked(draft: Draft) -> None:
    """Leave a parked case alone until its next reminder, unless this one failed.

    A reminder that went out ends the row of those that failed; what was parked keeps its own count.
    """
    if not draft.is_failed:
        parked_after = draft.app.policy.machinery.attempts_before_parked
        draft.set(attempts=min(draft.case.attempts, parked_after))
    if not draft.is_failed or projection.is_silent(draft):
        draft.set(retry_at=None, rings=0, unfinished=0)  # else it is rung again as anything that fails


def _ring(draft: Draft, ring: Ring) -> None:
    """Send one reminder and remember it; one that fails is rung again, and parked if it keeps failing."""

    def send(each: Draft) -> None:
        _remember(each, ring)
        _send(each, ring)

    if not draft.attempt(send) and draft.case.step is None:
        draft.set(step=walk.REMIND)


def _is_morning(draft: Draft) -> bool:
    return draft.case.wake_at is not None and draft.case.wake_at <= draft.now


def _remember(draft: Draft, ring: Ring) -> None:
    rung = rows.Rung(draft.case.id, ring.key, ring.day, ring.reviewer or "", draft.now)
    draft.remember(rung)
    draft.note("reminded", key=ring.key, day=ring.day.isoformat(), reviewer=ring.reviewer)


def _send(draft: Draft, ring: Ring) -> None:
    match ring.letter:
        case "supplement_reminder" if is_mailable(draft.dossier.provider.email):
            correspondence.to_provider(draft, ring.letter, {})
        case "review_reminder" if ring.reviewer is not None:
            asking.remind(draft, ring.reviewer)
        case "deadline_warning":
            _warn(draft, ring)
        case "task_waiting":
            _late(draft)


def _warn(draft: Draft, ring: Ring) -> None:
    owner = whom(draft.app, "late")
    facts = {
        **correspondence.common(draft),
        "owner": {"name": owner.name},
        "due_on": ring.day,
        "days_left": (ring.day - draft.today).days,
        "waits_for": waiting.in_dutch(draft.dossier),
    }
    correspondence.send(draft, "deadline_warning", facts, to=owner.email)


def _late(draft: Draft) -> None:
    """Give the owner the task, and remind them of it every week that it stays open."""
    open_tasks = [task for task in draft.dossier.tasks if task.kind == "late"]
    if open_tasks:
        correspondence.tell_owner(draft, open_tasks[0])
    else:
        correspondence.to_owner(draft, "late", waiting.in_dutch(draft.dossier))
