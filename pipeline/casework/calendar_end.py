"""The owner of the calendar is warned in time that it runs out, once, and again when it was mended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from pipeline.casework.posting import new_task, post, whom
from pipeline.contract import received_on
from pipeline.domain.calendar_files import Covers
from pipeline.mail import dutch
from pipeline.store import rows, tables
from pipeline.store.reading import one_of
from pipeline.store.unit import Change, new
from pipeline.wiring import App

KEY: Final = "calendar:home"
NAMES: Final[Mapping[Covers, str]] = {"public": "feestdagen", "school": "schoolvakanties"}


def days_left(app: App, today: date) -> int:
    """Return for how many days from today on the calendar is known without a gap; less than 0 if today is not."""
    last = app.calendar.known_until(today)
    return -1 if last is None else (last - today).days


def is_running_out(app: App, today: date) -> bool:
    """Say whether it is time to add to the calendar."""
    return days_left(app, today) < app.policy.calendar.warn_days


class Watching:
    """Looks once a day, from when the process starts, how long the calendar lasts."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._done: date | None = None

    def look(self) -> None:
        """Give the owner the task when the calendar runs out, and take it away when it no longer does.

        Raises:
            Stale: somebody else did at this moment; look again.
            Unreachable: the database does not answer; look again.
        """
        today = received_on(self._app.clock.now())
        if self._app.clock.is_held() or self._done == today:
            return
        task, runs_out = _open_task(self._app), is_running_out(self._app, today)
        if runs_out and task is None:
            _warn(self._app, today)
        elif task is not None and not runs_out:
            _close(self._app, task)
        self._done = today


def _open_task(app: App) -> rows.Task | None:
    table = tables.tasks
    with app.database.reading() as connection:
        return one_of(connection, rows.Task, table.c.key == KEY, table.c.closed_at.is_(None))


def _warn(app: App, today: date) -> None:
    now, person = app.clock.now(), whom(app, "calendar")
    task = new_task(app, now, "calendar", KEY, _detail(app, today), case_id=None)
    facts = {"owner": {"name": person.name}, "task": task.kind, "detail": task.detail}
    posted = post(app, now, "task_waiting", facts, to=person.email, task_id=task.id)
    app.unit.write([new(task), *posted.ops])  # of two at once, the key lets one
    app.ring("dispatch", posted.letter.id)


def _close(app: App, task: rows.Task) -> None:
    values = {"closed_at": app.clock.now(), "key": f"{KEY}:{task.id}"}
    app.unit.write([Change(tables.tasks, {"id": task.id, "closed_at": None}, values)])


def _detail(app: App, today: date) -> str:
    """Return what the owner needs to know, in the language of the letters."""
    return " ".join(_known(app, covers, name, today) for covers, name in NAMES.items())


def _known(app: App, covers: Covers, name: str, today: date) -> str:
    last = next((last for first, last in app.calendar.spans(covers) if first <= today <= last), None)
    if last is None:
        return f"De {name} van nu zijn niet bekend."
    return f"De {name} zijn bekend tot en met {dutch.day(last)}."
