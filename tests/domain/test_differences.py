"""Two versions of a submission are compared field by field."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.contract import merge_patch
from pipeline.domain.differences import differences

TEXTS = st.dictionaries(st.sampled_from("abc"), st.text(max_size=2) | st.none(), max_size=3)
DATA = st.dictionaries(
    st.sampled_from("xyz"), TEXTS | st.text(max_size=2) | st.lists(st.integers()), max_size=3
)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"a": {"b": "1", "c": "2"}}, {"a": {"b": "1", "c": "3"}}, [("a.c", "2", "3")]),
        ({"a": {"b": "1"}}, {"a": {}}, [("a.b", "1", None)]),
        ({}, {"a": {"b": {"c": "1"}}}, [("a.b.c", None, "1")]),
        ({"a": None}, {}, []),
        ({"a": {}}, {"a": None}, []),
        ({"a": ["1"]}, {"a": ["1", "2"]}, [("a", ["1"], ["1", "2"])]),
        ({"a": "1"}, {"a": {"b": "1"}}, [("a", "1", {"b": "1"})]),
        (
            {"b": "1", "a": "1"},
            {"a": "2", "c": "3", "b": "2"},
            [("b", "1", "2"), ("a", "1", "2"), ("c", None, "3")],
        ),
    ],
)
def test_each_field_that_differs_is_told_once(old: Any, new: Any, expected: list[Any]) -> None:
    assert [tuple(one) for one in differences(old, new)] == expected


@given(DATA)
def test_version_does_not_differ_from_itself(data: dict[str, Any]) -> None:
    assert list(differences(data, data)) == []


@given(DATA, DATA)
def test_what_differs_tells_what_a_patch_changed(data: dict[str, Any], patch: dict[str, Any]) -> None:
    after = merge_patch(data, patch)
    names = {one.field.split(".")[0] for one in differences(data, after)}
    assert names <= patch.keys()
