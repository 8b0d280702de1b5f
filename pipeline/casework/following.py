"""Events about a case that is there: a supplement, a withdrawal, a verdict."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from pipeline.casework import applying, dossier, duplicates, judging, moving, providers
from pipeline.casework.around import known_of
from pipeline.casework.draft import Draft
from pipeline.casework.opening import SUBMITTED
from pipeline.casework.walk import bring_up_to_date, walk
from pipeline.contract import (
    CaseSupplemented,
    CaseWithdrawn,
    Inbound,
    ReviewGiven,
    check_review,
    supplemented,
)
from pipeline.domain import lifecycle
from pipeline.domain.eligibility import tie
from pipeline.domain.lifecycle import Event, Kind, State
from pipeline.errors import IllegalMove, Refused
from pipeline.store import rows
from pipeline.store.reading import by_id, by_number
from pipeline.wiring import App


def supplement(app: App, inbound: Inbound, event: rows.Event, now: datetime) -> Draft:
    """Change what was submitted, as asked, and judge it again.

    Raises:
        Refused: nothing was asked, or the changed submission would be refused.
    """
    assert isinstance(inbound.data, CaseSupplemented)
    draft = _draft(app, inbound, event, inbound.data.case, now)
    if draft.case.state is not State.INCOMPLETE:
        raise Refused("not_asked", "case", "a case that waits for a supplement", draft.case.state.value)
    submission = supplemented(SUBMITTED[draft.case.kind], draft.case.data, inbound.data.changes)
    draft.set(data=submission)
    others: list[duplicates.Likeness] = []
    if draft.case.kind is Kind.ADMISSION:
        applying.describe_anew(draft)
        others = _alike(draft)
    else:
        draft.set(title=submission["activity"]["title"])
    moving.take(draft, Event.SUPPLEMENTED, supplement_on=inbound.received_on)
    walk(draft)
    duplicates.ask(draft, others)
    return draft


def _alike(draft: Draft) -> list[duplicates.Likeness]:
    """Return whom the provider now looks like.

    Raises:
        Refused: the policy says that such an application is refused.
    """
    provider = draft.dossier.provider
    with draft.app.database.reading() as connection:
        others = duplicates.alike(connection, provider, draft.policy)
    duplicates.refuse(others, provider, draft.policy)
    return others


def withdraw(app: App, inbound: Inbound, event: rows.Event, now: datetime) -> Draft:
    """Close a case at the provider's wish.

    Raises:
        Refused: it is decided already.
    """
    assert isinstance(inbound.data, CaseWithdrawn)
    draft = _draft(app, inbound, event, inbound.data.case, now)
    _allowed(draft, Event.WITHDRAWN, "a case that is not decided")
    moving.take(draft, Event.WITHDRAWN, reason=inbound.data.reason)
    return draft


def review(app: App, inbound: Inbound, event: rows.Event, now: datetime) -> Draft:
    """Take in a verdict, and decide if it makes the majority.

    Raises:
        Refused: the reviewer may not judge this case, or the verdict lacks what it owes.
    """
    assert isinstance(inbound.data, ReviewGiven)
    given = inbound.data
    draft = _draft(app, inbound, event, given.case, now)
    _check_reviewer(draft, given.reviewer)
    _allowed(draft, Event.VERDICT_GIVEN, "a case in review")
    _check_assigned(draft, given.reviewer)
    check_review(given, inbound.document["data"], **judging.duties(draft))
    _remember(draft, given, event)
    moving.take(
        draft, Event.RECUSED if given.verdict == "recuse" else Event.VERDICT_GIVEN, reviewer=given.reviewer
    )
    walk(draft)
    return draft


def _draft(app: App, inbound: Inbound, event: rows.Event, number: str, now: datetime) -> Draft:
    """Return the case, brought up to date: only then does its state decide."""
    with app.database.reading() as connection:
        case = by_number(connection, number)
        if case is None:
            raise Refused("case_unknown", "case", "the number of a case", number)
        read = dossier.read_with(connection, case)
    draft = Draft(app, read, now, "system")
    bring_up_to_date(draft)
    draft.by = f"{inbound.source} {inbound.id}"
    draft.set(correlation=event.id)
    return draft


def _allowed(draft: Draft, event: Event, expected: str) -> None:
    try:
        lifecycle.step(draft.case.kind, draft.case.state, event)
    except IllegalMove:
        raise Refused("wrong_state", "case", expected, draft.case.state.value) from None


def _check_reviewer(draft: Draft, reviewer_id: str) -> None:
    with draft.app.database.reading() as connection:
        reviewer = by_id(connection, rows.Reviewer, reviewer_id)
        theirs = providers.numbers_of(connection, draft.case.provider_id)
    if reviewer is None:
        raise Refused("reviewer_unknown", "reviewer", "the id of a reviewer", reviewer_id)
    if tie(known_of(reviewer, 0), theirs) is not None:
        expected = "a reviewer without an interest in the provider"
        raise Refused("interest", "reviewer", expected, reviewer_id)


def _check_assigned(draft: Draft, reviewer_id: str) -> None:
    standing = [one.reviewer_id for one in draft.dossier.verdicts if one.annulled_at is None]
    if reviewer_id in standing:
        raise Refused("second_verdict", "reviewer", "one verdict by each reviewer", reviewer_id)
    asked = [one.reviewer_id for one in draft.dossier.assignments if one.state == rows.ASKED]
    if reviewer_id not in asked:
        raise Refused("not_assigned", "reviewer", "a reviewer who was asked about this case", reviewer_id)


def _remember(draft: Draft, given: ReviewGiven, event: rows.Event) -> None:
    verdict = rows.Verdict(
        id=draft.app.new_id(),
        case_id=draft.case.id,
        reviewer_id=given.reviewer,
        event_ref=event.id,
        place=len(draft.dossier.verdicts) + 1,
        verdict=given.verdict,
        hours=given.hours.model_dump() if given.hours else None,
        scores={name: score for name, score in given.scores.model_dump().items() if score is not None},
        motivation=given.motivation,
        given_at=draft.now,
    )
    draft.keep("verdicts", verdict)
    assignment = next(one for one in draft.dossier.assignments if one.reviewer_id == given.reviewer)
    state = rows.RECUSED if given.verdict == "recuse" else rows.ANSWERED
    draft.keep("assignments", replace(assignment, state=state))
