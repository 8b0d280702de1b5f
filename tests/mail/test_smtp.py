"""What is known about a letter after each way in which a conversation with a mail server can go."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from contextlib import closing

import pytest

from pipeline.mail.conversation import dotted
from pipeline.mail.smtp import Aborted, MailError, Permanent, SmtpMailer, Temporary, Unknown
from tests.mail.server import DROP, STALL, Letterbox, mail_server

SENDER = "register@register.example"
TO = "aanbieder@school.example"
RAW = b"From: register@register.example\r\nSubject: Goedgekeurd\r\n\r\nGoed nieuws.\r\n.\r\n..twee\r\n"


def deliver(
    box: Letterbox,
    to: str = TO,
    raw: bytes = RAW,
    *,
    timeout: float = 5,
    before_data: Callable[[], bool] = lambda: True,
    login: str = "",
    scheme: str = "smtp",
) -> str:
    with closing(SmtpMailer(f"{scheme}://{login}127.0.0.1:{box.port}", timeout=timeout)) as mailer:
        return mailer.deliver(SENDER, to, raw, before_data=before_data)


def test_accepted_letter_arrives_byte_for_byte_and_brings_the_answer() -> None:
    with mail_server() as box:
        answer = deliver(box)
    assert answer == "250 2.0.0 taken"
    assert [(letter.mail_from, letter.rcpt_tos, letter.content) for letter in box.accepted] == [
        (SENDER, [TO], RAW)
    ]


def test_commit_comes_after_the_recipient_and_before_the_letter() -> None:
    seen: list[int] = []

    def commit() -> bool:
        seen.append(len(box.accepted))
        return True

    with mail_server() as box:
        deliver(box, before_data=commit)
    assert seen == [0]
    assert len(box.accepted) == 1


@pytest.mark.parametrize("stage", ["greeting", "EHLO", "MAIL", "RCPT"])
@pytest.mark.parametrize("fault", ["421 4.3.2 closing", "451 4.7.1 later", DROP, STALL])
def test_trouble_before_the_letter_is_temporary_and_nothing_is_committed(stage: str, fault: str) -> None:
    with mail_server({stage: fault}) as box, pytest.raises(Temporary):
        deliver(box, timeout=0.4, before_data=never_asked)
    assert box.accepted == []


@pytest.mark.parametrize("stage", ["greeting", "EHLO"])
def test_refusal_of_us_is_temporary_since_no_letter_can_help_it(stage: str) -> None:
    with (
        mail_server({stage: "554 5.7.1 blocked"}) as box,
        pytest.raises(Temporary, match="does not want us: 554"),
    ):
        deliver(box, before_data=never_asked)


def test_refused_login_is_temporary_and_shows_no_password() -> None:
    with (
        mail_server({"AUTH": "no"}) as box,
        pytest.raises(Temporary, match="does not want us: 535") as caught,
    ):
        deliver(box, login="register:geheim%40@", before_data=never_asked)
    assert set(box.logins) == {(b"register", b"geheim@")}
    assert "geheim" not in str(caught.value)


def test_login_is_made_from_the_address() -> None:
    with mail_server() as box:
        deliver(box, login="register:geheim%40@")
    assert box.logins == [(b"register", b"geheim@")]
    assert len(box.accepted) == 1


def test_login_asked_at_mail_is_temporary() -> None:
    with mail_server({"MAIL": "530 5.7.0 log in"}) as box, pytest.raises(Temporary, match="asks for a login"):
        deliver(box, before_data=never_asked)


@pytest.mark.parametrize("stage", ["MAIL", "RCPT"])
def test_refused_envelope_is_permanent_in_the_words_of_the_server(stage: str) -> None:
    with (
        mail_server({stage: "550 5.1.1 unknown"}) as box,
        pytest.raises(Permanent, match=r"550 5\.1\.1 unknown"),
    ):
        deliver(box, before_data=never_asked)


@pytest.mark.parametrize("stage", ["DATA", "content"])
@pytest.mark.parametrize(("fault", "error"), [("452 4.3.1 full", Temporary), ("554 5.6.0 no", Permanent)])
def test_refused_letter_is_known_not_to_be_accepted(stage: str, fault: str, error: type[MailError]) -> None:
    with mail_server({stage: fault}) as box, pytest.raises(error, match=fault):
        deliver(box)
    assert box.accepted == []


@pytest.mark.parametrize("fault", [DROP, STALL])
def test_silence_before_the_go_ahead_is_temporary_since_nothing_left(fault: str) -> None:
    with mail_server({"DATA": fault}) as box, pytest.raises(Temporary):
        deliver(box, timeout=0.4)


@pytest.mark.parametrize("stage", ["content", "answer"])
@pytest.mark.parametrize("fault", [DROP, STALL, "354 go on"])
def test_silence_after_the_letter_is_unknown(stage: str, fault: str) -> None:
    with mail_server({stage: fault}) as box, pytest.raises(Unknown):
        deliver(box, timeout=0.4)
    assert len(box.accepted) == (stage == "answer")  # either may be true, and we cannot tell


@pytest.mark.parametrize("answer", ["250 ok", "251 will forward", "200 fine"])
def test_any_answer_of_success_is_acceptance(answer: str) -> None:
    with mail_server({"answer": answer}) as box:
        assert deliver(box) == answer


def test_server_that_is_away_is_temporary() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with (
        closing(SmtpMailer(f"smtp://127.0.0.1:{port}", timeout=2)) as mailer,
        pytest.raises(Temporary, match="cannot be used now"),
    ):
        mailer.deliver(SENDER, TO, RAW, before_data=never_asked)


def test_caller_who_says_no_keeps_the_letter() -> None:
    with mail_server() as box, pytest.raises(Aborted):
        deliver(box, before_data=lambda: False)
    assert box.accepted == []


def test_fault_of_the_caller_is_passed_on_and_not_taken_for_the_servers() -> None:
    def failing() -> bool:
        raise ConnectionError("the database is away")

    with mail_server() as box, pytest.raises(ConnectionError, match="the database is away"):
        deliver(box, before_data=failing)
    assert box.accepted == []


def test_server_that_closes_during_the_commit_is_temporary() -> None:
    with mail_server() as box, pytest.raises(Temporary):
        deliver(box, before_data=lambda: _hang_up(box))
    assert box.accepted == []


def test_domain_beyond_ascii_needs_no_extension() -> None:
    with mail_server(utf8=False) as box:
        deliver(box, "info@büro.example")
    assert box.accepted[0].rcpt_tos == ["info@xn--bro-hoa.example"]


def test_local_part_beyond_ascii_asks_for_smtputf8() -> None:
    with mail_server() as box:
        deliver(box, "zoë@school.example")
    assert box.accepted[0].rcpt_tos == ["zoë@school.example"]
    assert box.accepted[0].smtp_utf8


def test_local_part_beyond_ascii_is_refused_clearly_where_the_server_lacks_it() -> None:
    with mail_server(utf8=False) as box, pytest.raises(Permanent, match=r"such as zoë@school\.example"):
        deliver(box, "zoë@school.example", before_data=never_asked)


@pytest.mark.parametrize(
    "to", ["", "a@school.example, b@school.example", "a@school.example\r\nRCPT TO:<b@x.example>"]
)
def test_what_is_no_single_address_never_reaches_the_server(to: str) -> None:
    with mail_server() as box, pytest.raises(Permanent, match="no address for one recipient"):
        deliver(box, to, before_data=never_asked)


def test_starttls_is_insisted_on() -> None:
    with mail_server() as box, pytest.raises(Temporary, match="cannot be used now"):
        deliver(box, scheme="smtp+starttls", before_data=never_asked)


def test_greeting_tells_that_the_server_can_be_used() -> None:
    with mail_server() as box, closing(SmtpMailer(f"smtp://127.0.0.1:{box.port}", timeout=2)) as mailer:
        assert re.match("250 mail.example", mailer.greet())


@pytest.mark.parametrize(
    "url", ["", "http://x", "smtp://", "smtp://u:geheim@host:0", "smtp://u:geheim@host:port"]
)
def test_wrong_address_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ValueError, match="must be smtp://") as caught:
        SmtpMailer(url, timeout=1)
    assert "geheim" not in str(caught.value)


def test_bare_line_ends_cannot_end_the_letter_early() -> None:
    assert dotted(b"a\n.\nMAIL FROM:<x@y>\r.\rb") == b"a\r\n..\r\nMAIL FROM:<x@y>\r\n..\r\nb\r\n.\r\n"


def never_asked() -> bool:
    raise AssertionError("the letter must not be committed as being sent")


def _hang_up(box: Letterbox) -> bool:
    box.hang_up()
    return True
