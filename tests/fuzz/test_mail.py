"""What comes back by mail, and what a relay's log tells: read, or said why not, within bounds."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.mail import bounces, relay_log
from pipeline.mail.bounces import LARGEST, NoNotification
from tests.fuzz.inputs import assert_lines, fuzzed, mangled
from tests.mail.dsn import AWAY, dsn
from tests.mail.test_relay_log import EXIM, NOW, ONE, POSTFIX, SYSLOG, TURNED_DOWN, TWO

LETTER: Final = "<0a1b@register.example>"
NOTIFICATIONS: Final = [AWAY] + [
    dsn(LETTER, "a@x.example", headers_only=short, envelope_id="0a1b", original="b@x.example")
    for short in (False, True)
]
LOGS: Final = [text.encode() for text in (POSTFIX, SYSLOG, EXIM, TURNED_DOWN)]
pieces = st.sampled_from(
    [b"\r\n", b"\n\n", b": ", b"--4F2C.1/mx", b";", b"=?utf-8?b?", b"=", b"Action: failed", b"\xff", b"\x00"]
)


@fuzzed(250)
@given(mangled(st.sampled_from(NOTIFICATIONS)) | st.lists(pieces).map(b"".join) | st.binary(max_size=100))
def test_any_mail_is_a_notification_or_not_and_why(raw: bytes) -> None:
    try:
        found = bounces.read(raw)
    except NoNotification as error:
        assert_lines(error, most=1)
        return
    assert 0 < len(found.fates) <= 101
    for fate in found.fates:
        assert fate.action in bounces.ACTIONS
        texts = [
            *fate.addresses,
            fate.status,
            fate.diagnostic,
            found.message_id or "",
            found.envelope_id or "",
        ]
        assert all(text.isprintable() and len(text) <= 500 for text in texts), texts


@pytest.mark.parametrize(
    "piece", [b"\n", b"a", b"a: b\n", b"\n\n--4F2C.1/mx\n", b"Action: failed\n\n", b" ", b"<", b"=\n"]
)
@pytest.mark.parametrize("where", [b"Action: failed", b"Message-ID", b"--4F2C.1/mx\r\nContent-Type: message"])
def test_a_long_mail_is_read_within_the_same_bounds(piece: bytes, where: bytes) -> None:
    before, found, after = NOTIFICATIONS[1].partition(where)
    with suppress(NoNotification):
        assert len(bounces.read(before + piece * (LARGEST // len(piece)) + found + after).fates) <= 101


@fuzzed(150)
@given(st.lists(mangled(st.sampled_from(LOGS)) | st.binary(max_size=50), max_size=3).map(b"".join))
def test_any_log_tells_of_letters_that_were_asked_for_only(raw: bytes) -> None:
    log = relay_log.read(raw.splitlines(keepends=True), (ONE, TWO), NOW)
    assert {*log.accepted, *log.named} <= {ONE, TWO}
    assert not log.named & log.accepted.keys()
    assert all(at is None or at.tzinfo is UTC for at in (*log.accepted.values(), log.begins_at))
    assert log.begins_at is None or log.begins_at >= datetime.min.replace(tzinfo=UTC)
