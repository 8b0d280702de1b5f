"""All waiting cases and all reviewers together: solved outside any transaction, written case by case."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

import structlog
from sqlalchemy import Connection, and_, bindparam, or_, select

from pipeline.casework import around, correspondence, dossier, judging, moving, shortage
from pipeline.casework.around import Seen
from pipeline.casework.dossier import Dossier
from pipeline.casework.draft import Draft
from pipeline.casework.starting import PATIENCE_SECONDS
from pipeline.casework.walk import ASSIGN, TRIES
from pipeline.contract import received_on
from pipeline.domain.assignment import Round
from pipeline.domain.explanation import explain
from pipeline.domain.lifecycle import Event, State
from pipeline.errors import Busy, Stale
from pipeline.store import rows, tables
from pipeline.store.prepared import Prepared
from pipeline.store.reading import Sought
from pipeline.store.unit import Change
from pipeline.wiring import App

BY: Final = "assignment"
TOGETHER: Final = 50  # cases that are written in one transaction
# A case for which nobody was found has no retry_at until next morning or until reviewers change.
_CASES: Final = tables.cases.c
WAITS: Final = (
    _CASES.step == ASSIGN,
    _CASES.parked_at.is_(None),
    or_(_CASES.state == State.COMPLETE, _CASES.state == State.IN_REVIEW),
)
_PENDING: Final = (*WAITS, _CASES.retry_at.is_not(None))
_THIS: Final = (*_PENDING, _CASES.id == bindparam("case"))
# What failed, or ended a process, is solved by itself: it would do so to all that is solved with it. One
# unfinished start may be the present one, of a repeat.
_UNTROUBLED: Final = (_CASES.attempts == 0, _CASES.unfinished <= 1)
_IS_UNTROUBLED: Final = Prepared(select(and_(*_UNTROUBLED)).where(*_THIS))
ALL: Final = Sought(rows.Case, *_PENDING, *_UNTROUBLED, order=_CASES.number)
ONE: Final = Sought(rows.Case, *_THIS, order=_CASES.number)
_log = structlog.get_logger()
_turn = threading.Lock()  # two threads that solve the same would only undo each other's work


def assign(app: App, case_id: str) -> None:
    """Find reviewers for this case and every other that lacks some and was not looked at since.

    Safe to call twice: a case that has its reviewers, or waits until there are more, is left alone.
    A case with which it went wrong before is looked at by itself.

    Raises:
        Stale: cases or reviewers kept changing; the waker rings again.
        Busy: another thread took its time over them; the waker rings again if this one was not among them.
    """
    if not _turn.acquire(timeout=PATIENCE_SECONDS):
        raise Busy("Another thread of this process assigns reviewers, maybe for this case too.")
    try:
        _assign(app, case_id)
    finally:
        _turn.release()


def _assign(app: App, case_id: str) -> None:
    for left in reversed(range(TRIES)):
        try:
            if wanted := _together(app, case_id):
                _solve(app, wanted, case_id)
            return
        except Stale:
            if not left:
                raise


def _together(app: App, case_id: str) -> Sought[rows.Case] | None:
    """Return which cases to solve: none where this one waits no more; of a hundred hints one serves all."""
    with app.database.reading() as connection:
        found = _IS_UNTROUBLED.row(connection, {"case": case_id})
    if found is None:
        return None
    return ALL if found == [True] else ONE


def _solve(app: App, wanted: Sought[rows.Case], case_id: str) -> None:
    now = app.clock.now()  # before the look: a thread has one connection to the database at a time
    with app.database.reading() as connection:
        drafts = [Draft(app, each, now, BY) for each in _waiting(connection, wanted, case_id)]
        seen = around.see(connection, app, drafts, received_on(now))
    solved = seen.solve()
    versions = {key: reviewer.version for key, reviewer in seen.reviewers.items()}
    wanting = [draft for draft in drafts if not _write(draft, solved, seen.reviewers, versions)]
    _let_wait(sorted(wanting, key=lambda draft: draft.case.id), seen, solved)


def _waiting(connection: Connection, wanted: Sought[rows.Case], case_id: str) -> list[Dossier]:
    found = wanted.all(connection, {"case": case_id})
    return dossier.read_many(connection, found) if found else []


def _write(draft: Draft, solved: Round, known: Mapping[str, rows.Reviewer], versions: dict[str, int]) -> bool:
    """Write what was chosen for a case; False where it wants reviewers and nobody fits."""
    if judging.open_places(draft) <= 0:
        draft.set(step=None)
        draft.done()
        moving.write(draft)
        return True
    reviewers = solved.chosen[draft.case.id]
    if not reviewers:
        return False

    def assign_all(each: Draft) -> None:
        for reviewer_id in reviewers:
            _ask(each, known[reviewer_id])
            each.op(_counted(reviewer_id, versions[reviewer_id]))
        told = explain(solved, each.case.id).told()
        moving.take(each, Event.ASSIGNED, reviewers=list(reviewers), **told)

    is_assigned = draft.attempt(assign_all)
    if is_assigned:
        versions |= {reviewer_id: versions[reviewer_id] + 1 for reviewer_id in reviewers}
    moving.write(draft)
    if is_assigned:
        about = {"case": draft.case.number, "correlation": draft.case.correlation}
        _log.info("reviewers_assigned", reviewers=list(reviewers), **about)
    return True


def _ask(draft: Draft, reviewer: rows.Reviewer) -> None:
    asked = rows.Assignment(
        id=draft.app.new_id(),
        case_id=draft.case.id,
        reviewer_id=reviewer.id,
        place=len(draft.dossier.assignments) + 1,
        state=rows.ASKED,
        asked_at=draft.now,
        asked_on=draft.today,
        review_by=around.review_due(draft),
    )
    draft.keep("assignments", asked)
    draft.meet(reviewer)


def _counted(reviewer_id: str, version: int) -> Change:
    """The load we reckoned with must still be the reviewer's; asking them changes it."""
    return Change(tables.reviewers, {"id": reviewer_id, "version": version}, {"version": version + 1})


def _let_wait(drafts: Sequence[Draft], seen: Seen, solved: Round) -> None:
    """Let cases wait for reviewers, some at a time: in a rush that are hundreds, every morning.

    Args:
        drafts: in the order of their ids.
    """
    for draft in drafts:
        draft.attempt(partial(_wait_for_reviewers, seen, solved))
    for start in range(0, len(drafts), TOGETHER):
        moving.write_together(drafts[start : start + TOGETHER])


def _wait_for_reviewers(seen: Seen, solved: Round, draft: Draft) -> None:
    """Tell the owner what stands in the way; the case is looked at next morning and when reviewers change."""
    draft.set(retry_at=None, rings=0)
    draft.done()
    explained = explain(solved, draft.case.id)
    if correspondence.to_owner_anew(draft, "no_reviewers", shortage.told(draft, explained, seen, solved)):
        draft.note("no_reviewers", in_the_way=explained.in_the_way, **explained.told())
