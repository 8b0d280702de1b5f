"""Days at work: half a day where all schools are closed, none on leave."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.workdays import NEAR, WorkDays

TODAY = date(2026, 3, 2)
DAY = timedelta(days=1)
PLAIN = WorkDays(TODAY, lambda day: 0.0)


def _in(days: int) -> date:
    return TODAY + DAY * days


@given(st.integers(-2 * NEAR, 2 * NEAR), st.integers(0, 400))
def test_without_holidays_every_day_is_one_however_far(first: int, count: int) -> None:
    assert PLAIN.between(_in(first), _in(first + count)) == count


def test_day_on_which_all_schools_are_closed_is_half_a_day() -> None:
    holidays = WorkDays(TODAY, lambda day: 1.0 if day <= _in(4) else 0.0)
    assert holidays.between(TODAY, _in(10)) == 8


def test_day_on_which_one_of_three_regions_is_closed_is_most_of_a_day() -> None:
    assert round(WorkDays(TODAY, lambda day: 1 / 3).between(TODAY, _in(6)), 6) == 5


def test_days_of_leave_count_for_nothing() -> None:
    assert PLAIN.between(TODAY, _in(10), (_in(-5), _in(3))) == 7
    assert PLAIN.between(TODAY, _in(10), (_in(4), _in(6))) == 7
    assert PLAIN.between(TODAY, _in(10), (_in(11), _in(20))) == 10
    assert PLAIN.between(TODAY, _in(10), (date.min, date.max)) == 0


def test_nothing_lies_between_a_day_and_an_earlier_one() -> None:
    assert PLAIN.between(_in(3), TODAY) == 0


def test_first_closed_day_is_found_up_to_the_end_only() -> None:
    holidays = WorkDays(TODAY, lambda day: 1.0 if day >= _in(4) else 0.0)
    assert holidays.first_closed(TODAY, _in(9)) == _in(4)
    assert holidays.first_closed(TODAY, _in(3)) is None
