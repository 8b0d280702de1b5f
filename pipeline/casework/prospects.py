"""The open cases as a forecast sees them: what each waits for, and who will be free for it when."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Final, NamedTuple

from pipeline.casework import around, dossier, effects, experience, judging
from pipeline.casework.draft import Draft
from pipeline.contract import AMSTERDAM, received_on
from pipeline.domain import reminders, terms
from pipeline.domain.calendar_files import REGIONS
from pipeline.domain.eligibility import Waiting
from pipeline.domain.forecast import NEVER, Forecaster, Open, Work
from pipeline.domain.lifecycle import OPEN, Kind, State
from pipeline.domain.reminders import Watched
from pipeline.domain.seats import Seat, Seats
from pipeline.domain.workdays import Leave, WorkDays
from pipeline.errors import CalendarEnds
from pipeline.store import rows, tables
from pipeline.store.reading import all_of
from pipeline.wiring import App

BY_HAND: Final = (State.ESCALATED, State.TO_SIGN)  # a named human decides or signs
BY: Final = "forecast"


class Prospect(NamedTuple):
    """One open case, and as the forecast sees it."""

    draft: Draft
    open: Open


@dataclass(frozen=True)
class Seen:
    """All that a forecast is made of, as it was at one moment."""

    app: App
    today: date
    prospects: Sequence[Prospect]
    waiting: Mapping[str, Waiting]
    seats: Seats
    forecaster: Forecaster
    reminded: experience.Reminded


def look(app: App) -> Seen:
    """Return how things stand now; cases by number."""
    now = app.clock.now()
    today, closed, reminded = received_on(now), _closed(app), _reminded(app)
    window = timedelta(days=app.policy.judging.capacity_window_days)
    with app.database.reading() as connection:
        cases = all_of(connection, rows.Case, tables.cases.c.state.in_(OPEN), order=[tables.cases.c.number])
        drafts = [Draft(app, one, now, BY) for one in dossier.read_many(connection, cases)] if cases else []
        beside = around.look(connection, drafts, today - timedelta(days=app.policy.assigning.provider_days))
        known = [around.known_of(one, 0) for one in around.in_reach(connection)]
        seats = Seats(known, around.asked_of(connection, today - window), window, today, app.policy.assigning)
        history = experience.history(connection, today, closed, reminded)
    waiting = {draft.case.id: around.waiting_of(draft, beside) for draft in drafts}
    taken = seats.settle(_lacking(drafts, waiting, today))
    prospects = [
        Prospect(
            draft, _open(draft, taken.get(draft.case.id, []), _next_seat(seats, waiting, draft), reminded)
        )
        for draft in drafts
        if draft.case.due_on is not None
    ]
    forecaster = Forecaster(today, history, WorkDays(today, closed))
    return Seen(app, today, prospects, waiting, seats, forecaster, reminded)


def _closed(app: App) -> Callable[[date], float]:
    """Return what says in which share of the three regions schools are closed; none where it is not known."""

    @cache
    def closed(day: date) -> float:
        try:
            return sum(app.calendar.school_holiday(day, one) is not None for one in REGIONS) / len(REGIONS)
        except CalendarEnds:
            return 0.0

    return closed


def _reminded(app: App) -> experience.Reminded:
    """Return what says when a reviewer is first reminded, as the ladder of today has it."""

    @cache
    def reminded(kind: Kind, asked_on: date, review_by: date) -> date | None:
        since = reminders.start_of_next_day(asked_on)
        watched = Watched("review", review_by, since)
        try:
            found = reminders.rings(kind, [watched], app.policy, app.calendar, since)
        except CalendarEnds:
            return None
        first = next((ring for ring in found if ring.to == "reviewer"), None)
        return first.at.astimezone(AMSTERDAM).date() if first else None

    return reminded


def _lacking(
    drafts: Sequence[Draft], waiting: Mapping[str, Waiting], today: date
) -> Iterator[tuple[date, Waiting]]:
    """Yield the cases that lack reviewers, each with the day from which they can be asked."""
    for draft in drafts:
        if draft.case.state not in BY_HAND and judging.open_places(draft) > 0:
            request = effects.open_request(draft)
            since = max(today, request.answer_by) if request and request.asked_on else today
            yield since, waiting[draft.case.id]


def _next_seat(seats: Seats, waiting: Mapping[str, Waiting], draft: Draft) -> date:
    """Return from when one more reviewer than those asked is free."""
    return seats.soonest(waiting[draft.case.id]) or NEVER


def _open(draft: Draft, seats: Sequence[Seat], next_seat: date, reminded: experience.Reminded) -> Open:
    """Return a case as the forecast sees it."""
    case = draft.case
    assert case.due_on is not None  # asked by the caller
    if case.state in BY_HAND:
        return Open(case.number, case.due_on, decides_since=_by_hand_since(draft))
    needed, given = judging.needed(draft), len(judging.counted(draft))
    return Open(
        case.number,
        case.due_on,
        (*_asked_now(draft, reminded), *_to_be_asked(draft, seats, reminded)),
        may_differ=needed > 1 and given < needed,
        may_stay_undecided=needed > 1 and given >= needed,
        next_seat=next_seat,
    )


def _by_hand_since(draft: Draft) -> date:
    """Return since when the commission has to decide, or somebody to sign."""
    opened = [one.opened_at for one in draft.dossier.tasks if one.kind in ("escalated", "sign_off")]
    return received_on(max(opened, default=draft.now))


def _asked_now(draft: Draft, reminded: experience.Reminded) -> Iterator[Work]:
    """Yield the reviews that somebody was asked for and has not given."""
    for one in draft.dossier.assignments:
        if one.state == rows.ASKED:
            reviewer = draft.dossier.reviewers[one.reviewer_id]
            away = leave(reviewer.away_from, reviewer.away_until)
            first = reminded(draft.case.kind, one.asked_on, one.review_by)
            yield Work(one.asked_on, one.reviewer_id, away, first)


def _to_be_asked(draft: Draft, seats: Sequence[Seat], reminded: experience.Reminded) -> Iterator[Work]:
    """Yield the reviews that nobody was asked for yet; where nobody is in sight they never will be."""
    for seat in seats:
        yield work_of(draft, seat, reminded)
    if not seats and judging.open_places(draft) > 0:
        yield Work(NEVER)


def work_of(draft: Draft, seat: Seat, reminded: experience.Reminded) -> Work:
    """Return the review of somebody who will be asked."""
    due, days = draft.case.due_on, getattr(draft.policy.judging.review_days, draft.case.kind.value)
    assert due is not None  # it waits for reviewers
    away = leave(seat.reviewer.away_from, seat.reviewer.away_until)
    try:
        review_by = terms.review_by(seat.day, days, due, draft.app.calendar)
    except CalendarEnds:
        return Work(seat.day, seat.reviewer.id, away)
    return Work(seat.day, seat.reviewer.id, away, reminded(draft.case.kind, seat.day, review_by))


def leave(since: date | None, until: date | None) -> Leave | None:
    """Return the first and last day of a leave; an end that is not known lies far away."""
    return None if since is None and until is None else (since or date.min, until or date.max)
