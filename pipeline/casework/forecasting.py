"""Which open cases will likely miss their term, why, and what would cost least to put it right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, select

from pipeline.casework import assignment, dossier, judging, projection, providers
from pipeline.casework.draft import Draft
from pipeline.contract import received_on
from pipeline.domain import assignment as rules
from pipeline.domain import extending, forecast
from pipeline.domain.forecast import (
    DECISION_PRIOR,
    LIKELY,
    REVIEW_PRIOR,
    Durations,
    Forecaster,
    History,
    Open,
    Work,
)
from pipeline.domain.lifecycle import Event, State
from pipeline.domain.seats import Seats
from pipeline.errors import CalendarEnds
from pipeline.store import rows, tables
from pipeline.store.reading import all_of
from pipeline.wiring import App

WATCHED = (State.RECEIVED, State.INCOMPLETE, State.COMPLETE, State.IN_REVIEW, State.ESCALATED)
BY = "forecast"


@dataclass(frozen=True)
class Seen:
    """All that a forecast is made of, as it was at one moment."""

    app: App
    today: date
    drafts: list[Draft]
    waiting: Mapping[str, rules.Waiting]
    seats: Seats
    forecaster: Forecaster


def forecasts(app: App) -> list[dict[str, Any]]:
    """Return every open case that still has a decision ahead, with its chance to miss the term; the likeliest first."""
    seen = _look(app)
    found = [_forecast(seen, draft) for draft in seen.drafts if draft.case.due_on is not None]
    return sorted(found, key=lambda one: (-one["chance_late"], one["due_on"], one["case"]))


def chances(app: App) -> dict[str, float]:
    """Return for each open case its chance to miss the term."""
    seen = _look(app)
    return {
        draft.case.number: 1 - seen.forecaster.chance(_open(seen, draft))
        for draft in seen.drafts
        if draft.case.due_on
    }


def _look(app: App) -> Seen:
    now = app.clock.now()
    today, window = received_on(now), app.policy.judging.capacity_window_days
    with app.database.reading() as connection:
        cases = all_of(
            connection, rows.Case, tables.cases.c.state.in_(WATCHED), order=[tables.cases.c.number]
        )
        drafts = [Draft(app, one, now, BY) for one in dossier.read_many(connection, cases)] if cases else []
        kvks = providers.numbers_of_each(connection, [draft.case.provider_id for draft in drafts])
        active = all_of(connection, rows.Reviewer, tables.reviewers.c.active, order=[tables.reviewers.c.id])
        known = [assignment.known_of(one, 0) for one in assignment.in_reach(connection, active)]
        asked = _asked(connection, today - timedelta(days=window))
        forecaster = Forecaster(today, _history(app, connection, today), lambda day: _is_quiet(app, day))
    waiting = {draft.case.id: assignment.waiting_of(draft, kvks[draft.case.provider_id]) for draft in drafts}
    return Seen(app, today, drafts, waiting, Seats(known, asked, timedelta(days=window), today), forecaster)


def _asked(connection: Connection, since: date) -> dict[str, list[date]]:
    table = tables.assignments
    counted = table.c.state.not_in((rows.RECUSED, rows.RELEASED))
    query = select(table.c.reviewer_id, table.c.asked_on).where(table.c.asked_on > since, counted)
    found: dict[str, list[date]] = defaultdict(list)
    for reviewer, day in connection.execute(query):
        found[reviewer].append(day)
    return found


def _is_quiet(app: App, day: date) -> bool:
    """Say whether schools are closed; a day that the calendar does not know counts as any."""
    try:
        return app.calendar.school_holiday(day, app.policy.terms.office_region) is not None
    except CalendarEnds:
        return False


def _history(app: App, connection: Connection, today: date) -> History:
    """Return what this home's own answers tell of how long reviews and the commission take."""
    given, asked = tables.verdicts, tables.assignments
    same = (asked.c.case_id == given.c.case_id) & (asked.c.reviewer_id == given.c.reviewer_id)
    query = (
        select(given.c.reviewer_id, asked.c.asked_on, given.c.given_at).join(asked, same).order_by(given.c.id)
    )
    plain = Forecaster(today, History(Durations((), ()), Durations((), ())), lambda day: _is_quiet(app, day))
    reviews = [(who, plain.days(since, received_on(at))) for who, since, at in connection.execute(query)]
    return History(
        Durations(tuple(days for _, days in reviews), REVIEW_PRIOR),
        Durations(_decisions(connection, plain), DECISION_PRIOR),
        forecast.paces(reviews),
        _differ(connection),
    )


def _decisions(connection: Connection, plain: Forecaster) -> tuple[float, ...]:
    table = tables.tasks
    query = select(table.c.opened_at, table.c.closed_at).where(
        table.c.kind == "escalated", table.c.closed_at.is_not(None)
    )
    spans = connection.execute(query.order_by(table.c.id)).all()
    return tuple(plain.days(received_on(opened), received_on(closed)) for opened, closed in spans)


def _differ(connection: Connection) -> float:
    """Return the share of decided cases in which reviewers did not agree at once."""
    table, cases = tables.journal, tables.cases
    differed = select(table.c.chain).where(table.c.event == Event.DISAGREED)
    reviewed = select(cases.c.id).where(cases.c.decided_on.is_not(None), cases.c.kind == "activity")
    known = set(connection.execute(reviewed).scalars())
    return forecast.share(len(known & set(connection.execute(differed).scalars())), len(known))


def _open(seen: Seen, draft: Draft) -> Open:
    """Return a case as the forecast sees it; one that waits for reviewers takes the seats that come free."""
    case, verdicts = draft.case, judging.counted(draft)
    assert case.due_on is not None  # asked by the callers
    if case.state is State.ESCALATED:
        tasks = [one.opened_at for one in draft.dossier.tasks if one.kind == "escalated"]
        return Open(case.number, case.due_on, decides_since=received_on(max(tasks)) if tasks else seen.today)
    seats = (
        [day for day, _ in seen.seats.take(seen.waiting[case.id])]
        if case.state is not State.INCOMPLETE
        else []
    )
    lacking = max(judging.open_places(draft), 0)
    seats += [seen.today] * (lacking - len(seats)) if case.state is State.INCOMPLETE else []
    work = [*_asked_now(draft), *(Work(day) for day in seats)]
    needed = judging.needed(draft)
    return Open(case.number, case.due_on, tuple(work), may_differ=needed > 1 and len(verdicts) < needed)


def _asked_now(draft: Draft) -> list[Work]:
    """Return the reviews that somebody was asked for and has not given."""
    found = []
    for one in draft.dossier.assignments:
        if one.state == rows.ASKED:
            reviewer = draft.dossier.reviewers[one.reviewer_id]
            found.append(Work(one.asked_on, one.reviewer_id, _leave(reviewer.away_from, reviewer.away_until)))
    return found


def _leave(since: date | None, until: date | None) -> tuple[date, date] | None:
    return None if since is None and until is None else (since or date.min, until or date.max)


def _forecast(seen: Seen, draft: Draft) -> dict[str, Any]:
    case, found = draft.case, _open(seen, draft)
    late = 1 - seen.forecaster.chance(found)
    told: dict[str, Any] = {
        "case": case.number,
        "kind": case.kind.value,
        "state": case.state.value,
        "due_on": found.due_on.isoformat(),
        "chance_late": round(late, 3),
        "is_likely_late": late >= LIKELY,
        "waits_for": [one.reviewer for one in found.work if one.reviewer],
        "repair": None,
    }
    return {**told, "repair": _repair(seen, draft, found)} if late >= LIKELY else told


def _repair(seen: Seen, draft: Draft, found: Open) -> dict[str, Any]:
    """Return what would cost least and help: a decision, another reviewer, or a later end."""
    if found.decides_since is not None:
        owner = seen.app.policy.tasks["escalated"].owner.name
        sentence = (
            f"Ask {owner} to decide by {found.due_on}: reviewers differ, and nothing else is waited for."
        )
        return {"do": "decide", "who": owner, "until": found.due_on.isoformat(), "sentence": sentence}
    return _reassign(seen, draft, found) or _extend(seen, draft, found)


def _reassign(seen: Seen, draft: Draft, found: Open) -> dict[str, Any] | None:
    """Return who could take the place of the slowest reviewer and be in time; None where that does not help."""
    slow = seen.forecaster.slowest(found)
    if slow is None or found.due_on <= seen.today:
        return None
    best: tuple[float, date, str] | None = None
    for day, reviewer in seen.seats.able(seen.waiting[draft.case.id])[:12]:
        other = Work(day, reviewer.id, _leave(reviewer.away_from, reviewer.away_until))
        chance = seen.forecaster.reassigned(found, slow, other)
        if chance > LIKELY and (best is None or chance > best[0]):
            best = chance, day, reviewer.id
    if best is None:
        return None
    chance, day, who = best
    sentence = (
        f"Let {slow.reviewer}, asked on {slow.since}, give it back (a verdict `recuse`): {who} may review it and is "
        f"free {'now' if day <= seen.today else f'from {day}'}; that makes it {chance:.0%} likely to be in time."
    )
    return {"do": "reassign", "who": who, "until": None, "sentence": sentence}


def _extend(seen: Seen, draft: Draft, found: Open) -> dict[str, Any]:
    """Return to which day the term is to be extended, or why it cannot."""
    sure = seen.forecaster.sure_by(found)
    if sure is None:
        sentence = "No day in the coming months is sure: look for another reviewer, or decide without."
        return {"do": "none", "who": None, "until": None, "sentence": sentence}
    calendar, limits = seen.app.calendar, draft.policy.terms.extending
    until = calendar.rolled_over(sure)
    fault = extending.fault(draft.case.kind, projection.ledger(draft), until, seen.today, limits, calendar)
    if fault is not None:
        return {
            "do": "none",
            "who": None,
            "until": until.isoformat(),
            "sentence": f"Likely decided by {until}. {fault}",
        }
    sentence = f"Extend the term to {until} and tell the provider: by then it is decided with a chance of nine in ten."
    return {"do": "extend", "who": None, "until": until.isoformat(), "sentence": sentence}
