"""What mail systems send back is read as RFC 3464 has it, and whatever anybody else sends without harm."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.mail import bounces
from pipeline.mail.bounces import LARGEST, Fate, NoNotification, Notification
from tests.mail.dsn import AWAY, dsn

ID = "<0a1b@register.example>"


@pytest.mark.parametrize("headers_only", [True, False])
def test_notification_tells_of_letter_recipient_and_why(headers_only: bool) -> None:
    read = bounces.read(dsn(ID, "a@school.example", envelope_id="0a1b", headers_only=headers_only))
    why = "smtp; 550 5.1.1 <a@school.example>: Recipient address rejected: User unknown"
    assert read == Notification((Fate("failed", "5.1.1", ("a@school.example",), why),), ID, "0a1b")


def test_address_that_was_given_at_first_is_told_too() -> None:
    [fate] = bounces.read(dsn(ID, "b@elders.example", original="a@school.example")).fates
    assert fate.addresses == ("a@school.example", "b@elders.example")


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded", "FAILED"])
def test_every_action_is_known_however_it_is_written(action: str) -> None:
    assert bounces.read(dsn(ID, "a@x.example", action=action)).fates[0].action == action.lower()


def test_notification_without_the_letter_is_tied_by_our_name_for_it() -> None:
    read = bounces.read(dsn(None, "a@x.example", envelope_id="0a1b"))
    assert (read.message_id, read.envelope_id) == (None, "0a1b")


def test_letter_that_is_attached_whole_is_not_taken_for_the_notification() -> None:
    """The Message-ID of the notification itself is another."""
    raw = b"Message-ID: <dsn@mx.example>\r\n" + dsn(ID, "a@x.example")
    assert bounces.read(raw).message_id == ID


def test_newer_form_with_addresses_beyond_ascii_is_read() -> None:
    raw = dsn(ID, "a@x.example").replace(b"message/delivery-status", b"message/global-delivery-status")
    raw = raw.replace(b"message/rfc822", b"message/global").replace(
        b"Final-Recipient: rfc822; a@x.example", "Final-Recipient: utf-8; zoë@x.example".encode()
    )
    read = bounces.read(raw)
    assert (len(read.fates), read.fates[0].action, read.message_id) == (1, "failed", ID)


def test_each_recipient_is_told_of() -> None:
    more = b"\r\nFinal-Recipient: rfc822; b@x.example\r\nAction: delayed\r\nStatus: 4.0.0\r\n"
    raw = dsn(ID, "a@x.example").replace(
        b"\r\n\r\n--4F2C.1/mx\r\nContent-Type: message/rfc822",
        more + (b"\r\n--4F2C.1/mx\r\nContent-Type: message/rfc822"),
        1,
    )
    raw = raw.replace(b"User unknown\r\nFinal", b"User unknown\r\n\r\nFinal")
    assert [(one.addresses, one.action) for one in bounces.read(raw).fates] == [
        (("a@x.example",), "failed"),
        (("b@x.example",), "delayed"),
    ]


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (AWAY, "an automatic answer: Afwezig tot maandag"),
        (b"Subject: Vraag\r\n\r\nWanneer?", "other mail: Vraag"),
        (b"", "other mail."),
        (b"\xff\xfe\x00", "other mail"),
        (dsn(ID, "a@x.example", action="exploded"), "tells of no recipient"),
        (dsn(ID, "").replace(b"rfc822; ", b""), "tells of no recipient"),
        (dsn(ID, "a@x.example").replace(b"message/delivery-status", b"text/plain"), "no delivery status"),
        (b"Content-Type: multipart/report\r\n\r\n", "no delivery status"),
        (dsn(ID, "a@x.example")[:560], "no recipient"),
    ],
)
def test_what_is_no_notification_says_what_it_is(raw: bytes, why: str) -> None:
    with pytest.raises(NoNotification, match=why):
        bounces.read(raw)


def test_words_of_a_server_are_one_line_of_a_certain_length() -> None:
    long = "smtp; 550 " + "\r\n ".join(["nee \x1b[31m"] * 500)
    [fate] = bounces.read(dsn(ID, "a@x.example", diagnostic=long)).fates
    assert len(fate.diagnostic) == 500
    assert fate.diagnostic.isprintable()


def test_only_the_beginning_is_looked_at() -> None:
    raw = b"X-Long: " + b"x" * LARGEST + b"\r\n" + dsn(ID, "a@x.example")
    with pytest.raises(NoNotification):
        bounces.read(raw)


def nested(depth: int) -> bytes:
    return b"".join(
        b'Content-Type: multipart/report; boundary="b%d"\r\n\r\n--b%d\r\n' % (place, place)
        for place in range(depth)
    )


@pytest.mark.parametrize("raw", [nested(3000), b"Content-Type: message/rfc822\r\n\r\n" * 5000])
def test_letters_in_letters_without_end_do_no_harm(raw: bytes) -> None:
    with pytest.raises(NoNotification):
        bounces.read(raw)


@given(st.binary(max_size=2000))
@example(b"Content-Type: multipart/report; boundary=\r\n\r\n--\r\n")
@example(b"Content-Type: multipart/report; boundary*=x''%ff\r\nContent-Transfer-Encoding: base64\r\n\r\n=")
def test_whatever_comes_raises_nothing_but_that_it_is_no_notification(raw: bytes) -> None:
    with suppress(NoNotification):
        bounces.read(raw)


@given(st.data())
def test_notification_with_anything_in_it_raises_nothing_else(data: st.DataObject) -> None:
    raw = bytearray(dsn(ID, "a@x.example", envelope_id="0a1b", headers_only=data.draw(st.booleans())))
    for _ in range(data.draw(st.integers(1, 8))):
        start = data.draw(st.integers(0, len(raw)))
        end = data.draw(st.integers(start, min(start + 40, len(raw))))
        raw[start:end] = data.draw(st.binary(max_size=40))
    with suppress(NoNotification):
        for fate in bounces.read(bytes(raw)).fates:
            assert fate.action in bounces.ACTIONS
            assert all(len(address) <= 320 for address in fate.addresses)
