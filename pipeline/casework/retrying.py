"""What was parked is taken up again, once somebody says that what kept it from going on is gone."""

from __future__ import annotations

from pipeline.casework import effects, walk
from pipeline.casework.draft import Draft
from pipeline.casework.posting import first_ring
from pipeline.store import rows, tables
from pipeline.store.reading import by_id, one_of
from pipeline.store.unit import Change, HomeNote, Op, ringing_again
from pipeline.wiring import App


def take_up_case(app: App, case_id: str, by: str) -> None:
    """Ring again for the step of a parked case, as if for the first time.

    Raises:
        Stale: it kept changing.
    """

    def take_up(draft: Draft) -> None:
        if draft.case.parked_at is None:
            return
        draft.note("taken_up", step=draft.case.step)
        draft.set(parked_at=None, **ringing_again(first_ring(app)))
        effects.close_tasks(draft, "parked")
        draft.hint(draft.case.step or walk.REMIND, draft.case.id)

    walk.advance(app, case_id, by, take_up)


def take_up_event(app: App, event_id: str, by: str) -> None:
    """Ring again for a parked event.

    Raises:
        Stale: it is parked no more.
    """
    now, parked = app.clock.now(), tables.events.c.parked_at.is_not(None)
    with app.database.reading() as connection:
        if one_of(connection, rows.Event, tables.events.c.id == event_id, parked) is None:
            return
    values = {"parked_at": None, **ringing_again(first_ring(app))}
    note = HomeNote(now, "taken_up", by, {"event": event_id}, app.new_id())
    closed = _closed(app, f"parked:{event_id}")
    app.unit.write([Change(tables.events, {"id": event_id, "state": "stored"}, values), *closed, note])
    app.ring("take_in", event_id)


def take_up_letter(app: App, letter_id: str, by: str) -> None:
    """Send a letter after all whose attempts ended their process before the server had it: the same bytes.

    Raises:
        Stale: it, or its case, kept changing.
    """
    with app.database.reading() as connection:
        letter = by_id(connection, rows.Letter, letter_id)
    if letter is None or letter.state != rows.FAILED:
        return
    values = {"state": rows.QUEUED, "token": None, **ringing_again(first_ring(app))}
    queued = Change(tables.letters, {"id": letter.id, "state": rows.FAILED}, values)
    if letter.case_id is None:
        note = HomeNote(app.clock.now(), "taken_up", by, {"letter": letter.id}, app.new_id())
        app.unit.write([queued, *_closed(app, f"unmailable:{letter.id}"), note])
        app.ring("dispatch", letter.id)
        return

    def take_up(draft: Draft) -> None:
        draft.op(queued)
        draft.note("taken_up", letter=letter.id)
        effects.close_tasks_of(draft, letter)
        draft.hint("dispatch", letter.id)

    walk.advance(app, letter.case_id, by, take_up)


def _closed(app: App, key: str) -> list[Op]:
    """Return what closes a task about no case; the longer key makes room for a later one."""
    with app.database.reading() as connection:
        task = one_of(connection, rows.Task, tables.tasks.c.key == key, tables.tasks.c.closed_at.is_(None))
    if task is None:
        return []
    values = {"closed_at": app.clock.now(), "key": f"{key}:{task.id}"}
    return [Change(tables.tasks, {"id": task.id}, values)]
