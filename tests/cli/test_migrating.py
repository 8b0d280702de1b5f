"""The schema up and back, and what every program says to a database of another release."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from pipeline.cli import session
from pipeline.embedded.parts import PROGRAMS
from pipeline.embedded.valkey import valkey
from pipeline.settings import Settings
from pipeline.store import schema
from pipeline.store.engines import Database
from tests.cli.conftest import Run

NEWER = "The database has the schema of a newer release (9999; this one knows up to 0008)."
EARLIER = "The database has the schema of an earlier release (0001; this one needs 0008)."


def set_revision(number: str) -> None:
    """Say in the database that its schema is another's."""
    database = Database(Settings.from_env(os.environ).database_url)
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :number"), {"number": number})
    database.close()


def test_migrate_says_where_the_schema_is(run: Run) -> None:
    assert run("migrate").out.startswith("The schema is at 0008, after nothing.")
    assert run("migrate").out.startswith("The schema is at 0008, already.")


def test_going_back_names_what_is_given_up_and_asks_first(season: Run) -> None:
    asked = season("migrate", "--to", "0001")
    assert asked.code == 3
    assert "hashes of the journal" in asked.out
    assert asked.err == "Nothing was changed. Make a copy first, then say --yes.\n"

    done = season("migrate", "--to", "0001", "--yes")
    assert done.code == 0
    assert done.out.endswith(
        "The schema is at 0001, after 0008. Start the release that knows it, not this one.\n"
    )
    assert season("cases").err.startswith(EARLIER)

    again = season("migrate")
    assert (again.code, again.out.partition(". ")[0]) == (0, "The schema is at 0008, after 0001")
    assert season("cases").code == 0


def test_going_back_with_nothing_to_give_up_asks_nothing(run: Run) -> None:
    run("migrate")
    assert run("migrate", "--to", "0001").code == 0


def test_going_to_where_nobody_was_names_where_one_can(run: Run) -> None:
    run("migrate")
    told = run("migrate", "--to", "0009")
    assert (told.code, told.err) == (
        2,
        "There is no revision 0009 behind the schema's 0008; there is: 0007, 0006, 0005, 0004, 0003, 0002, 0001.\n",
    )
    assert run("migrate", "--to", "0008").code == 0


@pytest.mark.parametrize("asked", [(), ("--to", "0001")])
def test_schema_is_not_moved_while_workers_run(
    season: Run, monkeypatch: pytest.MonkeyPatch, asked: tuple[str, ...]
) -> None:
    season("migrate", "--to", "0001", "--yes")
    if asked:
        season("migrate")
        monkeypatch.setattr(schema, "given_up", lambda database, to: {})
    monkeypatch.setenv("PIPELINE_REDIS_URL", "redis://127.0.0.1:1")
    monkeypatch.setattr(session, "_workers", lambda url: 2)
    told = season("migrate", *asked)
    assert (told.code, told.err.partition(" of ")[0]) == (3, "2 workers")
    assert season("migrate", *asked, "--yes").code == 0


def test_commands_say_that_the_database_is_of_a_newer_release(season: Run) -> None:
    set_revision("9999")
    for command in ("cases", "letters", "migrate"):
        told = season(command)
        assert (told.code, told.out) == (3, "")
        assert told.err.startswith(NEWER)
    [found, *_] = season("doctor", "--json").json
    assert (found["verdict"], found["found"].partition(").")[0] + ").") == ("fault", NEWER)


def test_commands_on_an_empty_server_say_how_to_fill_it(
    run: Run, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIPELINE_DATABASE_URL", postgres_url)
    assert run("cases").err == "The database holds nothing yet; `pipeline migrate` makes its tables.\n"


# Each program asks the same of the schema as commands do, so that one answer from each shows that it asks.
@pytest.mark.parametrize(
    ("name", "number", "sentence"),
    [("worker", "9999", NEWER), ("waker", "0001", EARLIER), ("web", "9999", NEWER)],
)
def test_program_ends_with_a_sentence_where_the_schema_is_anothers(
    run: Run, tmp_path: Path, name: str, number: str, sentence: str
) -> None:
    run("migrate")
    set_revision(number)
    with valkey(tmp_path / "valkey") as url:
        told = started(name, PIPELINE_REDIS_URL=url)
    assert (told.returncode, sentence in told.stderr, "Traceback" in told.stderr) == (3, True, False)


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_program_ends_with_a_sentence_where_a_setting_is_wrong(run: Run, name: str) -> None:
    told = started(name, PIPELINE_DATABASE_CONNECTIONS="1")
    assert (told.returncode, "Traceback" in told.stderr) == (2, False)
    assert "PIPELINE_DATABASE_CONNECTIONS must be greater than or equal to 2." in told.stderr


def started(name: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run one of the programs until it ends by itself."""
    return subprocess.run(
        PROGRAMS[name],
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=Path(sys.prefix),
    )
