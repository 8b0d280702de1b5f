"""A term is extended before it ends, once, to a working day, and not for too long."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.calendar import Calendar
from pipeline.domain.extending import fault
from pipeline.domain.lifecycle import Kind
from pipeline.domain.policy import Extending
from pipeline.domain.terms import Extension, Ledger, due_on
from pipeline.errors import CalendarEnds
from tests.domain.test_terms import CALENDAR, ledgers

LEDGER = Ledger(date(2026, 11, 23), 42, "midden")  # ends on 20 January 2027
LIMITS = Extending()


@pytest.mark.parametrize(
    ("to", "today", "says"),
    [
        ("2027-02-03", "2026-12-01", None),
        ("2027-02-03", "2027-01-20", None),  # on its last day it has not ended
        ("2027-02-03", "2027-01-21", "The term ended on 2027-01-20: an extension is told before that."),
        ("2027-01-20", "2026-12-01", "The term ends on 2027-01-20: name a later day, got 2027-01-20."),
        ("2027-03-03", "2026-12-01", None),
        ("2027-03-04", "2026-12-01", "The term may be extended to 2027-03-03 at the latest, got 2027-03-04."),
        (
            "2027-01-30",
            "2026-12-01",
            "2027-01-30 is a Saturday, and no term ends on such a day: name 2027-02-01",
        ),
    ],
)
def test_extension_is_taken_or_refused_with_what_to_do(
    calendar: Calendar, to: str, today: str, says: str | None
) -> None:
    found = fault(Kind.ACTIVITY, LEDGER, date.fromisoformat(to), date.fromisoformat(today), LIMITS, calendar)
    assert found is None if says is None else str(found).startswith(says)


def test_holiday_is_named_where_no_term_ends_on_it(calendar: Calendar) -> None:
    ledger = Ledger(date(2027, 3, 1), 42, "none")
    found = fault(Kind.ACTIVITY, ledger, date(2027, 5, 5), date(2027, 4, 1), LIMITS, calendar)
    assert (
        found
        == "2027-05-05 is Bevrijdingsdag, and no term ends on such a day: name 2027-05-10, the next working day."
    )


def test_term_may_end_on_a_holiday_where_nothing_rolls_over(calendar: Calendar) -> None:
    ledger = replace(LEDGER, roll_over=False)
    assert fault(Kind.ACTIVITY, ledger, date(2027, 1, 30), date(2026, 12, 1), LIMITS, calendar) is None


def test_second_extension_is_as_much_as_the_policy_allows(calendar: Calendar) -> None:
    ledger = replace(LEDGER, extensions=(Extension(date(2027, 2, 3), "Ziek."),))
    asked = (Kind.ACTIVITY, ledger, date(2027, 2, 10), date(2026, 12, 1))
    assert fault(*asked, LIMITS, calendar) == (
        "The term may be extended once, and was, to 2027-02-03: decide by then."
    )
    assert fault(*asked, Extending(times=2), calendar) is None
    assert "2027-03-03" in str(fault(*asked[:2], date(2027, 3, 4), asked[3], Extending(times=2), calendar))


def test_admission_is_extended_for_less_long(calendar: Calendar) -> None:
    ledger = Ledger(date(2026, 11, 23), 14, "none")
    asked = (date(2027, 1, 11), date(2026, 12, 1), LIMITS, calendar)
    assert str(fault(Kind.ADMISSION, ledger, *asked)).startswith("The term may be extended to 2026-12-21")
    assert fault(Kind.ACTIVITY, ledger, *asked) is None


def test_day_that_the_calendar_does_not_know_is_not_guessed(calendar: Calendar) -> None:
    with pytest.raises(CalendarEnds):
        fault(Kind.ACTIVITY, LEDGER, date(2040, 1, 2), date(2026, 12, 1), LIMITS, calendar)


@given(ledgers(), st.integers(-60, 200), st.integers(0, 60))
def test_extension_that_is_taken_ends_the_term_on_that_very_day(
    ledger: Ledger, later: int, waited: int
) -> None:
    due = due_on(ledger, CALENDAR)
    to, today = due + timedelta(days=later), ledger.received_on + timedelta(days=waited)
    if fault(Kind.ACTIVITY, ledger, to, today, Extending(times=9), CALENDAR) is None:
        extended = replace(ledger, extensions=(*ledger.extensions, Extension(to, "Ziek.")))
        assert due_on(extended, CALENDAR) == to > due
