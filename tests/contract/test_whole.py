"""Size, UTF-8, JSON, depth, object: in that order, before anything inside is looked at."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.contract import MAX_BYTES, MAX_DEPTH, content_digest, identity, may_hold_halves, parse
from pipeline.contract.skeleton import nesting
from pipeline.contract.storable import first_unstorable
from pipeline.errors import WHOLE, Refused

from .samples import verdict_on

texts = st.text(max_size=4)
leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
json_values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
json_objects = st.dictionaries(texts, json_values, max_size=3)


def rule(raw: bytes) -> str:
    with pytest.raises(Refused) as refusal:
        parse(raw)
    assert refusal.value.field == WHOLE
    return refusal.value.rule


def nested(levels: int) -> bytes:
    return b'{"a":' * (levels - 1) + b"{}" + b"}" * (levels - 1)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b" " * (MAX_BYTES + 1), "size"),
        (b"\xff" * (MAX_BYTES + 1), "size"),
        (b'{"a": "\xeb"}', "encoding"),
        (b'{"a": "\xed\xa0\x80"}', "encoding"),
        (b"", "json"),
        (b'{"a": 1', "json"),
        (b'{"a": 1} {"b": 2}', "json"),
        (b'{"a": "raw\nline"}', "json"),
        (b'{"a": NaN}', "json"),
        (b'{"a": -Infinity}', "json"),
        (b'{"a": 1e999}', "json"),
        (b'{"a": ' + b"9" * 5000 + b"}", "json"),
        (b"[" * 50, "json"),
        (b"[" * 100_000, "depth"),
        (b"[" * 100_000 + b"]" * 100_000, "depth"),
        (nested(MAX_DEPTH + 1), "depth"),
        (b"[" * 33 + b"]" * 33, "depth"),
        (b"[]", "object"),
        (b'"{}"', "object"),
        (b"null", "object"),
    ],
)
def test_parse_unacceptable_whole_is_refused_by_its_first_rule(raw: bytes, expected: str) -> None:
    assert rule(raw) == expected


def test_parse_largest_event_is_read() -> None:
    raw = b'{"a":"' + b"x" * (MAX_BYTES - 8) + b'"}'

    assert len(parse(raw)["a"]) == MAX_BYTES - 8


def test_parse_deepest_event_is_read() -> None:
    assert nesting(json.dumps(parse(nested(MAX_DEPTH)))) == MAX_DEPTH


def test_parse_brackets_inside_text_do_not_count_as_depth() -> None:
    assert parse(json.dumps({"a": '\\"' + "[{" * 1000}).encode()) == {"a": '\\"' + "[{" * 1000}


def test_parse_unclosed_text_full_of_quotes_is_refused_as_json() -> None:
    assert rule(b'"' + b'\\"' * 130_000) == "json"


def test_parse_byte_order_mark_is_skipped() -> None:
    assert parse(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


def test_parse_doubled_key_keeps_its_first_place_and_last_value() -> None:
    assert list(parse(b'{"a": 1, "b": 2, "a": 3}').items()) == [("a", 3), ("b", 2)]


def test_parse_giant_number_is_refused_in_plain_words() -> None:
    with pytest.raises(Refused) as refusal:
        parse(b'{"a": 1e999}')

    assert refusal.value.reason == (
        "The event: expected finite numbers of a usual length, got the number 1e999. "
        "Correct it and send it again."
    )


@given(st.binary())
def test_parse_any_bytes_give_an_object_or_a_refusal(raw: bytes) -> None:
    try:
        parsed: object = parse(raw)
    except Refused as error:
        parsed = verdict_on(error)[1]
    assert isinstance(parsed, dict) or parsed == WHOLE


@given(json_objects)
def test_parse_gives_back_what_json_wrote(document: dict[str, Any]) -> None:
    assert parse(json.dumps(document).encode()) == document


@given(json_values)
def test_nesting_is_the_depth_of_the_value(value: object) -> None:
    def depth(value: object) -> int:
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
        return 0 if inner is None else 1 + max(map(depth, inner), default=0)

    assert nesting(json.dumps(value)) == depth(value)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"source": "/portal", "id": "a"}, ("/portal", "a")),
        ({"source": "/portal", "id": "a", "data": 3}, ("/portal", "a")),
        ({"source": "/portal"}, None),
        ({"source": "", "id": "a"}, None),
        ({"source": "/portal", "id": 7}, None),
        ({"source": "/portal", "id": "a\x00"}, None),
        ({"source": "\ud800", "id": "a"}, None),
    ],
)
def test_identity_is_source_and_id_when_the_envelope_would_take_them(
    document: dict[str, Any], expected: tuple[str, str] | None
) -> None:
    assert identity(document) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b'{"a": 1, "b": [2]}', b'{"b":[2],"a":1}'),
        (b'{"a": "\\u00eb"}', '{"a": "ë"}'.encode()),
        (b'{"a": 3}', b'{"a": 3.0}'),
        (b'{"a": 100}', b'{"a": 1e2}'),
    ],
)
def test_content_digest_same_content_is_equal(one: bytes, other: bytes) -> None:
    assert content_digest(parse(one)) == content_digest(parse(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1}, {"a": True}),
        ({"a": 1}, {"a": "1"}),
        ({"a": None}, {}),
        ({"a": [1, 2]}, {"a": [2, 1]}),
        ({"a": "e\u0301"}, {"a": "é"}),
    ],
)
def test_content_digest_other_content_differs(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert content_digest(one) != content_digest(other)


def test_content_digest_lone_surrogate_has_one_too() -> None:
    assert len(content_digest({"a": "\ud800"})) == 64


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b'{"a": "3.0,"}', b'{"a": "3,"}'),
        (b'{"a": ".0]", "b": 1}', b'{"a": "]", "b": 1}'),
        (b'{"a": "\\\\", "b": "c"}', b'{"a": "\\"", "b": "c"}'),
        (b'{"a": 1.01}', b'{"a": 1.1}'),
        (b'{"a": "b", "c": "d"}', b'{"a": "b\\"c", "d": ""}'),
    ],
)
def test_content_digest_texts_that_look_like_numbers_or_quotes_differ(one: bytes, other: bytes) -> None:
    assert content_digest(parse(one)) != content_digest(parse(other))


@pytest.mark.parametrize(
    ("raw", "digest"),
    [
        (
            rb'{"b": [2, 2.0, 2.5], "a": "\u00eb 3.0, \"\\ \u0001"}',
            "0b17642ce7477b31f5813348b75c25861342b37cd5c55e070e85ccfea5da0f1a",
        ),
        (
            b'{"a": -0.0, "b": {"d": 1e2, "c": [100.0]}}',
            "ecf800fbab4ffb4535e7aef35704addd385c4eae338fa4c344d2d9f43a637f99",
        ),
    ],
)
def test_content_digest_is_what_the_first_release_reckoned(raw: bytes, digest: str) -> None:
    assert content_digest(parse(raw)) == digest


@given(json_objects)
def test_content_digest_is_of_json_with_sorted_keys_and_whole_numbers(document: dict[str, Any]) -> None:
    text = json.dumps(with_whole_numbers(document), sort_keys=True, separators=(",", ":"))
    assert content_digest(document) == hashlib.sha256(text.encode("ascii")).hexdigest()


def with_whole_numbers(value: Any) -> Any:
    """Return the same with every float that is whole as an integer."""
    if isinstance(value, dict):
        return {key: with_whole_numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [with_whole_numbers(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e16 else value


@given(json_objects, json_objects)
def test_content_digest_is_equal_where_json_is(one: dict[str, Any], other: dict[str, Any]) -> None:
    def plain(value: object) -> str:
        return json.dumps(value, sort_keys=True)

    assert (content_digest(one) == content_digest(other)) or plain(one) != plain(other)
    assert (content_digest(one) != content_digest(other)) or one == other


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (rb'{"a": "\ud800"}', True),
        (rb'{"a": "\uDC00"}', True),
        (rb'{"a": "\ude00\ud83d"}', True),
        (rb'{"a": "\ud83d\ud83d\ude00"}', True),
        (rb'{"a": "\ud83d\ude00"}', False),
        (rb'{"a": "\uD83D\uDE00\u00eb"}', False),
        (rb'{"a": "\\ud800"}', False),
        (b'{"a": "x"}', False),
    ],
)
def test_may_hold_halves_only_of_characters_escaped_by_half(raw: bytes, expected: bool) -> None:
    assert may_hold_halves(raw) is expected


@given(json_objects)
def test_may_hold_halves_misses_none(document: dict[str, Any]) -> None:
    raw = json.dumps(document).encode()
    assert may_hold_halves(raw) or first_unstorable(document) is None


halved = st.text(
    alphabet=st.characters(categories=["Cs", "Lu"], codec=None) | st.just("\U0001f600"), max_size=4
)


@given(st.dictionaries(halved, st.lists(halved, max_size=3), max_size=3))
def test_may_hold_halves_misses_none_among_many(document: dict[str, Any]) -> None:
    raw = json.dumps(document).encode()
    parsed = parse(raw)
    assert may_hold_halves(raw) or first_unstorable(parsed) is None
