"""The structure of a JSON text, found without reading it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.contract.skeleton import Skeleton, nesting, without_strings

signs = st.text(alphabet='[]{}",:\\ aé\U0001f600', max_size=40)


def test_without_strings_leaves_what_stands_between_them() -> None:
    assert without_strings(r'{"a": [1, "]\"[\\"], "é": 2}') == "{: [1, ], : 2}"


def test_without_strings_one_that_never_ends_goes_on_to_the_end() -> None:
    assert without_strings('[1, "abc]]') == "[1, "


@pytest.mark.parametrize(
    ("text", "levels"),
    [("", 0), ("1", 0), ("[]", 1), ("[{}]", 2), ('["[[["]', 1), ("]]][", 0), ("[" * 300_000, 300_000)],
)
def test_nesting_counts_what_is_open_at_once(text: str, levels: int) -> None:
    assert nesting(text) == levels


@given(signs)
def test_nesting_any_text_is_counted_sign_by_sign(text: str) -> None:
    depth = deepest = 0
    for sign in without_strings(text):
        depth += (sign in "[{") - (sign in "]}")
        deepest = max(deepest, depth)
    assert nesting(text) == deepest


@given(st.lists(st.text(max_size=5), max_size=5))
def test_place_a_sign_of_the_skeleton_is_the_same_sign_in_the_text(texts: list[str]) -> None:
    written = json.dumps({"a": texts, "b": {}}, ensure_ascii=False)
    skeleton = Skeleton(written)
    assert [written[skeleton.place(at)] for at in range(len(skeleton.bare))] == list(skeleton.bare)


def test_place_is_known_however_many_strings_come_before_and_after() -> None:
    written = "".join(f'["{"é" * (number % 7)}",' for number in range(600))
    skeleton = Skeleton(written)
    commas = [at for at, sign in enumerate(skeleton.bare) if sign == ","]
    assert [skeleton.place(at) for at in commas] == [at for at, sign in enumerate(written) if sign == ","]


def test_end_is_where_the_bracket_closes() -> None:
    skeleton = Skeleton('{"a": [[], []], "b": 1}')
    start = skeleton.bare.index("[")
    assert skeleton.bare[: skeleton.end(start) + 1] == '{": [[], []]'


@pytest.mark.parametrize("length", [0, 100, 127, 128, 129, 5_000, 10_000])
def test_end_is_found_however_far_away(length: int) -> None:
    skeleton = Skeleton(f"[{'[]' * length}] []")
    assert skeleton.end(0) == 2 * length + 1
    assert skeleton.end(1, -1) == 2 * length + 1


def test_end_of_what_never_closes_is_an_error() -> None:
    with pytest.raises(ValueError, match="never closes"):
        Skeleton("[" * 1000).end(0)
