"""When a case is due and when it is looked at again: both follow from the ledger, and are set only here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import cast

from pipeline.casework import effects, silence
from pipeline.casework.dossier import Dossier
from pipeline.casework.draft import Draft
from pipeline.contract import AMSTERDAM
from pipeline.domain import reminders, terms
from pipeline.domain.admissions import Standing as Admission
from pipeline.domain.calendar import Calendar
from pipeline.domain.lifecycle import Result, State
from pipeline.domain.policy import Policy, Region, Reminders
from pipeline.domain.registrations import Status
from pipeline.domain.reminders import DIGEST, Due, Ring, Rung, Watched
from pipeline.store import rows


def ledger(draft: Draft) -> terms.Ledger:
    """Return what the term of the case is made of."""
    return ledger_of(draft.dossier, draft.policy)


def ledger_of(known: Dossier, policy: Policy) -> terms.Ledger:
    """Return what the term of a case is made of, under the rules of its receipt."""
    case = known.case
    opened = terms.opened(case.kind, case.received_on, policy.terms)
    return replace(
        opened,
        region=cast(Region, case.region) if case.region else opened.region,
        pauses=tuple(
            terms.Pause(request.asked_on, request.answer_by, request.answered_on)
            for request in known.requests
            if request.asked_on is not None
        ),
        extensions=tuple(terms.Extension(one.until, one.reason) for one in known.extensions),
        set_aside=_set_aside(known, policy),
    )


def _set_aside(known: Dossier, policy: Policy) -> terms.SetAside | None:
    """Return by when it is to be sent that a case is set aside, of one that is."""
    case = known.case
    if case.state not in (State.DECIDED, State.CLOSED) or case.result is not Result.SET_ASIDE:
        return None
    return terms.SetAside(known.requests[-1].answer_by, policy.completeness.set_aside_days)


def term(draft: Draft) -> None:
    """Set the date by which the case is to be decided."""
    if draft.case.state is not State.CLOSED:
        calendar = draft.app.calendar
        draft.set(due_on=terms.due_on(ledger(draft), calendar), calendar_digest=calendar.digest)


def project(draft: Draft) -> None:
    """Set when the case is to be looked at again, by the home's clock."""
    moments = [] if is_silent(draft) else list(_moments(draft))
    draft.set(wake_at=min(moments, default=None))


def is_silent(draft: Draft) -> bool:
    """Say whether not even the reminders of a parked case are tried: it is they that fail."""
    case, silent = draft.case, draft.app.policy.machinery.attempts_before_silent
    return case.parked_at is not None and (case.step in (None, "remind") or case.attempts >= silent)


def _moments(draft: Draft) -> Iterator[datetime]:
    following = reminders.next_at(*_looked_at(draft))
    if following is not None:
        yield following
    if draft.case.step == "assign_reviewers" and draft.case.retry_at is None:
        yield next_morning(draft)
    for moment in silence.moments(draft):
        yield moment if moment > draft.now else next_morning(draft)


def due(draft: Draft) -> Due:
    """Return what of the reminders of this case is to ring now, and what not any more."""
    return reminders.due(*_looked_at(draft))


def _looked_at(
    draft: Draft,
) -> tuple[tuple[Ring, ...], datetime, set[Rung], Reminders, Calendar, date | None]:
    """Return what is due, and when, is a function of; the last digest is asked for where one is due."""
    known, claimed = rings(draft), rung(draft)
    is_digest_due = any(ring.letter == DIGEST for ring in reminders.passed(known, draft.now, claimed))
    digest_on = draft.digest_on if is_digest_due else None
    return known, draft.now, claimed, draft.policy.reminders, draft.app.calendar, digest_on


def passed(draft: Draft) -> list[Ring]:
    """Return whose moment has come in silence; nobody is written to where a step follows."""
    return [ring for ring in reminders.passed(rings(draft), draft.now, rung(draft)) if ring.letter]


def rings(draft: Draft) -> tuple[reminders.Ring, ...]:
    """Return the reminders of this case, dealt with or not."""
    until = draft.now + timedelta(days=2 * draft.policy.reminders.late_every_days)
    return reminders.rings(draft.case.kind, watched(draft), draft.policy, draft.app.calendar, until)


def rung(draft: Draft) -> set[Rung]:
    """Return which reminders were dealt with."""
    return {(one.key, one.day, one.reviewer or None) for one in draft.dossier.rungs}


def watched(draft: Draft) -> Iterator[Watched]:
    """Return the deadlines that the case now has, with the days that count for them."""
    for one in deadlines(draft):
        yield replace(one, uncounted=_uncounted(draft)) if one.deadline == "decision" else one


def deadlines(draft: Draft) -> Iterator[Watched]:
    """Return the deadlines that the case now has."""
    case = draft.case
    if case.due_on is not None and case.state is not State.CLOSED:
        yield Watched("decision", case.due_on, case.received_at)
    request = effects.open_request(draft)
    if case.state is State.INCOMPLETE and request is not None and request.asked_on is not None:
        asked = datetime.combine(request.asked_on, time.max, AMSTERDAM)
        yield Watched("answer", request.answer_by, asked)
    if case.state is State.IN_REVIEW:
        for assignment in draft.dossier.assignments:
            if assignment.state == rows.ASKED:
                yield Watched("review", assignment.review_by, assignment.asked_at, assignment.reviewer_id)
    version = draft.dossier.registration
    if version is not None and version.case_id == case.id and version.state == Status.VALID:
        yield from _validity(version)
    yield from _admission(draft)


def _admission(draft: Draft) -> Iterator[Watched]:
    """Watch the last day of the admission that this case brought; what renewed it has a case of its own."""
    provider, case = draft.dossier.provider, draft.case
    is_ours = provider.admitted_by == case.id and provider.standing != Admission.WITHDRAWN
    if is_ours and provider.admitted_until is not None and case.decided_on is not None:
        since = datetime.combine(case.decided_on, time(), AMSTERDAM)
        yield Watched("admission", provider.admitted_until, since)


def _validity(version: rows.Registration) -> Iterator[Watched]:
    """Watch the last day of what was granted, where it has one; what replaced it has a case of its own to watch it."""
    if version.valid_until is not None and version.valid_from is not None:
        since = datetime.combine(version.valid_from, time(), AMSTERDAM)
        yield Watched("validity", version.valid_until, since)


def _uncounted(draft: Draft) -> frozenset[date]:
    """Return the days that do not count for the term; to send that a case is set aside each does."""
    made_of = ledger(draft)
    if made_of.set_aside is not None:
        return frozenset()
    days = terms.explain(made_of, draft.app.calendar)
    return frozenset(day.day for day in days if day.ground in ("paused", "school_holiday"))


def next_morning(draft: Draft) -> datetime:
    """Return when the office opens next, for what is looked at again in the morning."""
    day = draft.app.calendar.rolled_over(draft.today + timedelta(days=1))
    return datetime.combine(day, draft.policy.reminders.hour, AMSTERDAM)
