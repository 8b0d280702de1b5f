"""Register hours stay exact, however they were written."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.hours import Hours, plain

amounts = st.from_regex(r"[0-9]{1,60}(\.[0-9]{1,60})?", fullmatch=True)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("15.50", "15.5"),
        ("10", "10"),
        ("1E+1", "10"),
        ("100.00", "100"),
        ("0.0", "0"),
        ("0", "0"),
        ("007", "7"),
        ("0.0000001", "0.0000001"),
    ],
)
def test_amount_is_written_without_idle_zeros(amount: str, text: str) -> None:
    assert plain(Decimal(amount)) == text


@pytest.mark.parametrize(
    "parts", [None, {}, {"contact": None, "self_study": None}, {"contact": "", "self_study": "0"}]
)
def test_hours_that_are_absent_count_as_none(parts: dict[str, str | None] | None) -> None:
    assert Hours.from_text(parts).as_text() == {"contact": "0", "self_study": "0", "total": "0"}


def test_hours_show_their_parts_and_their_total() -> None:
    hours = Hours.from_text({"contact": "12.50", "self_study": "3"})
    assert hours.as_text() == {"contact": "12.5", "self_study": "3", "total": "15.5"}


def test_amounts_are_equal_whatever_their_writing() -> None:
    assert Hours.from_text({"contact": "10.0", "self_study": "2"}) == Hours(Decimal("10"), Decimal("2.00"))


def test_longest_amounts_that_an_event_can_hold_are_added_exactly() -> None:
    contact, self_study = f"1{'0' * 100_000}", f"0.{'0' * 99_999}1"
    total = Hours.from_text({"contact": contact, "self_study": self_study}).as_text()["total"]
    assert total == f"{contact}.{'0' * 99_999}1"


@given(amounts, amounts)
def test_what_was_written_is_what_is_read_back(contact: str, self_study: str) -> None:
    hours = Hours.from_text({"contact": contact, "self_study": self_study})
    assert Hours.from_text(hours.as_text()) == hours
    assert hours.share(Decimal("0.5")) * 2 == hours.total or len(contact + self_study) > 20
