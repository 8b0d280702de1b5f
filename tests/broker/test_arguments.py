from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from pipeline.broker.arguments import first_argument

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def argument(text: str) -> str | None:
    place = first_argument(text)
    return None if place is None else text[place]


def test_the_argument_is_what_stands_there_to_the_letter() -> None:
    assert argument('{"args": [ {"a" : [1, "]"]}\n], "kwargs": {}}') == '{"a" : [1, "]"]}'


def test_of_several_arguments_the_first_is_found() -> None:
    assert argument('{"args": ["a,b", {"c": 1}]}') == '"a,b"'


def test_an_empty_list_has_no_first_argument() -> None:
    assert argument('{"args": [ ], "kwargs": {"args": [1]}}') is None


def test_args_deeper_down_or_as_a_value_are_not_meant() -> None:
    assert argument('{"options": {"args": [1]}, "x": "args", "y": [2], "z": ["args", [3]]}') is None


def test_of_two_lists_of_args_the_last_counts_as_for_a_parser() -> None:
    assert argument('{"args": [1], "args": [2]}') == "2"


def test_a_key_may_be_written_with_escapes() -> None:
    assert argument('{"\\u0061rgs": [1]}') == "1"


def test_brackets_without_end_are_scanned_once() -> None:
    brackets = "[" * 100_000 + "]" * 100_000

    assert argument(f'{{"args": [{brackets}]}}') == brackets


def test_what_never_ends_is_not_found() -> None:
    assert argument('{"args": [{"a": "') is None
    assert argument('"' * 100_001) is None


@given(
    first=VALUES,
    rest=st.lists(VALUES, max_size=2),
    before=VALUES,
    after=VALUES,
    indent=st.sampled_from([None, 1]),
)
def test_any_argument_is_found_wherever_it_stands(
    first: object, rest: list[object], before: object, after: object, indent: int | None
) -> None:
    message = {"before": before, "args": [first, *rest], "after": after}

    assert argument(json.dumps(message, indent=indent)) is not None
    assert json.loads(argument(json.dumps(message, indent=indent)) or "") == first
