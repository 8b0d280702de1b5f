"""KvK numbers as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.contract import is_establishment_number, is_kvk, normalise_kvk


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("69599068", "69599068"),
        ("KvK 695.990.68", "69599068"),
        ("kvk69599068", "69599068"),
        ("K.v.K. 687 277 20", "68727720"),
        ("69599068 KvK", "69599068KvK"),
        ("", ""),
    ],
)
def test_normalise_kvk_drops_spaces_dots_and_a_leading_kvk(typed: str, expected: str) -> None:
    assert normalise_kvk(typed) == expected


@given(st.text(alphabet="KkVv .\u00a00189x"))
def test_normalise_kvk_twice_is_once(typed: str) -> None:
    assert normalise_kvk(normalise_kvk(typed)) == normalise_kvk(typed)


@pytest.mark.parametrize("typed", ["69599068", "KVK 6959 9068"])
def test_is_kvk_eight_digits_are(typed: str) -> None:
    assert is_kvk(typed)


@pytest.mark.parametrize(
    "typed", ["00000000", "6959906", "695990688", "٦٩٥٩٩٠٦٨", "6959906a", "", "695990680001"]
)
def test_is_kvk_anything_else_is_not(typed: str) -> None:
    assert not is_kvk(typed)


@pytest.mark.parametrize(("typed", "expected"), [("6959 9068 0001", True), ("69599068", False), ("", False)])
def test_is_establishment_number_needs_twelve_digits(typed: str, expected: bool) -> None:
    assert is_establishment_number(typed) is expected
