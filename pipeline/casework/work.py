"""The work on a case, an event or a letter begun, with how each of them is parked."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select

from pipeline.casework import dispatching, parking, starting, walk
from pipeline.casework.draft import Draft
from pipeline.casework.starting import Work
from pipeline.store import tables
from pipeline.wiring import App


def on_case(app: App, case_id: str, again: str, do: Callable[[], None]) -> None:
    """Do what is pending of a case; see ``starting.run``."""
    ways = (
        lambda error: _park_case(app, case_id, error),
        lambda error: parking.park_in_short(app, case_id, error, told=True),
        lambda error: parking.park_in_short(app, case_id, error, told=False),
    )
    most = app.policy.machinery.attempts_before_parked
    starting.run(app, Work(tables.cases, case_id, do, most, ways), again)


def _park_case(app: App, case_id: str, error: str) -> None:
    """Park a case; of one that is parked the reminders are what cannot be done."""
    table = tables.cases
    with app.database.reading() as connection:
        parked_at = connection.execute(select(table.c.parked_at).where(table.c.id == case_id)).scalar_one()
    if parked_at is not None:
        parking.silence(app, case_id)
        return

    def park(draft: Draft) -> None:
        if draft.case.parked_at is None and draft.case.retry_at is not None:
            parking.park(draft, error)

    walk.advance(app, case_id, parking.BY, park)


def on_event(app: App, event_id: str, again: str, do: Callable[[], None]) -> None:
    """Take in a stored event; see ``starting.run``."""
    ways = (
        lambda error: parking.park_event(app, event_id, error),
        lambda error: parking.park_event(app, event_id, error, told=False),
    )
    most = app.policy.machinery.attempts_before_parked
    starting.run(app, Work(tables.events, event_id, do, most, ways), again)


def on_letter(app: App, letter_id: str, again: str, do: Callable[[], None]) -> None:
    """Send a letter that waits; see ``starting.run``. One that cannot be begun has failed."""
    ways = (
        lambda error: dispatching.give_up(app, letter_id, error),
        lambda error: _park_letter(app, letter_id, error),
    )
    most = app.policy.machinery.letter_tries_before_failed
    starting.run(app, Work(tables.letters, letter_id, do, most, ways), again)


def _park_letter(app: App, letter_id: str, error: str) -> None:
    letter = dispatching.read(app, letter_id)
    if letter is not None and letter.retry_at is not None:
        parking.park_letter(app, letter, error)
