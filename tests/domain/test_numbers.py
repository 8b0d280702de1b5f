"""Numbers are written so that people can read them from paper."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import damm

from pipeline.domain.lifecycle import Kind
from pipeline.domain.numbers import FIRST_ACTIVITY, activity_number, case_number, grouped


@pytest.mark.parametrize(
    ("kind", "serial", "number"),
    [
        (Kind.ADMISSION, 42, "T-2026-000042"),
        (Kind.ACTIVITY, 123, "A-2026-000123"),
        (Kind.OBJECTION, 7, "B-2026-000007"),
        (Kind.ACTIVITY, 1_234_567, "A-2026-1234567"),
    ],
)
def test_case_number_has_letter_year_and_at_least_six_digits(kind: Kind, serial: int, number: str) -> None:
    assert case_number(kind, 2026, serial) == number


def test_first_activity_number_is_that_of_the_contract() -> None:
    assert activity_number(FIRST_ACTIVITY) == "10000012"
    assert grouped("10000012") == "1000 0012"


@given(st.integers(FIRST_ACTIVITY, 9_999_999))
def test_activity_number_has_eight_digits_and_its_check(serial: int) -> None:
    number = activity_number(serial)
    assert (len(number), number[:-1], damm.is_valid(number)) == (8, str(serial), True)


@given(st.integers(FIRST_ACTIVITY, 9_999_999), st.integers(0, 7), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(serial: int, place: int, off: int) -> None:
    number = activity_number(serial)
    wrong = number[:place] + str((int(number[place]) + off) % 10) + number[place + 1 :]
    assert not damm.is_valid(wrong)
