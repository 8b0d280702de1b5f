"""Instants are RFC 3339 with an offset; the day of receipt is Amsterdam's."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.contract import instant, received_on


def is_moment(text: str) -> bool:
    try:
        instant(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-23T09:30:00+01:00", datetime(2026, 11, 23, 8, 30, tzinfo=UTC)),
        ("2026-11-23t08:30:00z", datetime(2026, 11, 23, 8, 30, tzinfo=UTC)),
        ("2026-11-23T08:30:00-00:00", datetime(2026, 11, 23, 8, 30, tzinfo=UTC)),
        ("2026-11-23T02:30:00-06:00", datetime(2026, 11, 23, 8, 30, tzinfo=UTC)),
        ("2026-11-23T08:30:00.25Z", datetime(2026, 11, 23, 8, 30, 0, 250_000, tzinfo=UTC)),
        ("2026-11-23T08:30:00.123456789Z", datetime(2026, 11, 23, 8, 30, 0, 123_456, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC)),
        ("2017-01-01T00:59:60+01:00", datetime(2017, 1, 1, tzinfo=UTC)),
        ("0001-01-02T00:00:00Z", datetime(1, 1, 2, tzinfo=UTC)),
    ],
)
def test_instant_rfc_3339_text_is_the_moment_in_utc(text: str, expected: datetime) -> None:
    assert instant(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23T09:30:00",
        "2026-11-23 09:30:00+01:00",
        "2026-11-23",
        "2026-11-23T09:30+01:00",
        "2026-11-23T09:30:00+0100",
        "2026-11-23T09:30:00+01",
        "2026-11-23T09:30:00,5Z",
        "2026-11-23T09:30:00.Z",
        "2026-11-23T24:00:00Z",
        "2026-11-23T09:60:00Z",
        "2026-11-23T09:30:61Z",
        "2026-11-23T09:30:60Z",
        "2026-11-23T09:30:00+24:00",
        "2026-11-23T09:30:00+01:60",
        "2026-02-29T09:30:00Z",
        "2026-13-01T09:30:00Z",
        "20261123T093000Z",
        "2026-W48-1T09:30:00Z",
        "2026-11-23T09:30:00Z\n",
        " 2026-11-23T09:30:00Z",
        "٢٠٢٦-11-23T09:30:00Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "9999-12-31T23:59:60Z",
        "9999-12-31T23:30:00Z",
        "10000-01-01T00:00:00Z",
        "",
    ],
)
def test_instant_anything_else_is_no_moment(text: str) -> None:
    assert not is_moment(text)


@given(
    st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 12, 31)),
    st.integers(min_value=-23 * 60 - 59, max_value=23 * 60 + 59),
)
def test_instant_reads_back_what_was_written(naive: datetime, minutes: int) -> None:
    moment = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))

    assert instant(moment.isoformat()) == moment


@given(st.text())
def test_instant_any_text_is_a_moment_or_a_value_error(text: str) -> None:
    assert is_moment(text) in (True, False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-22T23:30:00Z", date(2026, 11, 23)),
        ("2026-11-22T22:30:00Z", date(2026, 11, 22)),
        ("2017-07-31T21:59:59Z", date(2017, 7, 31)),
        ("2017-07-31T22:00:00Z", date(2017, 8, 1)),
    ],
)
def test_received_on_is_the_local_date_in_amsterdam(text: str, expected: date) -> None:
    assert received_on(instant(text)) == expected
