"""What is parked, as an operator sees it and takes it up again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli.session import opened
from pipeline.store import rows, tables
from tests.cli.conftest import Run

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
BY = ("--by", "Samira El Amrani")
CASE = "A-2026-000022"
EVENT = "e" * 32
DOCS = Path(__file__).parents[2] / "docs"


def change(table: Any, where: Any, **values: object) -> None:
    with opened() as app, app.database.writing() as connection:
        connection.execute(table.update().where(where).values(**values))


@pytest.fixture
def stuck(season: Run) -> Run:
    """A home in which a case, an event and a letter are parked."""
    error = "RuntimeError: the disk is on fire\n  and the printer too"
    told = {"parked_at": AT, "attempts": 12, "last_error": error}
    change(tables.cases, tables.cases.c.number == CASE, step="decide", **told)
    event = {"id": EVENT, "state": "stored", "received_at": AT, "raw": b"\xff\x00\x1b[31m", "length": 7}
    with opened() as app, app.database.writing() as connection:
        connection.execute(tables.events.insert().values(**event, digest="d", file="scan.json", **told))
    failed = {"state": rows.FAILED, "unfinished": 4, "last_error": "It was begun 3 times."}
    change(tables.letters, tables.letters.c.id == letter(), **failed)
    return season


def letter() -> str:
    with opened() as app, app.database.reading() as connection:
        found = connection.execute(tables.letters.select().order_by(tables.letters.c.id)).first()
    assert found is not None
    return str(found.id)


def test_home_in_which_nothing_is_parked_says_so(season: Run) -> None:
    assert season("parked").out == "Nothing is parked.\n"
    assert season("parked", "--json").json == []
    assert season("retry", "--all", *BY).out == "Nothing is parked.\n"


def test_list_shows_each_with_its_error_in_one_line(stuck: Run) -> None:
    found = stuck("parked", "--json").json

    assert {(one["key"], one["kind"], one["step"], one["attempts"]) for one in found} == {
        (CASE, "case", "decide", 12),
        (EVENT, "event", "take_in", 12),
        (letter(), "letter", "dispatch", found[0]["attempts"] if found[0]["kind"] == "letter" else 5),
    }
    shown = stuck("parked").out
    assert "RuntimeError: the disk is on fire" in shown
    assert "the printer too" not in shown
    assert "pipeline retry KEY --by NAME" in shown


def test_every_key_is_documented(stuck: Run) -> None:
    text = (DOCS / "json.md").read_text(encoding="utf-8")
    documented = text.partition("\n## `pipeline parked`\n")[2].partition("\n## ")[0]
    for key in (CASE, EVENT, letter()):
        told = stuck("parked", key, "--json").json
        assert [name for name in (*told, *told["input"]) if f"`{name}`" not in documented] == []


def test_case_shows_its_error_in_full_its_submission_and_its_journal(stuck: Run) -> None:
    told = stuck("parked", CASE.lower())

    assert told.code == 0
    assert "  and the printer too" in told.out
    assert '"activity": {' in told.out
    assert "\nJournal\n" in told.out
    assert "reminded" in told.out.partition("\nJournal\n")[2]


def test_event_that_is_no_text_shows_as_digits_and_steers_no_terminal(stuck: Run) -> None:
    told = stuck("parked", EVENT).out

    assert "000000  ff 00 1b 5b 33 31 6d" in told
    assert "...[31m" in told
    assert "\x1b" not in told


@pytest.mark.parametrize(
    ("raw", "shown"),
    [(b'{"a": {"b": 1}}', '\n    "b": 1\n'), (b"{no \x1b json", "{no \\x1b json"), (b"[" * 100_000, "[[[[")],
)
def test_event_shows_as_text_and_as_json_laid_out(stuck: Run, raw: bytes, shown: str) -> None:
    change(tables.events, tables.events.c.id == EVENT, raw=raw, length=len(raw))

    assert shown in stuck("parked", EVENT).out


def test_long_event_shows_its_first_bytes(stuck: Run) -> None:
    change(tables.events, tables.events.c.id == EVENT, raw=b"\xff" * 2000, length=2000)

    assert "and 976 bytes more" in stuck("parked", EVENT).out


def test_letter_shows_its_headers(stuck: Run) -> None:
    told = stuck("parked", letter()).out

    assert "Message-ID: <" in told
    assert "Subject: " in told


def test_key_that_is_not_parked_is_said_so(stuck: Run) -> None:
    told = stuck("parked", "A-2026-000001")

    assert (told.code, told.out) == (5, "")
    assert told.err == "Nothing that is parked has the number or id A-2026-000001.\n"


def test_all_of_one_step_is_taken_up_and_no_other(stuck: Run) -> None:
    told = stuck("retry", "--all", "--step", "decide", *BY)

    assert (told.code, told.out) == (0, f"{CASE} is taken up again by Samira El Amrani.\n")
    assert {one["kind"] for one in stuck("parked", "--json").json} == {"event", "letter"}
    assert stuck("retry", "--all", "--step", "decide", *BY).out == "Nothing is parked at decide.\n"


def test_several_are_taken_up_by_name(stuck: Run) -> None:
    told = stuck("retry", CASE, EVENT, letter(), *BY)

    assert told.code == 0
    assert len(told.out.splitlines()) == 3
    assert stuck("parked", "--json").json == []


def test_nothing_is_taken_up_where_one_is_not_parked(stuck: Run) -> None:
    told = stuck("retry", CASE, "A-2026-000001", *BY)

    assert (told.code, told.out) == (5, "")
    assert len(stuck("parked", "--json").json) == 3


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ([], "Name what to take up, or say --all."),
        ([CASE, "--all"], "Name what to take up, or say --all."),
        ([CASE, "--step", "decide"], "--step goes with --all."),
    ],
)
def test_what_to_take_up_is_said_in_one_way(season: Run, args: list[str], said: str) -> None:
    told = season("retry", *args, *BY)

    assert told.code == 2
    assert said in " ".join(told.err.split())


def test_doctor_tells_what_is_parked_and_what_no_worker_takes_up(season: Run) -> None:
    found = {one["part"]: one for one in season("doctor", "--json").json}
    assert (found["hints"]["verdict"], "parked" in found) == ("ok", False)
    change(tables.cases, tables.cases.c.number == CASE, parked_at=AT, retry_at=AT, rings=9)

    found = {one["part"]: one for one in season("doctor", "--json").json}

    assert "1 row was rung for up to 9 times since" in found["hints"]["found"]
    assert (found["hints"]["verdict"], found["parked"]["verdict"]) == ("warning", "warning")
    assert found["parked"]["advice"] == "See what: `pipeline parked`."
