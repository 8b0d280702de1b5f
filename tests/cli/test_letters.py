from __future__ import annotations

from email import message_from_bytes, message_from_string
from email.policy import SMTP
from pathlib import Path

import pytest
from PIL import Image

from tests.cli.conftest import Run


def test_letters_of_one_state_are_only_those(season: Run) -> None:
    failed = season("letters", "--state", "failed", "--json").json

    assert {letter["kind"] for letter in failed} == {"supplement_asked", "deadline_missed", "set_aside"}
    assert "supplement_asked" in season("letters", "--state", "failed").out
    assert len(season("letters", "--json").json) > 200


def test_letters_of_a_state_that_does_not_exist_are_refused(season: Run) -> None:
    told = season("letters", "--state", "lost")

    assert told.code == 2
    assert "--state is one of queued, held, sending, sent" in told.err


def test_letter_shown_is_the_mail_itself(season: Run, tmp_path: Path) -> None:
    granted = next(row for row in season("letters", "--json").json if row["kind"] == "granted")

    season("letters", "show", granted["letter"], "-o", tmp_path / "letter.eml")
    mail = message_from_bytes((tmp_path / "letter.eml").read_bytes(), policy=SMTP)

    assert (mail["Message-ID"], mail["To"]) == (granted["message_id"], granted["to"])
    shown = message_from_string(season("letters", "show", granted["letter"]).out, policy=SMTP)
    assert shown["Message-ID"] == granted["message_id"]


def test_letter_posted_closes_its_case_and_not_twice(season: Run) -> None:
    letter = next(
        row for row in season("letters", "--state", "failed", "--json").json if row["kind"] == "set_aside"
    )

    assert season("letters", "posted", letter["letter"], "--by", "Tom").code == 0
    again = season("letters", "posted", letter["letter"], "--by", "Tom")

    assert season("case", letter["case"], "--json").json["state"] == "closed"
    assert again.code == 2
    assert again.err.endswith("only a failed or unknown letter can be posted, or one that bounced.\n")


def test_preview_writes_every_kind(run: Run, tmp_path: Path) -> None:
    told = run("letters", "preview", tmp_path / "preview")

    assert told.out == f"Written: {tmp_path / 'preview' / 'index.html'}\n"
    assert (tmp_path / "preview" / "granted.eml").exists()


@pytest.mark.parametrize(("options", "size"), [([], (600, 300)), (["--print"], (1800, 900))])
def test_logo_is_written_in_the_size_asked(
    season: Run, tmp_path: Path, options: list[str], size: tuple[int, int]
) -> None:
    told = season("logo", "1000 0012", *options, "-o", tmp_path / "logo.png")

    assert told.code == 0
    with Image.open(tmp_path / "logo.png") as logo:
        assert logo.size == size


def test_logo_of_no_registration_is_a_sentence(season: Run, tmp_path: Path) -> None:
    told = season("logo", "10000029", "-o", tmp_path / "logo.png")

    assert (told.code, told.err) == (5, "There is no registration 10000029 in effect.\n")
