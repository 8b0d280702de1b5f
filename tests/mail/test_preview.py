"""The folder with every letter, to look at."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path

from pipeline.mail.letters import KINDS
from pipeline.mail.preview import preview
from pipeline.mail.samples import SAMPLES
from tests.mail.samples import REGISTER


def test_every_kind_has_sample_facts() -> None:
    assert set(SAMPLES) == set(KINDS)


def test_every_letter_lies_there_as_mail_page_and_text(tmp_path: Path) -> None:
    index = preview(tmp_path / "letters", REGISTER, b"\x89PNG")
    made = {path.name for path in index.parent.iterdir()}
    assert made == {f"{kind}.{form}" for kind in KINDS for form in ("eml", "html", "txt")} | {"index.html"}
    page = index.read_text(encoding="utf-8")
    assert all(f'href="{kind}.html"' in page for kind in KINDS)


def test_letters_that_bring_the_logo_have_it(tmp_path: Path) -> None:
    preview(tmp_path, REGISTER, b"\x89PNG")
    message = message_from_bytes((tmp_path / "granted.eml").read_bytes(), policy=SMTP)
    assert [part.get_content() for part in message.iter_attachments()] == [b"\x89PNG"]
    assert "Bijlage: registerlogo-10000012.png" in (tmp_path / "granted.txt").read_text(encoding="utf-8")


def test_preview_is_the_same_each_time(tmp_path: Path) -> None:
    preview(tmp_path / "one", REGISTER)
    preview(tmp_path / "two", REGISTER)
    for kind in KINDS:
        name = f"{kind}.eml"
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
