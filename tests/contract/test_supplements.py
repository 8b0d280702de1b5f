"""Supplements: RFC 7396, and the merged submission judged whole."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given

from pipeline.contract import EventType, check_submission, merge_patch, supplemented
from pipeline.errors import Refused

from .samples import ACTIVITY, DATA, verdict_on
from .test_whole import json_objects, json_values

SUBMITTED = DATA[EventType.ACTIVITY_SUBMITTED]

# RFC 7396, appendix A: original, patch, result.
APPENDIX: list[tuple[Any, Any, Any]] = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


def without_null(value: object) -> object:
    if isinstance(value, dict):
        return {key: without_null(item) for key, item in value.items() if item is not None}
    return value


@pytest.mark.parametrize(("original", "patch", "result"), APPENDIX)
def test_merge_patch_follows_the_appendix_of_rfc_7396(original: Any, patch: Any, result: Any) -> None:
    assert merge_patch(original, patch) == result


@given(json_values, json_values)
def test_merge_patch_twice_is_once(target: Any, patch: Any) -> None:
    once = merge_patch(target, patch)

    assert merge_patch(once, patch) == once


@given(json_values, json_values)
def test_merge_patch_changes_neither_side(target: Any, patch: Any) -> None:
    before = copy.deepcopy((target, patch))

    merge_patch(target, patch)

    assert (target, patch) == before


@given(json_objects)
def test_merge_patch_empty_patch_changes_nothing(target: dict[str, Any]) -> None:
    assert merge_patch(target, {}) == target


@given(json_objects)
def test_merge_patch_on_nothing_is_the_patch_without_its_nulls(patch: dict[str, Any]) -> None:
    assert merge_patch({}, patch) == without_null(patch)


def test_supplemented_good_changes_give_the_merged_submission() -> None:
    merged = supplemented(EventType.ACTIVITY_SUBMITTED, SUBMITTED, {"activity": {"planning": "In maart."}})

    assert merged == {"provider_kvk": "69599068", "activity": {**ACTIVITY, "planning": "In maart."}}


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"activity": {"title": None}}, ("required", "changes.activity.title")),
        ({"activity": None}, ("required", "changes.activity")),
        ({"activity": {"hours": {"contact": 6}}}, ("wrong_type", "changes.activity.hours.contact")),
        ({"activity": {"type": "self_study"}}, ("self_study", "changes.activity.type")),
        ({"activity": {"goal": 1, "type": "x"}}, ("wrong_type", "changes.activity.goal")),
        ({"activity": {"type": "x", "goal": 1}}, ("not_in_list", "changes.activity.type")),
    ],
)
def test_supplemented_merged_submission_that_would_be_refused_is(
    changes: dict[str, Any], refused: tuple[str, str]
) -> None:
    with pytest.raises(Refused) as refusal:
        supplemented(EventType.ACTIVITY_SUBMITTED, SUBMITTED, changes)

    assert verdict_on(refusal.value) == refused


def test_supplemented_submission_that_was_faulty_already_is_refused_too() -> None:
    with pytest.raises(Refused) as refusal:
        supplemented(EventType.ACTIVITY_SUBMITTED, {"provider_kvk": "69599068", "activity": {"title": 5}}, {})

    assert verdict_on(refusal.value) == ("wrong_type", "changes.activity.title")


def test_check_submission_without_prefix_names_the_field_from_data() -> None:
    with pytest.raises(Refused) as refusal:
        check_submission(EventType.PROVIDER_APPLIED, {"provider": {"name": " "}})

    assert verdict_on(refusal.value) == ("required", "provider.name")


def test_check_submission_other_event_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="submits nothing"):
        check_submission(EventType.CASE_WITHDRAWN, DATA[EventType.CASE_WITHDRAWN])
