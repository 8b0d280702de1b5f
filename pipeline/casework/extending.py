"""A later end of a term: told to the provider, with its reason, before the former end."""

from __future__ import annotations

from datetime import date

from pipeline.casework import moving, projection, walk
from pipeline.casework.draft import Draft
from pipeline.domain import extending, lifecycle
from pipeline.domain.lifecycle import Event
from pipeline.errors import UsageError
from pipeline.store.reading import case_by_number
from pipeline.wiring import App


def extend(app: App, number: str, to: date, reason: str, by: str) -> None:
    """Extend the term of a case.

    Args:
        to: the new last day; a local date.
        reason: in Dutch, for the provider.
        by: the name of whoever extends it, for the journal.

    Raises:
        NotFound: no case has this number.
        UsageError: it is too late, too long or too often, or the case waits for no decision; says what to do.
        CalendarEnds: the calendar does not know that day.
    """
    with app.database.reading() as connection:
        case = case_by_number(connection, number)
    walk.advance(app, case.id, by, lambda draft: _extend(draft, to, reason))


def _extend(draft: Draft, to: date, reason: str) -> None:
    walk.bring_up_to_date(draft)
    case, limits = draft.case, draft.policy.terms.extending
    if Event.EXTENDED not in lifecycle.events(case.kind, case.state):
        raise UsageError(f"Case {case.number} is {case.state}: there is no decision left to put off.")
    ledger = projection.ledger(draft)
    found = extending.fault(case.kind, ledger, to, draft.today, limits, draft.app.calendar)
    if found is not None:
        raise UsageError(f"Case {case.number}: {found}")
    moving.take(draft, Event.EXTENDED, to=to, reason=reason, former_due_on=case.due_on)
