"""`pipeline letters settle`, `resend`, `again`, `correct`, `hold` and `release`, as operators type them."""

from __future__ import annotations

import sqlite3
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run


def letter(run: Run, kind: str, **wanted: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        row
        for row in run("letters", "--json").json
        if row["kind"] == kind and all(row[name] == value for name, value in wanted.items())
    )
    return found


def becomes(home: Path, key: str, state: str) -> None:
    with sqlite3.connect(home / "pipeline.db") as connection:
        connection.execute("UPDATE letters SET state = ? WHERE id = ?", (state, key))
    connection.close()


@pytest.fixture
def lost(season: Run, tmp_path: Path) -> dict[str, Any]:
    """A letter of which nobody knows."""
    found = letter(season, "set_aside", state="failed")
    becomes(tmp_path / "home", found["letter"], "unknown")
    return found


def test_settle_says_what_the_log_tells_and_does_it(
    season: Run, lost: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "log").write_text(f"took {lost['message_id']}\n")

    tried = season("letters", "settle", "--accepted", tmp_path / "log", "--dry-run", "--json").json
    assert letter(season, "set_aside", letter=lost["letter"])["state"] == "unknown"
    done = season("letters", "settle", "--accepted", tmp_path / "log", "--by", "Tom")

    assert [(row["letter"], row["was"], row["becomes"]) for row in tried] == [
        (lost["letter"], "unknown", "sent")
    ]
    assert "1 accepted, 0 to go out again, 0 left as they are." in done.out
    assert season("case", lost["case"], "--json").json["state"] == "closed"
    assert season("letters", "settle", "--accepted", tmp_path / "log").out == "There is nothing to settle.\n"


def test_log_comes_by_standard_input_too(
    season: Run, lost: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(lost["message_id"].encode())))
    [row] = season("letters", "settle", "--accepted", "-", "--json").json
    assert row["becomes"] == "sent"


def test_rest_of_a_complete_log_goes_out_again(season: Run, lost: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "log").write_text("")
    told = season("letters", "settle", "--accepted", tmp_path / "log", "--rest-not-accepted")
    assert "0 accepted, 1 to go out again" in told.out
    assert letter(season, "set_aside", letter=lost["letter"])["state"] == "queued"


def test_log_that_is_not_there_is_told(season: Run, tmp_path: Path) -> None:
    told = season("letters", "settle", "--accepted", tmp_path / "absent")
    assert (told.code, told.err) == (2, f"{tmp_path / 'absent'} cannot be read: No such file or directory.\n")


def test_letter_is_resent_held_released_and_corrected(season: Run) -> None:
    key = letter(season, "set_aside", state="failed")["letter"]

    assert "no address" in season("letters", "resend", key, "--by", "Tom").err
    anew = season("letters", "correct", key, "--to", "goed@school.example", "--by", "Tom").out.split()[1]
    assert season("letters", "hold", anew, "--by", "Tom").code == 0
    assert letter(season, "set_aside", letter=anew)["state"] == "held"
    assert season("letters", "release", anew, "--by", "Tom").out == f"Letter {anew} goes out.\n"

    assert letter(season, "set_aside", letter=anew)["to"] == "goed@school.example"
    assert letter(season, "set_aside", letter=key)["state"] == "replaced"


@pytest.mark.parametrize("is_file", [True, False])
def test_preface_is_a_text_or_a_file_of_it(season: Run, tmp_path: Path, is_file: bool) -> None:
    key = letter(season, "confirmation", state="sent")["letter"]
    (tmp_path / "preface").write_text("Hierbij nogmaals.", encoding="utf-8")
    preface = tmp_path / "preface" if is_file else "Hierbij nogmaals."
    told = season("letters", "again", key, "--preface", preface, "--by", "Tom")
    assert told.out.endswith(f"goes out, with {key} attached.\n")
    assert "Hierbij nogmaals." in season("letters", "show", told.out.split()[1]).out


def test_every_step_is_somebodys(season: Run) -> None:
    key = letter(season, "confirmation", state="sent")["letter"]
    told = season("letters", "hold", key, "--by", " ")
    assert (told.code, "--by is the name of whoever does it." in told.err) == (2, True)
