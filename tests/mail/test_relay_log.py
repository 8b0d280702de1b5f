"""Which letters a relay's log says it took: no line counts that is written before a letter is safe."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.mail import relay_log
from pipeline.mail.relay_log import Log

ONE, TWO = "<0a1b@register.example>", "<2c3d@register.example>"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)

POSTFIX = """
2026-11-24T12:00:00.101+01:00 mx postfix/smtpd[9]: 4F2C81A0: client=app[192.0.2.7]
2026-11-24T12:00:00.204+01:00 mx postfix/cleanup[11]: 4F2C81A0: message-id=<0a1b@register.example>
2026-11-24T12:00:01.307+01:00 mx postfix/qmgr[3]: 4F2C81A0: from=<r@register.example>, size=9, nrcpt=1 (queue active)
2026-11-24T12:00:02.000+01:00 mx postfix/smtp[12]: 4F2C81A0: to=<a@school.example>, dsn=2.0.0, status=sent (250 ok)
"""
BROKEN_OFF = """
2026-11-24T12:00:00.204+01:00 mx postfix/cleanup[11]: 4F2C81A0: message-id=<0a1b@register.example>
2026-11-24T12:00:09.000+01:00 mx postfix/smtpd[9]: lost connection after DATA (512 bytes) from app[192.0.2.7]
"""
TURNED_DOWN = """
2026-11-24T12:00:00.204+01:00 mx postfix/cleanup[11]: 4F2C81A0: message-id=<0a1b@register.example>
2026-11-24T12:00:00.3+01:00 mx postfix/cleanup[11]: 4F2C81A0: milter-reject: END-OF-MESSAGE from app: 5.7.1 no
"""
SYSLOG = """
Nov 24 12:00:00 mx postfix/submission/smtpd[9]: 4F2C81A0: client=app
Nov 24 12:00:00 mx postfix/cleanup[11]: 4F2C81A0: message-id=<0a1b@register.example>
Nov 24 12:00:01 mx postfix/qmgr[3]: 4F2C81A0: from=<r@register.example>, size=9, nrcpt=1 (queue active)
"""
EXIM = """
2026-11-24 12:00:01 1tXyZ0-00000000abc-1abc <= r@register.example H=app P=esmtps S=9 id=0a1b@register.example
2026-11-24 12:00:02 1tXyZ0-00000000abc-1abc => a@school.example R=dnslookup T=remote_smtp C="250 ok"
"""
EXIM_TURNED_DOWN = """
2026-11-24 12:00:01 1tXyZ0 H=app F=<r@register.example> rejected after DATA: no; Message-ID: <0a1b@register.example>
"""


def read(text: str, *wanted: str) -> Log:
    return relay_log.read((line.encode() + b"\n" for line in text.splitlines()), wanted or (ONE, TWO), NOW)


@pytest.mark.parametrize("line", [ONE, "0a1b@register.example", f"  {ONE}  ", f"accepted {ONE}, 250 ok"])
def test_letter_that_is_named_by_itself_was_accepted(line: str) -> None:
    assert read(line) == Log(accepted={ONE: None})


@pytest.mark.parametrize("text", [POSTFIX, SYSLOG, EXIM])
def test_letter_in_the_queue_was_accepted_at_that_moment(text: str) -> None:
    log = read(text)
    at = log.accepted[ONE]
    assert at is not None
    assert at.replace(microsecond=0) == datetime(2026, 11, 24, 11, 0, 1, tzinfo=UTC)
    assert log.begins_at is not None
    assert log.named == set()


@pytest.mark.parametrize("text", [BROKEN_OFF, TURNED_DOWN, EXIM_TURNED_DOWN])
def test_letter_that_never_came_into_the_queue_was_not(text: str) -> None:
    log = read(text)
    assert (log.accepted, log.named) == ({}, {ONE})


def test_queue_id_of_another_letter_tells_nothing() -> None:
    other = POSTFIX.replace("4F2C81A0: from", "5A5A5A5A: from").replace("4F2C81A0: to", "5A5A5A5A: to")
    assert read(other).accepted == {}


def test_part_of_a_name_is_another_name() -> None:
    assert read("<x0a1b@register.example> <0a1b@register.example.org>") == Log()


def test_only_what_is_asked_for_is_told() -> None:
    assert read(f"{ONE}\n{TWO}", TWO).accepted == {TWO: None}


@pytest.mark.parametrize(
    ("line", "at"),
    [
        ("Dec 31 23:59:59 mx x: y", datetime(2025, 12, 31, 22, 59, 59, tzinfo=UTC)),
        ("<22>Nov  5 01:02:03 mx x: y", datetime(2026, 11, 5, 0, 2, 3, tzinfo=UTC)),
        ("2026-07-01 10:00:00 x", datetime(2026, 7, 1, 8, tzinfo=UTC)),
        ("2026-07-01T10:00:00Z x", datetime(2026, 7, 1, 10, tzinfo=UTC)),
        ("2026-07-01T10:00:00.123456+0100 x", datetime(2026, 7, 1, 9, tzinfo=UTC)),
        ("2026-02-30 10:00:00 x", None),
        ("Feb 30 10:00:00 mx x: y", None),
        ("Foo 13 10:00:00 mx x: y", None),
        ("nothing", None),
    ],
)
def test_moment_of_a_line_is_local_unless_it_says_otherwise(line: str, at: datetime | None) -> None:
    assert read(line).begins_at == at


def test_line_without_end_is_looked_at_only_in_part() -> None:
    assert read("x" * 20_000 + ONE) == Log()


@given(st.lists(st.binary(max_size=200)))
def test_whatever_lies_there_is_read(lines: list[bytes]) -> None:
    assert relay_log.read(lines, [ONE], NOW).accepted == {}


@given(
    st.lists(st.sampled_from([line for line in (POSTFIX + SYSLOG + EXIM + BROKEN_OFF).splitlines() if line]))
)
def test_lines_in_any_order_accept_nothing_that_is_not_named(lines: list[str]) -> None:
    assert set(read("\n".join(lines), ONE, TWO).accepted) <= {ONE}
