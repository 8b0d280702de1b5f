"""Reviewers who were reminded and stayed silent: after a while somebody else is asked, if there is anybody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from pipeline.casework import around
from pipeline.casework.draft import Draft
from pipeline.contract import AMSTERDAM
from pipeline.domain.lifecycle import State
from pipeline.errors import CalendarEnds
from pipeline.store import rows


def since(draft: Draft) -> datetime | None:
    """Return from when somebody is waited for no longer whose time has come; None where there is nobody."""
    return min((at for at, _ in _silent(draft)), default=None)


def replaceable(draft: Draft) -> list[str]:
    """Return who stayed silent, the longest first, and for whom there is somebody else who can be asked now."""
    silent = [one.reviewer_id for _, one in _silent(draft)]
    with draft.app.database.reading() as connection:
        seen = around.see(connection, draft.app, [draft], draft.today)
    panel = seen.panel()
    return silent[: panel.able(seen.cases[0]).bit_count()]


def moments(draft: Draft) -> Iterator[datetime]:
    """Yield when those who were asked and have not answered are waited for no longer; some may be past."""
    for at, _ in _ends(draft):
        yield at


def _silent(draft: Draft) -> list[tuple[datetime, rows.Assignment]]:
    return sorted(
        ((at, one) for at, one in _ends(draft) if at <= draft.now), key=lambda end: (end[0], end[1].place)
    )


def _ends(draft: Draft) -> Iterator[tuple[datetime, rows.Assignment]]:
    """Yield until when each review is waited for that somebody owes."""
    if draft.case.state is not State.IN_REVIEW:
        return
    for one in draft.dossier.assignments:
        if one.state == rows.ASKED and (at := _until(draft, one)) is not None:
            yield at, one


def _until(draft: Draft, asked: rows.Assignment) -> datetime | None:
    """Return until when a review is waited for: the opening of the office on a working day; None for ever."""
    days = draft.app.policy.assigning.silent_days
    if days is None:
        return None
    try:
        day = draft.app.calendar.rolled_over(asked.review_by + timedelta(days=days + 1))
    except CalendarEnds:
        return None
    return datetime.combine(day, draft.policy.reminders.hour, AMSTERDAM)
