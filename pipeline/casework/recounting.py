"""Terms are counted anew when the calendar has changed, and a date that was told and moves is told again."""

from __future__ import annotations

from datetime import date
from typing import Final

import structlog
from sqlalchemy import or_, select

from pipeline.casework import correspondence, effects, projection, walk
from pipeline.casework.draft import Draft
from pipeline.casework.posting import first_ring
from pipeline.contract import received_on
from pipeline.domain.lifecycle import State
from pipeline.errors import CalendarEnds, Stale
from pipeline.store import tables
from pipeline.store.unit import ringing_again
from pipeline.wiring import App

BY: Final = "calendar"
A_LOOK: Final = 50  # cases, so that what else the waker does need not wait
# A decision that is on its way says more than its last day; while we wait for the provider the date is open.
SILENT: Final = (State.INCOMPLETE, State.DECIDED)

_log = structlog.get_logger()


def recount(draft: Draft) -> None:
    """Count the term of a case with the calendar as it is; safe to call twice.

    What the end of the former calendar kept from being done is tried again.

    Raises:
        CalendarEnds: this one does not reach as far; the date is to stay as it was told.
    """
    case, digest = draft.case, draft.app.calendar.digest
    if case.state is State.CLOSED or case.calendar_digest == digest:
        return
    draft.set(calendar_digest=digest)
    if (case.last_error or "").startswith(CalendarEnds.__name__):
        _go_on(draft)
    if case.due_on is None:
        return
    projection.term(draft)
    if draft.case.due_on != case.due_on:
        draft.note("recounted", former_due_on=str(case.due_on), due_on=str(draft.case.due_on))
    _tell(draft, case.told_due_on or case.due_on)


def _go_on(draft: Draft) -> None:
    """Ring again for what the end of the calendar kept from being done, as if for the first time."""
    if draft.case.parked_at is not None:
        draft.note("taken_up", step=draft.case.step)
        effects.close_tasks(draft, "parked")
    draft.set(parked_at=None, **ringing_again(first_ring(draft.app)))
    draft.hint(draft.case.step or walk.REMIND, draft.case.id)


def _tell(draft: Draft, told: date) -> None:
    """Tell the provider the new date, where they were told another."""
    due_on = draft.case.due_on
    if due_on is None or due_on == told or draft.case.state in (*SILENT, State.RECEIVED):
        return
    facts = {"former_due_on": told, "is_past": due_on < draft.today}
    correspondence.to_provider(draft, "term_changed", facts)


class Recounting:
    """Looks once a day, from when the process starts, for cases whose term was counted with another calendar."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._after = ""  # the id of the last case that was seen to
        self._done: date | None = None

    def look(self) -> None:
        """See to some cases, until none is left today; nothing while somebody plays this home.

        Raises:
            Unreachable: the database does not answer; look again.
        """
        today = received_on(self._app.clock.now())
        if self._app.clock.is_held() or self._done == today:
            return
        cases = self._counted_otherwise()
        for case_id in cases:
            self._after = case_id
            try:
                walk.advance(self._app, case_id, BY, recount)
            except (CalendarEnds, Stale) as error:  # of which the second is done with by tomorrow
                _log.warning("not_recounted", case=case_id, error=str(error))
            except Exception:  # noqa: BLE001 -- whatever is wrong with one case, the others must not wait
                _log.exception("not_recounted", case=case_id)
        if len(cases) < A_LOOK:
            self._done, self._after = today, ""

    def _counted_otherwise(self) -> list[str]:
        case = tables.cases.c
        other = or_(case.calendar_digest.is_(None), case.calendar_digest != self._app.calendar.digest)
        query = select(case.id).where(case.id > self._after, case.state != State.CLOSED, other)
        with self._app.database.reading() as connection:
            return list(connection.execute(query.order_by(case.id).limit(A_LOOK)).scalars())
