"""The same on PostgreSQL as on SQLite, with no more rights than ``config/roles.sql`` gives."""

from __future__ import annotations

import base64
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import make_url, text

from pipeline import wiring
from pipeline.casework import checkpoints, erasing
from pipeline.casework.verifying import verify
from pipeline.cli.examinations import examine
from pipeline.errors import Unreachable
from pipeline.play import Season
from pipeline.settings import Settings
from pipeline.store import backup, schema
from pipeline.store.engines import Database
from pipeline.wiring import App
from tests.casework.conftest import import_reviewers
from tests.casework.test_hints import ended, script, untroubled
from tests.databases import databases
from tests.postgres import client
from tests.stages import ROOT, SetClock, System, system

ROLES: Final = ROOT / "config" / "roles.sql"
OWNER, RUNS = re.findall(r"CREATE ROLE (\w+) LOGIN", ROLES.read_text(encoding="utf-8"))
KEY: Final = base64.b64encode(bytes(range(32))).decode()


@pytest.fixture(scope="module")
def owned() -> Iterator[Database]:
    """A database made as the file says, as its owner has it."""
    passwords = {"DATABASE_OWNER_PASSWORD": "it's", "DATABASE_PASSWORD": "secret"}
    making = client(databases.server, "-f", ROLES)
    subprocess.run(making, check=True, capture_output=True, cwd="/", env={**os.environ, **passwords})
    made = Database(of(OWNER))
    schema.upgrade(made)
    yield made
    made.close()


@pytest.fixture(scope="module")
def played(owned: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A slice of the season, by programs that have the rights of the other role."""
    made = system(tmp_path_factory.mktemp("home"), PIPELINE_DATABASE_URL=of(RUNS), PIPELINE_JOURNAL_KEY=KEY)
    made.app.clock.make(script()[0].time)
    import_reviewers(made)
    Season(made.app, made.stage, script()).play()
    yield made
    made.app.database.close()


def of(role: str) -> str:
    """Return the address of the database for a role."""
    url = make_url(databases.server).set(username=role, database="validatiestraat")
    return url.render_as_string(hide_password=False)


def test_season_ends_alike_on_postgresql(played: System) -> None:
    found = dict(ended(played.app))
    assert found == {name: untroubled()[name] for name in found}
    assert played.stage.errors == []


def test_rights_suffice_for_what_commands_and_timers_do(played: System, tmp_path: Path) -> None:
    assert backup.write(played.app.database, tmp_path / "saved.zip", played.clock.now()).tables
    assert checkpoints.make(played.app).place == 1
    assert erasing.erase_all(played.app, "timer")["cases"] == []
    assert verify(played.app).faults == []


@pytest.mark.parametrize(
    "sql",
    [
        "TRUNCATE cases CASCADE",
        "ALTER TABLE journal DISABLE TRIGGER ALL",
        "DROP TABLE bounces",
        "CREATE TABLE another ()",
        "SET session_replication_role = replica",
    ],
)
def test_rights_do_not_go_further(played: System, sql: str) -> None:
    with pytest.raises(Unreachable, match="does not let us"), played.app.database.writing() as connection:
        connection.execute(text(sql))


def test_tables_of_a_later_migration_are_worked_with_too(played: System, owned: Database) -> None:
    with owned.writing() as connection:
        connection.execute(text("CREATE TABLE later (id int)"))
    with played.app.database.writing() as connection:
        connection.execute(text("INSERT INTO later VALUES (1)"))


def test_doctor_compares_the_clocks_of_both_machines(owned: Database, tmp_path: Path) -> None:
    made = wiring.build(
        Settings.from_env({"PIPELINE_HOME": str(tmp_path), "PIPELINE_DATABASE_URL": of(RUNS)})
    )
    assert clocks(made) == ["ok"]
    assert clocks(replace(made, system=SetClock())) == ["warning"]
    made.database.close()


def clocks(app: App) -> list[str]:
    return [one.verdict for one in examine(app) if one.part == "clock"]
