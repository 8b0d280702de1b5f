"""All waiting cases and all reviewers together: solved outside any transaction, written case by case."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

import structlog
from sqlalchemy import ColumnElement, Connection, and_, func, select

from pipeline.casework import correspondence, dossier, judging, moving, providers, suppressing
from pipeline.casework.dossier import Dossier
from pipeline.casework.draft import Draft
from pipeline.casework.starting import PATIENCE_SECONDS
from pipeline.casework.walk import ASSIGN, TRIES
from pipeline.contract import received_on
from pipeline.domain import assignment, terms
from pipeline.domain.assignment import Choice, Waiting
from pipeline.domain.lifecycle import Event, Kind, State
from pipeline.errors import Busy, Stale
from pipeline.mail import dutch
from pipeline.store import rows, tables
from pipeline.store.reading import all_of
from pipeline.store.unit import Change
from pipeline.wiring import App

Where = tuple[ColumnElement[bool], ...]

BY: Final = "assignment"
TOGETHER: Final = 50  # cases that are written in one transaction
# A case for which nobody was found has no retry_at until next morning or until reviewers change.
PENDING: Final = (
    tables.cases.c.step == ASSIGN,
    tables.cases.c.retry_at.is_not(None),
    tables.cases.c.parked_at.is_(None),
    tables.cases.c.state.in_((State.COMPLETE, State.IN_REVIEW)),
)
# What failed, or ended a process, is solved by itself: it would do so to all that is solved with it. One
# unfinished start may be the present one, of a repeat.
UNTROUBLED: Final = (tables.cases.c.attempts == 0, tables.cases.c.unfinished <= 1)
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
            if waits := _together(app, case_id):
                _solve(app, waits)
            return
        except Stale:
            if not left:
                raise


def _together(app: App, case_id: str) -> Where:
    """Return which cases to solve: nothing where this one waits no more; of a hundred hints one serves all."""
    mine: Where = (*PENDING, tables.cases.c.id == case_id)
    with app.database.reading() as connection:
        untroubled = connection.execute(select(and_(*UNTROUBLED)).where(*mine)).scalar_one_or_none()
    if untroubled is None:
        return ()
    return (*PENDING, *UNTROUBLED) if untroubled else mine


def _solve(app: App, waits: Where) -> None:
    now = app.clock.now()  # before the look: a thread has one connection to the database at a time
    today = received_on(now)
    with app.database.reading() as connection:
        drafts = [Draft(app, each, now, BY) for each in _waiting(connection, waits)]
        active = all_of(connection, rows.Reviewer, tables.reviewers.c.active, order=[tables.reviewers.c.id])
        reviewers = in_reach(connection, active)
        load = load_of(connection, today, app.policy.judging.capacity_window_days)
        kvks = providers.numbers_of_each(connection, [draft.case.provider_id for draft in drafts])
        cases = [waiting_of(draft, kvks[draft.case.provider_id]) for draft in drafts]
    choices = assignment.solve(cases, [known_of(one, load.get(one.id, 0)) for one in reviewers], today)
    chosen = {choice.case_id: choice for choice in choices}
    known = {reviewer.id: reviewer for reviewer in reviewers}
    versions = {reviewer.id: reviewer.version for reviewer in reviewers}
    wanting = [draft for draft in drafts if not _write(draft, chosen[draft.case.id], known, versions)]
    _let_wait(sorted(wanting, key=lambda draft: draft.case.id))


def _waiting(connection: Connection, waits: Where) -> list[Dossier]:
    found = all_of(connection, rows.Case, *waits, order=[tables.cases.c.number])
    return dossier.read_many(connection, found) if found else []


def load_of(connection: Connection, today: date, window_days: int) -> dict[str, int]:
    """Count the cases that each reviewer was asked about in the capacity window that ends today."""
    table = tables.assignments
    query = (
        select(table.c.reviewer_id, func.count())
        .where(table.c.asked_on > today - timedelta(days=window_days))
        .where(table.c.state.not_in((rows.RECUSED, rows.RELEASED)))
        .group_by(table.c.reviewer_id)
    )
    return dict(connection.execute(query).all())


def in_reach(connection: Connection, reviewers: list[rows.Reviewer]) -> list[rows.Reviewer]:
    """Leave out those at whose address a letter bounced."""
    bounced = suppressing.suppressed(connection, [reviewer.email for reviewer in reviewers])
    return (
        [one for one in reviewers if suppressing.compared(one.email) not in bounced] if bounced else reviewers
    )


def waiting_of(draft: Draft, provider_kvks: frozenset[str]) -> Waiting:
    """Return a case as the rules of assignment see it."""
    case, submission = draft.case, draft.dossier.activity
    about_admission = submission.kind is Kind.ADMISSION
    activity = {} if about_admission else submission.data["activity"]
    return Waiting(
        case_id=case.id,
        number=case.number,
        kind=case.kind,
        about_admission=about_admission,
        sectors=frozenset(activity.get("sectors") or ()),
        category=activity.get("category"),
        places=judging.open_places(draft),
        provider_kvks=provider_kvks,
        excluded=_excluded(draft.dossier),
    )


def _excluded(known: Dossier) -> dict[str, str]:
    first_round = dict.fromkeys(
        known.subject_reviewers, "was assigned to the case that the objection is about"
    )
    return first_round | {one.reviewer_id: f"was asked before ({one.state})" for one in known.assignments}


def known_of(reviewer: rows.Reviewer, load: int) -> assignment.Reviewer:
    """Return a reviewer as the rules of assignment see them."""
    return assignment.Reviewer(
        id=reviewer.id,
        name=reviewer.name,
        sectors=frozenset(reviewer.sectors),
        categories=frozenset(reviewer.categories),
        employer_kvk=reviewer.employer_kvk,
        capacity=reviewer.capacity,
        away_from=reviewer.away_from,
        away_until=reviewer.away_until,
        load=load,
    )


def _write(draft: Draft, choice: Choice, known: dict[str, rows.Reviewer], versions: dict[str, int]) -> bool:
    """Write what was chosen for a case; False where it wants reviewers and nobody fits."""
    if judging.open_places(draft) <= 0:
        draft.set(step=None)
        draft.done()
        moving.write(draft)
        return True
    if not choice.reviewers:
        return False

    def assign_all(each: Draft) -> None:
        for reviewer_id in choice.reviewers:
            _ask(each, known[reviewer_id])
            each.op(_counted(reviewer_id, versions[reviewer_id]))
        why = {"why": choice.why, "why_not": choice.why_not}
        moving.take(each, Event.ASSIGNED, reviewers=list(choice.reviewers), **why)

    is_assigned = draft.attempt(assign_all)
    if is_assigned:
        versions |= {reviewer_id: versions[reviewer_id] + 1 for reviewer_id in choice.reviewers}
    moving.write(draft)
    if is_assigned:
        about = {"case": draft.case.number, "correlation": draft.case.correlation}
        _log.info("reviewers_assigned", reviewers=list(choice.reviewers), **about)
    return True


def _ask(draft: Draft, reviewer: rows.Reviewer) -> None:
    assert draft.case.due_on is not None  # a complete case has its date
    days = getattr(draft.policy.judging.review_days, draft.case.kind.value)
    asked = rows.Assignment(
        id=draft.app.new_id(),
        case_id=draft.case.id,
        reviewer_id=reviewer.id,
        place=len(draft.dossier.assignments) + 1,
        state=rows.ASKED,
        asked_at=draft.now,
        asked_on=draft.today,
        review_by=terms.review_by(draft.today, days, draft.case.due_on, draft.app.calendar),
    )
    draft.keep("assignments", asked)
    draft.meet(reviewer)


def _counted(reviewer_id: str, version: int) -> Change:
    """The load we reckoned with must still be the reviewer's; asking them changes it."""
    return Change(tables.reviewers, {"id": reviewer_id, "version": version}, {"version": version + 1})


def _let_wait(drafts: Sequence[Draft]) -> None:
    """Let cases wait for reviewers, some at a time: in a rush that are hundreds, every morning.

    Args:
        drafts: in the order of their ids.
    """
    for draft in drafts:
        draft.attempt(_wait_for_reviewers)
    for start in range(0, len(drafts), TOGETHER):
        moving.write_together(drafts[start : start + TOGETHER])


def _wait_for_reviewers(draft: Draft) -> None:
    """Write nothing but the owner's task; the case is looked at next morning and when reviewers change."""
    draft.set(retry_at=None, rings=0)
    draft.done()
    places = judging.open_places(draft)
    verb = "is" if places == 1 else "zijn"
    lacking = dutch.amount(places, "beoordelaar", "beoordelaars")
    correspondence.to_owner(draft, "no_reviewers", f"Er {verb} nog {lacking} nodig.")
