from __future__ import annotations

import mailbox
import smtplib
import socket
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import pytest

from pipeline.embedded import process
from pipeline.embedded.parts import mail_part

LETTER = b"Subject: =?utf-8?q?Caf=C3=A9?=\r\nMessage-ID: <1@example>\r\n\r\n.een punt\r\nen een \xc3\xa9\r\n"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("catcher")


@pytest.fixture
def folder(place: Path) -> Path:
    """The catcher's folder, without the letters of other tests."""
    for file in (place / "mail" / "new").iterdir():
        file.unlink()
    return place / "mail"


@pytest.fixture(scope="module")
def address(place: Path) -> Iterator[SplitResult]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        part, url = mail_part(place / "mail", listening)
        log = place / "mail.log"
        catcher = process.launch(part.command, log, pass_fds=part.inherits)
        try:
            process.wait_ready(catcher, lambda: part.ready(catcher.pid), log)
            yield urlsplit(url)
        finally:
            process.stop(catcher)


@pytest.fixture
def server(address: SplitResult) -> Iterator[smtplib.SMTP]:
    with smtplib.SMTP(address.hostname or "", address.port or 0, local_hostname="test") as client:
        yield client


def test_what_is_accepted_is_a_file_at_that_moment(server: smtplib.SMTP, folder: Path) -> None:
    server.sendmail("register@example", ["aanbod@example"], LETTER)

    (file,) = (folder / "new").iterdir()
    assert file.read_bytes() == (
        b"Return-Path: <register@example>\nDelivered-To: aanbod@example\n" + LETTER.replace(b"\r\n", b"\n")
    )
    assert list((folder / "tmp").iterdir()) == []


def test_the_answer_names_the_file(server: smtplib.SMTP, folder: Path) -> None:
    server.ehlo()
    server.mail("register@example")
    server.rcpt("aanbod@example")
    code, answer = server.data(LETTER)

    (file,) = (folder / "new").iterdir()
    assert (code, answer.decode()) == (250, f"Kept as {file.name}")


def test_any_mail_program_can_read_what_was_kept(server: smtplib.SMTP, folder: Path) -> None:
    server.sendmail("register@example", ["aanbod@example"], LETTER)

    (letter,) = mailbox.Maildir(folder, factory=None)
    assert letter["Message-ID"] == "<1@example>"
    assert message_from_bytes(bytes(letter)).get_payload(decode=True) == ".een punt\nen een é\n".encode()


def test_an_address_beyond_ascii_is_taken(server: smtplib.SMTP, folder: Path) -> None:
    server.ehlo()
    server.sendmail("register@example", ["josé@example"], LETTER, mail_options=["SMTPUTF8", "BODY=8BITMIME"])

    (file,) = (folder / "new").iterdir()
    assert "Delivered-To: josé@example\n" in file.read_text(encoding="utf-8")


def test_what_cannot_be_kept_is_to_be_sent_again_later(server: smtplib.SMTP, folder: Path) -> None:
    (folder / "tmp").rename(folder / "away")
    (folder / "tmp").write_text("no folder")

    with pytest.raises(smtplib.SMTPDataError) as caught:
        server.sendmail("register@example", ["aanbod@example"], LETTER)

    assert caught.value.smtp_code == 452
    (folder / "tmp").unlink()
    (folder / "away").rename(folder / "tmp")
    assert server.sendmail("register@example", ["aanbod@example"], LETTER) == {}
