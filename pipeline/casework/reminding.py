"""What falls due for a case: a step, a reminder, or another look at who could review it."""

from __future__ import annotations

from typing import Final, assert_never

from sqlalchemy import bindparam, or_, select

from pipeline.casework import asking, claiming, correspondence, digest, parking, projection, waiting, walk
from pipeline.casework.draft import Draft
from pipeline.casework.posting import first_ring, whom
from pipeline.domain import reminders
from pipeline.domain.completeness import is_mailable
from pipeline.domain.reminders import DIGEST, Due, Ring
from pipeline.errors import CalendarEnds, Stale
from pipeline.store import tables
from pipeline.store.prepared import Prepared
from pipeline.wiring import App

BY: Final = "reminders"

_CASES: Final = tables.cases.c
_RUNG: Final = Prepared(
    select(_CASES.id).where(
        _CASES.id == bindparam("case"),
        or_(_CASES.retry_at.is_not(None), _CASES.wake_at <= bindparam("now")),
    )
)


def remind(app: App, case_id: str) -> None:
    """Do what is due for a case by the home's clock.

    Safe to call twice: a reminder that was dealt with is not sent again.
    """
    if _is_rung(app, case_id):
        walk.advance(app, case_id, BY, ring_due)


def _is_rung(app: App, case_id: str) -> bool:
    """Say whether there is anything to look at; what was pending when it was rung for may have been done since."""
    asked = {"case": case_id, "now": app.clock.now()}
    with app.database.reading() as connection:
        return _RUNG.row(connection, asked) is not None


def ring_due(draft: Draft) -> None:
    """Send what is due; of several reminders for one deadline only the latest.

    Raises:
        Stale: a digest was written, which tells of this case too: it is to be read anew.
    """
    if projection.is_silent(draft):
        draft.set(retry_at=None, rings=0, unfinished=0)
        return
    was_step = draft.case.step == walk.REMIND
    if was_step:
        draft.set(step=None)  # what of it fails sets it again
    walk.bring_up_to_date(draft)
    try:
        due = projection.due(draft)
    except CalendarEnds as error:
        parking.park_at_calendar_end(draft, error)
        return
    _send_due(draft, _without_digest(draft, due))
    if was_step and not draft.is_failed:
        draft.done()
    if draft.case.parked_at is not None:
        _rest_parked(draft)
    elif draft.case.step == walk.ASSIGN and draft.case.retry_at is None and _is_morning(draft):
        draft.set(retry_at=first_ring(draft.app))
        draft.hint(walk.ASSIGN, draft.case.id)


def _send_due(draft: Draft, due: Due) -> None:
    for one in due.superseded:
        claiming.claim(draft, one.ring, one.by)
    for ring in due.send:
        if ring.key != reminders.ANSWER_PASSED:  # a step, not a letter: it is due until it is taken
            _ring(draft, ring)


def _without_digest(draft: Draft, due: Due) -> Due:
    """Write the digest that this case is due for, with all others that are, and return what else is due.

    What fails of it shows on this case, and is tried again. A case that only now came to be due for it,
    or that others kept changing, is told of in the next.

    Raises:
        Stale: one was written.
    """
    told: list[int] = []

    def write(each: Draft) -> None:
        if digest.near(each, due) is not None:
            told.append(digest.write(each.app, BY))

    if not draft.attempt(write) and draft.case.step is None:
        draft.set(step=walk.REMIND)
    if any(told):
        raise Stale("A digest was written: what it tells of has changed.")
    digests = {ring.key for ring in due.send if ring.letter == DIGEST}
    return Due(
        tuple(ring for ring in due.send if ring.key not in digests),
        tuple(one for one in due.superseded if one.by not in digests),
    )


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
        claiming.claim(each, ring)
        _send(each, ring)

    if not draft.attempt(send) and draft.case.step is None:
        draft.set(step=walk.REMIND)


def _is_morning(draft: Draft) -> bool:
    return draft.case.wake_at is not None and draft.case.wake_at <= draft.now


def _send(draft: Draft, ring: Ring) -> None:
    match ring.to:
        case "provider":
            _tell_provider(draft, ring)
        case "reviewer":
            if ring.reviewer is not None:
                asking.remind(draft, ring.reviewer)
        case "owner" | "deputy":
            _tell_office(draft, ring)
        case _:
            assert_never(ring.to)


def _tell_provider(draft: Draft, ring: Ring) -> None:
    """A missed deadline is told, and renewal asked, by post if it must be; else only where it can be mailed."""
    if ring.letter == "deadline_missed":
        correspondence.to_provider(draft, ring.letter, {"missed_on": ring.day})
    elif ring.letter == "admission_renewal" or is_mailable(draft.dossier.provider.email):
        correspondence.to_provider(draft, ring.letter, {})


def _tell_office(draft: Draft, ring: Ring) -> None:
    match ring.letter:
        case "deadline_warning":
            _warn(draft, ring)
        case "task_waiting":
            deputy = ring.to == "deputy"
            correspondence.remind_owner(draft, ring.task, waiting.in_dutch(draft.dossier), deputy=deputy)


def _warn(draft: Draft, ring: Ring) -> None:
    owner = whom(draft.app, "late", deputy=ring.to == "deputy")
    facts = {
        **correspondence.common(draft),
        "owner": {"name": owner.name},
        "due_on": ring.day,
        "days_left": (ring.day - draft.today).days,
        "waits_for": waiting.in_dutch(draft.dossier),
    }
    correspondence.send(draft, "deadline_warning", facts, to=owner.email)
