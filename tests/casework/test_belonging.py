"""A program works on the schema and under the rules that it knows, or not at all."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any, Final, cast

import pytest
from sqlalchemy import text

from pipeline import waker
from pipeline.casework.belonging import Allegiance, belongs, check, check_unless_away
from pipeline.errors import HomeError, SettingsError, Unreachable
from pipeline.store import schema
from pipeline.wiring import App
from tests.casework.events import admitted
from tests.stages import System

NOBODY: Final = cast(Any, None)  # who watches looks at neither broker nor worker


def of_another_release(app: App) -> None:
    with app.database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))


def under_other_rules(home: System) -> App:
    """Change the rules that cases were received under, and keep their version."""
    admitted(home)
    rules = home.app.policy
    intake = rules.intake.model_copy(update={"behind_days": rules.intake.behind_days + 1})
    return replace(home.app, policy=rules.model_copy(update={"intake": intake}))


def test_release_that_the_database_knows_goes_on(home: System) -> None:
    admitted(home)
    check(home.app)
    assert belongs(home.app)


def test_schema_of_another_release_is_left_alone(home: System) -> None:
    of_another_release(home.app)
    with pytest.raises(HomeError, match="newer release"):
        check_unless_away(home.app)
    assert not belongs(home.app)


def test_rules_that_changed_and_kept_their_version_are_not_worked_under(home: System) -> None:
    other = under_other_rules(home)
    with pytest.raises(SettingsError, match="a version of their own"):
        check_unless_away(other)
    assert not belongs(other)


def test_database_that_is_away_is_waited_for(home: System, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(database: object) -> None:
        raise Unreachable("The database does not answer.")

    monkeypatch.setattr(schema, "require_current", away)
    check_unless_away(home.app)
    assert belongs(home.app)


def test_worker_is_asked_to_end_once_the_schema_is_moved(home: System) -> None:
    asked = threading.Event()
    watch = Allegiance(lambda: home.app, ask_to_end=asked.set, look_seconds=0.01)
    watch.after_worker_boot(NOBODY, NOBODY)
    of_another_release(home.app)
    assert asked.wait(60)


def test_worker_that_ends_looks_no_more(home: System) -> None:
    looks = threading.Semaphore(0)

    def ours() -> App:
        looks.release()
        return home.app

    watch = Allegiance(ours, ask_to_end=lambda: pytest.fail("nothing is wrong"), look_seconds=0.01)
    watch.after_worker_boot(NOBODY, NOBODY)
    assert looks.acquire(timeout=60)
    watch.before_worker_shutdown(NOBODY, NOBODY)
    for watching in [thread for thread in threading.enumerate() if thread.name == "allegiance"]:
        watching.join(60)
        assert not watching.is_alive()


def test_waker_ends_once_the_schema_is_moved(home: System, monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()
    monkeypatch.setattr(waker, "look", lambda app, connection: of_another_release(app))
    monkeypatch.setattr(stop, "wait", lambda seconds: None)
    with pytest.raises(HomeError, match="newer release"):
        waker.run(home.app, NOBODY, stop)
