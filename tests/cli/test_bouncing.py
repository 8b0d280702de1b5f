"""`pipeline bounce`, `bounces` and `addresses`, as mail systems and operators run them."""

from __future__ import annotations

from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.cli.test_letter_steps import letter
from tests.mail.dsn import AWAY, dsn


def piped(monkeypatch: pytest.MonkeyPatch, raw: bytes) -> None:
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(raw)))


@pytest.fixture
def granted(season: Run) -> dict[str, Any]:
    return letter(season, "granted", state="sent")


def test_notification_comes_by_a_pipe(
    season: Run, granted: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    piped(monkeypatch, dsn(granted["message_id"], granted["to"]))

    told = season("bounce")

    assert (told.code, told.err) == (0, "")
    assert told.out.endswith(f": failed, about letter {granted['letter']}.\n")
    [shown] = season("bounces", "--json").json
    assert (shown["letter"], shown["case"], shown["status"]) == (granted["letter"], granted["case"], "5.1.1")
    assert "550 5.1.1" in season("bounces").out
    assert dsn(granted["message_id"], granted["to"]).decode() in season("bounces", "--raw", shown["id"]).out


def test_letter_and_case_show_that_it_came_back(season: Run, granted: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "dsn").write_bytes(dsn(granted["message_id"], granted["to"]))
    season("bounce", tmp_path / "dsn")

    about = season("letters", "show", granted["letter"], "--json").json
    assert [one["action"] for one in about["bounces"]] == ["failed"]
    assert "Came back" in season("letters", "show", granted["letter"], "--about").out
    assert "Came back" in season("case", granted["case"]).out
    assert "Tom de Wit: bounced" in season("case", granted["case"], "--json").json["waits_for"]


def test_address_is_mailed_to_again_when_somebody_says_so(
    season: Run, granted: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "dsn").write_bytes(dsn(granted["message_id"], granted["to"]))
    season("bounce", tmp_path / "dsn")

    [shown] = season("addresses", "--json").json
    assert (shown["address"], shown["letter"]) == (granted["to"], granted["letter"])
    assert granted["to"] in season("addresses").out
    assert season("addresses", "release", granted["to"], "--by", "Tom").code == 0
    assert season("addresses").out == "Every address is mailed to.\n"
    assert season("addresses", "release", granted["to"], "--by", "Tom").code == 5


def test_other_mail_is_kept_and_the_pipe_is_content(season: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    piped(monkeypatch, AWAY)
    told = season("bounce", "-")
    assert told.code == 0
    assert told.out.endswith(": no notification, about no letter of ours.\n")


def test_maildir_is_emptied(season: Run, tmp_path: Path) -> None:
    for name in ("new", "cur", "tmp"):
        (tmp_path / "box" / name).mkdir(parents=True)
    (tmp_path / "box" / "new" / "1").write_bytes(AWAY)
    assert season("bounce", "--maildir", tmp_path / "box").code == 0
    assert [path.name for path in (tmp_path / "box" / "cur").iterdir()] == ["1:2,S"]


def test_mail_system_keeps_what_cannot_be_kept_here(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a home that is not there yet nor a database that is away may cost a notification."""
    piped(monkeypatch, AWAY)
    assert run("bounce").code == 75
    monkeypatch.setenv("PIPELINE_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    assert run("bounce").code == 75


def test_nothing_came_back_at_first(season: Run) -> None:
    assert season("bounces").out == "Nothing came back.\n"
    assert season("bounces", "--raw", "x").code == 5
