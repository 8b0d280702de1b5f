"""Parts of a letter: what the library's own messages write, and nothing that brings a header of its own."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.mail import mime
from pipeline.mail.letters import Attachment
from tests.mail.samples import letter, opened

OLD = "Subject: Zoë\r\n\r\n--=_een\r\n".encode()
PICTURE = Attachment("a.png", bytes(range(256)), "image/png")


@given(st.text(st.characters(codec="utf-8")))
def test_any_text_is_written_as_the_library_writes_it(content: str) -> None:
    message = EmailMessage(policy=SMTP)
    message.set_content(content, cte="quoted-printable")
    part = mime.text(content, "plain")
    assert part.head + mime.VERSION + b"\r\n" + part.body == message.as_bytes()


@given(st.binary(), st.from_regex(r"[a-z]{1,60}\.png", fullmatch=True), st.booleans())
def test_any_file_is_written_as_the_library_writes_it(content: bytes, name: str, has_method: bool) -> None:
    message, parameters = EmailMessage(policy=SMTP), {"method": "PUBLISH"} if has_method else {}
    message.set_content(content, "image", "png", filename=name, params=parameters)
    assert mime.file(name, content, "image/png", parameters).raw == message.as_bytes()


@given(st.from_regex(r"[a-z]{1,64}@[a-z]{1,60}\.example", fullmatch=True))
def test_any_recipient_is_written_as_the_library_writes_it(address: str) -> None:
    message = EmailMessage(policy=SMTP)
    message["To"] = address
    assert mime.recipient(address) + b"\r\n" == message.as_bytes()


@pytest.mark.parametrize(
    "value", ["a\r\nBcc: b@c.example", "\nBcc: b@c.example", "a\rb", "a\x85b", "a\u2028b"]
)
def test_header_with_the_end_of_a_line_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="X-Any may not contain the end of a line"):
        mime.header("X-Any", value)


@pytest.mark.parametrize("name", ["register\r\nBcc: b@c.example", "\nregister"])
def test_mailbox_with_the_end_of_a_line_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="CR or LF"):
        mime.mailbox("From", name, "register@register.example")


@pytest.mark.parametrize("parameters", [{"method": "PUBLISH\r\nBcc: b@c.example"}, {"method\r\nBcc": "b"}])
def test_file_whose_parameters_end_a_line_is_refused(parameters: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="Content-Type may not contain"):
        mime.file("a.ics", b"", "text/calendar", parameters)


def test_parts_in_parts_are_read_without_a_defect() -> None:
    both = mime.multipart("alternative", [mime.text("één", "plain"), mime.text("<p>één", "html")], "=_1")
    whole = mime.multipart("mixed", [both, mime.letter("brief.eml", OLD)], "=_" + "x" * 60)
    message = message_from_bytes(whole.raw, policy=SMTP)
    kinds = "multipart/mixed multipart/alternative text/plain text/html message/rfc822 text/plain".split()
    assert [part.get_content_type() for part in message.walk()] == kinds
    assert [part.defects for part in message.walk()] == [[]] * len(kinds)


def test_letters_are_attached_as_they_were_among_other_files() -> None:
    former = Attachment("brief.eml", OLD, mime.LETTER)
    raw = letter("granted", attachments=[PICTURE, former, former]).raw
    assert raw.count(b"\r\n\r\n" + OLD + b"\r\n--=_") == 2


def test_recipient_that_reads_as_an_encoded_word_is_not_taken_for_one() -> None:
    address = "=?utf-8?q?hoi?=@school.example"
    assert f"To: {address}\r\n".encode() in letter("rejected", to=address).raw


def test_sender_beyond_ascii_is_encoded_unless_the_letter_needs_smtputf8() -> None:
    ascii_only, utf8 = (
        mime.mailbox("From", "Één", "a@b.example", is_utf8=is_utf8) for is_utf8 in (False, True)
    )
    assert (ascii_only, utf8) == (
        b"From: =?utf-8?b?w4nDqW4=?= <a@b.example>\r\n", "From: Één <a@b.example>\r\n".encode(),
    )  # fmt: skip


def test_letter_with_a_file_names_each_boundary_once() -> None:
    message = opened(letter("granted", attachments=[PICTURE]))
    boundaries = [part.get_boundary() for part in message.walk() if part.is_multipart()]
    assert [str(boundary)[-2:] for boundary in boundaries] == ["_0", "_1"]
