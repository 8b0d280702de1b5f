"""When letters leave: in the window that the policy gives, and never later than they must."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.contract import AMSTERDAM
from pipeline.domain import leaving
from pipeline.domain.calendar import Calendar
from pipeline.domain.policy import SendWindow
from pipeline.errors import CalendarEnds

OFFICE = SendWindow.model_validate({"from": time(8), "until": time(18), "working_days_only": True})
DAILY = SendWindow.model_validate({"from": time(8), "until": time(18)})


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM)


@pytest.mark.parametrize(
    ("window", "now", "opens"),
    [
        (None, "2026-11-21T03:00", "2026-11-21T03:00"),
        (OFFICE, "2026-11-20T07:59:59", "2026-11-20T08:00"),
        (OFFICE, "2026-11-20T08:00", "2026-11-20T08:00"),
        (OFFICE, "2026-11-20T17:59:59", "2026-11-20T17:59:59"),
        (OFFICE, "2026-11-20T18:00", "2026-11-23T08:00"),  # a Friday
        (DAILY, "2026-11-20T18:00", "2026-11-21T08:00"),
        (OFFICE, "2026-12-24T20:00", "2026-12-28T08:00"),  # Christmas, then a weekend
        (OFFICE, "2027-04-26T20:00", "2027-04-28T08:00"),  # the King's day
        (DAILY, "2026-10-24T20:00", "2026-10-25T08:00"),  # the clocks go back
    ],
)
def test_window_opens_on_the_next_day_that_counts(
    calendar: Calendar, window: SendWindow | None, now: str, opens: str
) -> None:
    assert leaving.opens_at(window, local(now), calendar) == local(opens)


def test_letter_leaves_on_its_last_day_though_the_window_is_closed(calendar: Calendar) -> None:
    now, last = local("2026-11-20T18:30"), leaving.end_of(date(2026, 11, 20))
    assert leaving.held_back_until(OFFICE, now, last, calendar) is None
    assert leaving.held_back_until(OFFICE, now, leaving.end_of(date(2026, 11, 23)), calendar) == local(
        "2026-11-23T08:00"
    )


def test_letter_that_is_late_already_leaves_at_once(calendar: Calendar) -> None:
    assert (
        leaving.held_back_until(OFFICE, local("2026-11-21T03:00"), local("2026-11-01T00:00"), calendar)
        is None
    )


def test_last_moment_of_a_day_leaves_an_hour_for_a_server_that_is_away() -> None:
    assert leaving.end_of(date(2026, 11, 20)) == local("2026-11-20T23:00")
    assert leaving.end_of(date(2026, 10, 25)) == local("2026-10-25T23:00")


def test_day_that_must_have_begun_has_not(calendar: Calendar) -> None:
    assert leaving.start_of(date(2026, 11, 20)) == local("2026-11-20T00:00")


def test_letter_leaves_where_the_calendar_ends(calendar: Calendar) -> None:
    now = local("2028-12-31T20:00")  # no public holiday is known after it
    with pytest.raises(CalendarEnds):
        leaving.opens_at(OFFICE, now, calendar)
    assert leaving.held_back_until(OFFICE, now, None, calendar) is None


MOMENTS = st.datetimes(datetime(2026, 9, 1), datetime(2027, 6, 1), timezones=st.just(UTC))
WINDOWS = st.none() | st.tuples(st.times(), st.times(), st.booleans()).filter(
    lambda one: one[0] < one[1]
).map(lambda one: SendWindow.model_validate({"from": one[0], "until": one[1], "working_days_only": one[2]}))


@given(MOMENTS, WINDOWS, MOMENTS, st.integers(0, 100_000))
def test_no_letter_is_put_off_beyond_its_term(
    calendar: Calendar, now: datetime, window: SendWindow | None, send_by: datetime, waits: int
) -> None:
    """Whatever the window and however long the rate lets it wait, over and over again."""
    left = now
    for _ in range(4):
        opens = leaving.held_back_until(window, left, send_by, calendar)
        left = leaving.leaves_at(left, (opens or left) + timedelta(seconds=waits), send_by)
    assert now <= left <= max(now, send_by)


@given(MOMENTS, WINDOWS)
def test_letter_without_a_term_leaves_only_in_the_window(
    calendar: Calendar, now: datetime, window: SendWindow | None
) -> None:
    at = leaving.held_back_until(window, now, None, calendar) or now
    assert leaving.opens_at(window, at, calendar) == at
