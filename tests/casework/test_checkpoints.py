"""One checkpoint a local day, by whoever looks first, as long as nobody plays."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from structlog.testing import capture_logs

from pipeline.casework import checkpoints
from pipeline.casework.checkpoints import Daily
from pipeline.cli.examinations import examine
from pipeline.domain import checkpoints as documents
from pipeline.errors import SettingsError
from pipeline.store import rows, schema, tables
from pipeline.store.reading import all_of
from pipeline.wiring import App
from tests.casework.events import admitted, event, take_in
from tests.stages import System, system

SEED = base64.b64encode(bytes(range(32))).decode()


def made(app: App) -> list[documents.Document]:
    with app.database.reading() as connection:
        found = all_of(connection, rows.Checkpoint, order=[tables.checkpoints.c.place])
    return [documents.read(one.document) for one in found]


def run_on(home: System) -> None:
    home.app.clock.set(None, hold=timedelta())


@pytest.fixture
def running(home: System) -> System:
    admitted(home)
    run_on(home)
    settings = home.app.settings.model_copy(update={"journal_key": SEED})
    return replace(home, app=replace(home.app, settings=settings))


def test_first_look_of_a_day_makes_its_checkpoint(running: System) -> None:
    for _ in range(3):
        Daily(running.app).look()  # as any number of wakers do
    assert [(one.place, one.day.isoformat(), one.former) for one in made(running.app)] == [
        (1, "2026-10-06", None)
    ]


def test_next_day_tells_only_of_chains_that_grew(running: System) -> None:
    daily = Daily(running.app)
    daily.look()
    running.clock.tick(86_400)
    take_in(running, event("act-02", {"provider_kvk": "90000102"}, time="2026-10-07T08:00:00+02:00"))
    daily.look()
    first, second = made(running.app)
    assert (len(first.heads), len(second.heads)) == (1, 1)
    assert set(first.heads).isdisjoint(second.heads)
    assert second.former is not None


def test_nothing_is_signed_while_somebody_plays(home: System) -> None:
    admitted(home)
    Daily(home.app).look()
    assert made(home.app) == []


def test_home_on_a_server_without_a_key_makes_none_and_says_so(tmp_path: Path, postgres_url: str) -> None:
    server = system(tmp_path, PIPELINE_DATABASE_URL=postgres_url)
    server.app.clock.make(server.clock.now())
    run_on(server)
    with capture_logs() as logs:
        daily = Daily(server.app)
        daily.look()
        daily.look()
    assert [log["event"] for log in logs] == ["checkpoint_not_made"]
    with pytest.raises(SettingsError, match="PIPELINE_JOURNAL_KEY"):
        checkpoints.make(server.app)
    stamp(server.app)
    assert findings(server.app)[0]["verdict"] == "warning"
    server.app.database.close()


def stamp(app: App) -> None:
    """Let a database that was made without migrations count as current."""
    with app.database.writing() as connection:
        command.stamp(schema._config(connection), "head")


def findings(app: App) -> list[dict[str, Any]]:
    return [vars(one) for one in examine(app) if one.part == "journal"]


def test_doctor_tells_of_the_last_checkpoint_and_of_a_late_one(
    running: System,
) -> None:
    stamp(running.app)
    assert [one["found"] for one in findings(running.app)] == ["no checkpoint yet"]
    checkpoints.make(running.app)
    assert [one["verdict"] for one in findings(running.app)] == ["ok"]
    running.clock.tick(4 * 86_400)
    assert [one["verdict"] for one in findings(running.app)] == ["warning"]


def test_doctor_on_a_machine_without_the_key_tells_what_the_waker_signed(running: System) -> None:
    stamp(running.app)
    checkpoints.make(running.app)
    without = running.app.settings.model_copy(update={"journal_key": None})
    assert [one["verdict"] for one in findings(replace(running.app, settings=without))] == ["ok"]
