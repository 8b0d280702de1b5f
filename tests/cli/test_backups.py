"""A home is saved by one command and put back by another, in a database of whichever kind."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.embedded import home
from pipeline.settings import Settings
from pipeline.store import tables
from pipeline.store.engines import Database
from tests.cli.conftest import Run
from tests.databases import databases
from tests.stages import ROOT

Move = Callable[[], None]


@pytest.fixture
def move(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_kind: str) -> Move:
    """Let the commands that follow work in another home, in which nothing is yet."""

    def elsewhere() -> None:
        monkeypatch.setenv("PIPELINE_HOME", str(tmp_path / "other"))
        monkeypatch.delenv("PIPELINE_DATABASE_URL", raising=False)
        for name, value in databases.bare(tmp_path / "other", database_kind).items():
            monkeypatch.setenv(name, value)

    return elsewhere


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "backup.zip"


def test_home_is_saved_checked_and_not_written_over(season: Run, file: Path) -> None:
    told = season("backup", file, "--json").json

    section = (ROOT / "docs" / "json.md").read_text(encoding="utf-8").partition("## `pipeline backup`")[2]
    assert [key for key in told if f"`{key}`" not in section.partition("## ")[0]] == []
    assert season("backup", "--check", file, "--json").json == told
    assert season("backup", "--check", file).out.startswith(
        f"{file} is as it was written: {told['rows']} rows."
    )
    assert (season("backup", file).code, season("backup", file).err) == (
        2,
        f"{file} is there already; choose another name, or --force to write over it.\n",
    )
    assert season("backup", file, "--force").code == 0


def test_damaged_backup_is_told_of_without_a_database(run: Run, file: Path, tmp_path: Path) -> None:
    file.write_bytes(b"PK")

    told = run("backup", "--check", file)

    assert (told.code, told.err.startswith(f"{file} is damaged, or is no backup:")) == (2, True)
    assert run("restore", file).err == told.err
    assert not (tmp_path / "home" / "pipeline.db").exists()


def test_restored_home_is_the_same_and_held_until_it_is_released(season: Run, move: Move, file: Path) -> None:
    cases = season("cases", "--json").json
    season("backup", file)
    move()

    restored = season("restore", file, "--by", "Tom de Wit").out

    assert "The home is held: nothing is mailed." in restored
    assert season("cases", "--json").json == cases
    assert "is held. Letters that wait: 0. Settle with" in season("cases").out
    [mailing] = [one for one in season("doctor", "--json").json if one["part"] == "mailing"]
    assert (mailing["verdict"], "is held. 0 wait." in mailing["found"]) == ("warning", True)
    assert season("release", "--by", "Tom de Wit").out.endswith(
        "Nothing is changed; with --yes this is done.\n"
    )
    assert season("release", "--by", "Tom de Wit", "--yes").out == (
        "The home is released by Tom de Wit: 0 letters go out.\n"
    )
    assert season("release", "--by", "Tom de Wit", "--yes").code == 3
    assert "is held" not in season("cases").out
    assert season("journal", "verify").code == 0


def test_release_of_a_copy_says_that_it_still_mails_nothing(
    season: Run, move: Move, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    season("backup", file)
    move()
    season("restore", file)
    monkeypatch.setenv("PIPELINE_SMTP_URL", "smtp://relay.example")

    told = season("release", "--by", "me", "--yes")

    assert told.out.startswith(
        "The home is released by me: 0 letters go out.\nNothing is mailed: this database's home id"
    )


def test_restore_tells_programs_what_it_came_to(season: Run, move: Move, file: Path) -> None:
    made = season("backup", file, "--json").json
    move()

    told = season("restore", file, "--json").json

    section = (ROOT / "docs" / "json.md").read_text(encoding="utf-8").partition("## `pipeline restore`")[2]
    assert [key for key in told if f"`{key}`" not in section.partition("## ")[0]] == []
    assert {key: told[key] for key in ("home_id", "sha256", "rows")} == {
        key: made[key] for key in ("home_id", "sha256", "rows")
    }
    assert told["gaps"]["activity"][1] - told["gaps"]["activity"][0] == 999


def test_home_that_holds_something_is_left_as_it_is(season: Run, file: Path) -> None:
    season("backup", file)
    before = season("cases", "--json").out

    told = season("restore", file)

    assert (told.code, told.err.startswith("The database is not empty:")) == (3, True)
    assert season("cases", "--json").out == before


def test_nothing_is_restored_where_something_runs(
    season: Run, move: Move, file: Path, tmp_path: Path
) -> None:
    season("backup", file)
    move()
    with home.claimed(tmp_path / "other"):
        told = season("restore", file)

    assert (told.code, told.err.startswith(f"Something runs in {tmp_path}/other; end it")) == (3, True)


@pytest.mark.parametrize("command", [["restore", "FILE"], ["release", "--yes"]])
def test_somebody_must_be_named(season: Run, file: Path, command: list[str]) -> None:
    season("backup", file)
    told = season(*(str(file) if word == "FILE" else word for word in command), "--by", " ")
    assert (told.code, told.err) == (2, "Invalid value: --by is the name of whoever does it.\n")


def test_nothing_is_not_backed_up(run: Run, file: Path) -> None:
    assert run("backup", file).code == 3
    assert not file.exists()


@pytest.fixture
def on_its_way(season: Run, move: Move, file: Path) -> dict[str, str]:
    """A letter that was queued when the backup was made, in the home that was restored from it."""
    letter: dict[str, str] = season("letters", "--json").json[-1]
    database = Database(Settings.from_env(os.environ).database_url)
    with database.writing() as connection:
        same = tables.letters.c.id == letter["letter"]
        connection.execute(tables.letters.update().where(same).values(state="queued"))
    database.close()
    season("backup", file)
    move()
    season("restore", file)
    return letter


def test_letter_that_may_have_gone_out_keeps_a_home_held(season: Run, on_its_way: dict[str, str]) -> None:
    told = season("release", "--by", "me", "--yes")

    assert (told.code, told.err.startswith("1 letters may have gone out since the backup was made.")) == (
        2,
        True,
    )
    held = season("letters", "--state", "held", "--json").json
    assert [one["letter"] for one in held] == [on_its_way["letter"]]
    assert season("release", "--by", "me", "--yes", "--rest-not-accepted").out.endswith("1 letters go out.\n")


def test_letter_that_the_relay_accepted_is_settled_and_goes_out_no_more(
    season: Run, on_its_way: dict[str, str], tmp_path: Path
) -> None:
    log = tmp_path / "relay.log"
    log.write_text(f"{on_its_way['message_id']}\n")

    assert season("letters", "settle", "--accepted", log).code == 0
    told = season("release", "--by", "me")
    assert "settled                                    1" in told.out
    assert season("release", "--by", "me", "--yes").out == "The home is released by me: 0 letters go out.\n"
