"""Encryption and login: what the address says is insisted on, and a password is shown to nobody."""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.cli.examinations import Finding, examine
from pipeline.mail.smtp import SmtpMailer, Temporary
from tests.mail.certificates import self_signed
from tests.mail.server import Letterbox, mail_server
from tests.stages import system

SENDER, TO = "register@register.example", "aanbieder@school.example"
RAW = b"From: register@register.example\r\nSubject: Goedgekeurd\r\n\r\nGoed nieuws.\r\n"
LOGIN = "register:geheim%40@"


def deliver(box: Letterbox, scheme: str, *, login: str = "", trusted: Path | None = None) -> str:
    url = f"{scheme}://{login}127.0.0.1:{box.port}"
    with closing(SmtpMailer(url, timeout=5, trusted=trusted)) as mailer:
        return mailer.deliver(SENDER, TO, RAW, before_data=lambda: True)


@pytest.mark.parametrize(("scheme", "at_once"), [("smtps", True), ("smtp+starttls", False)])
def test_letter_goes_encrypted_to_a_server_whose_certificate_is_named(
    tmp_path: Path, scheme: str, at_once: bool
) -> None:
    encryption, certificate = self_signed(tmp_path)
    with mail_server(encryption=encryption, is_encrypted_at_once=at_once) as box:
        assert deliver(box, scheme, trusted=certificate) == "250 2.0.0 taken"
        assert box.are_encrypted == [True]


@pytest.mark.parametrize(("scheme", "at_once"), [("smtps", True), ("smtp+starttls", False)])
def test_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path, scheme: str, at_once: bool) -> None:
    encryption, _ = self_signed(tmp_path)
    with (
        mail_server(encryption=encryption, is_encrypted_at_once=at_once) as box,
        pytest.raises(Temporary, match="certificate verify failed"),
    ):
        deliver(box, scheme, login=LOGIN)
    assert (box.accepted, box.logins) == ([], [])


@pytest.mark.parametrize(("scheme", "at_once"), [("smtps", True), ("smtp+starttls", False)])
def test_certificate_of_another_host_is_refused(tmp_path: Path, scheme: str, at_once: bool) -> None:
    encryption, certificate = self_signed(tmp_path, "127.0.0.2")
    with (
        mail_server(encryption=encryption, is_encrypted_at_once=at_once) as box,
        pytest.raises(Temporary, match="IP address mismatch"),
    ):
        deliver(box, scheme, trusted=certificate)
    assert box.accepted == []


def test_encryption_that_is_not_offered_is_insisted_on() -> None:
    with mail_server() as box, pytest.raises(Temporary, match="STARTTLS"):
        deliver(box, "smtp+starttls", login=LOGIN)
    assert (box.accepted, box.logins) == ([], [])


def test_encrypted_connection_is_kept_for_the_next_letter(tmp_path: Path) -> None:
    encryption, certificate = self_signed(tmp_path)
    with mail_server(encryption=encryption) as box:
        url = f"smtp+starttls://{LOGIN}127.0.0.1:{box.port}"
        with closing(SmtpMailer(url, timeout=5, trusted=certificate)) as mailer:
            for _ in range(5):
                mailer.deliver(SENDER, TO, RAW, before_data=lambda: True)
    assert (len(box.accepted), len(box.connections), len(box.logins)) == (5, 1, 1)


@pytest.mark.parametrize("method", ["PLAIN", "LOGIN"])
def test_login_is_made_with_whatever_the_server_offers(tmp_path: Path, method: str) -> None:
    encryption, certificate = self_signed(tmp_path)
    with mail_server(encryption=encryption, logins_by=method) as box:
        deliver(box, "smtp+starttls", login=LOGIN, trusted=certificate)
    assert box.logins == [(b"register", b"geheim@")]
    assert len(box.accepted) == 1


def test_wrong_password_is_temporary_and_stands_in_no_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    encryption, certificate = self_signed(tmp_path)
    caplog.set_level(logging.DEBUG)
    with (
        mail_server({"AUTH": "no"}, encryption=encryption) as box,
        pytest.raises(Temporary, match="does not want us: 535") as caught,
    ):
        deliver(box, "smtp+starttls", login=LOGIN, trusted=certificate)
    told = [str(caught.value), repr(caught.value.__cause__), *(one.getMessage() for one in ours(caplog))]
    hidden = base64.b64encode(b"\0register\0geheim@").decode()
    assert [text for text in told if "geheim" in text or hidden in text] == []


def ours(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """Return what was logged but by the server, whose log is the test's."""
    return [record for record in caplog.records if record.name != "mail.log"]


@pytest.fixture
def doctor(tmp_path: Path) -> Callable[..., list[Finding]]:
    """Let the doctor look at a mail server."""

    def look(url: str, certificate: Path | None = None) -> list[Finding]:
        trusted = {"PIPELINE_SMTP_CA": str(certificate)} if certificate else {}
        made = system(tmp_path / "home", PIPELINE_SMTP_URL=url, **trusted)
        with closing(made.app.database):
            return [finding for finding in examine(made.app) if finding.part == "mail server"]

    return look


def test_doctor_finds_an_encrypted_server_with_the_right_password(
    tmp_path: Path, doctor: Callable[..., list[Finding]]
) -> None:
    encryption, certificate = self_signed(tmp_path)
    with mail_server(encryption=encryption) as box:
        [found] = doctor(f"smtp+starttls://{LOGIN}127.0.0.1:{box.port}", certificate)
    assert found.verdict == "ok"
    assert "geheim" not in found.found


def test_doctor_says_that_the_password_is_wrong(tmp_path: Path, doctor: Callable[..., list[Finding]]) -> None:
    encryption, certificate = self_signed(tmp_path)
    with mail_server({"AUTH": "no"}, encryption=encryption) as box:
        [found] = doctor(f"smtp+starttls://{LOGIN}127.0.0.1:{box.port}", certificate)
    assert found.verdict == "fault"
    assert "535 5.7.8" in found.found
    assert "geheim" not in found.found


def test_doctor_says_that_nobody_vouches_for_the_certificate(
    tmp_path: Path, doctor: Callable[..., list[Finding]]
) -> None:
    encryption, _ = self_signed(tmp_path)
    with mail_server(encryption=encryption) as box:
        [found] = doctor(f"smtp+starttls://127.0.0.1:{box.port}")
    assert found.verdict == "fault"
    assert "certificate verify failed" in found.found
    assert "PIPELINE_SMTP_CA" in found.advice
