"""A server that can tell what became of a letter is asked to, and by which name (RFC 3461)."""

from __future__ import annotations

from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.mail.notifications import letter_of, xtext
from pipeline.mail.smtp import SmtpMailer
from tests.mail.server import mail_server

SENDER = "register@register.example"
RAW = b"From: register@register.example\r\nMessage-ID: <0a1b2c@register.example>\r\n\r\nGoed nieuws.\r\n"


def asked(*, tells_fate: bool, to: str = "o'brien+ru=1@school.example", raw: bytes = RAW) -> list[str]:
    with mail_server(tells_fate=tells_fate) as box:
        with closing(SmtpMailer(f"smtp://127.0.0.1:{box.port}", timeout=5)) as mailer:
            mailer.deliver(SENDER, to, raw, before_data=lambda: True)
        assert len(box.accepted) == 1
        return box.asked


def test_server_that_can_is_asked_to_tell_of_failure_and_delay() -> None:
    assert asked(tells_fate=True) == [
        f"MAIL FROM:<register@register.example> SIZE={len(RAW)} RET=HDRS ENVID=0a1b2c",
        "RCPT TO:<o'brien+ru=1@school.example> NOTIFY=FAILURE,DELAY"
        " ORCPT=rfc822;o'brien+2Bru+3D1@school.example",
    ]


def test_server_that_cannot_is_asked_nothing() -> None:
    assert asked(tells_fate=False) == [
        f"MAIL FROM:<register@register.example> SIZE={len(RAW)}",
        "RCPT TO:<o'brien+ru=1@school.example>",
    ]


def test_address_beyond_ascii_is_not_repeated_in_a_form_that_knows_ascii_only() -> None:
    assert asked(tells_fate=True, to="zoë@school.example")[1] == (
        "RCPT TO:<zoë@school.example> NOTIFY=FAILURE,DELAY"
    )


@pytest.mark.parametrize(
    "raw", [b"Subject: x\r\n\r\nMessage-ID: <a@b>\r\n", b"", b"Message-ID: none\r\n\r\n"]
)
def test_letter_without_a_name_of_ours_has_no_envelope_id(raw: bytes) -> None:
    assert letter_of(raw) == ""


@pytest.mark.parametrize("raw", [b"message-id:<a@b>\n\n", b"X: y\r\nMessage-ID:\r\n <a@b>\r\n\r\n"])
def test_name_of_a_letter_is_found_however_its_header_is_written(raw: bytes) -> None:
    assert letter_of(raw) == "a"


@given(st.text(st.characters(max_codepoint=126)))
def test_what_goes_into_a_parameter_cannot_end_it(text: str) -> None:
    assert set(xtext(text)) <= {chr(code) for code in range(33, 127)} - {"="}
