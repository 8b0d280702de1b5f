from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.broker.envelope import MOST_BESIDE, MOST_BYTES, Malformed, unwrap
from pipeline.broker.queues import CASES, INTAKE
from pipeline.contract import MAX_BYTES
from tests.contract.samples import FOLDER

EVENT = {"specversion": "1.0", "id": "1", "source": "/portal"}


def message(**fields: Any) -> dict[str, Any]:
    return {
        "queue_name": "intake",
        "actor_name": "receive",
        "args": [EVENT],
        "kwargs": {},
        "options": {"redis_message_id": "7"},
        "message_id": "m1",
        "message_timestamp": 1,
        **fields,
    }


def raw(**fields: Any) -> bytes:
    return json.dumps(message(**fields)).encode()


def around(event: str) -> bytes:
    """The message with an event's text as it stands, JSON or not."""
    return raw(args=["HERE"]).replace(b'"HERE"', event.encode())


def test_an_event_arrives_as_the_text_that_it_has_in_the_message() -> None:
    text = '{"id" : "1",  "time":"2026-11-23T09:30:00+01:00", "data":{"x":1.50}}'

    assert unwrap(around(text)).args == (text,)


def test_an_event_dropped_as_text_arrives_as_that_text() -> None:
    text = '{"title": "Caf\\u00e9 \\"Zee\\""}\n'

    assert unwrap(raw(args=[text])).args == (text,)


@pytest.mark.parametrize("name", ["season.jsonl", "followups.jsonl", "verdicts.jsonl"])
def test_every_sample_event_arrives_unchanged(name: str) -> None:
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        assert unwrap(around(line)).args == (line.strip(),)
        assert unwrap(raw(args=[line])).args == (line,)


def test_the_message_is_known_by_the_id_under_which_it_lies_there() -> None:
    assert unwrap(raw(), redis_id="8").options == {"redis_message_id": "8"}


def test_options_of_the_sender_change_nothing() -> None:
    received = unwrap(raw(options={"eta": 10**15, "time_limit": 1, "max_retries": 99, "pipe_target": {}}))

    assert set(received.options) == {"redis_message_id"}


def test_unknown_fields_are_ignored() -> None:
    assert unwrap(raw(traceparent="00-1")).message_id == "m1"


def test_brackets_without_end_arrive_as_text() -> None:
    event = "[" * 100_000 + "]" * 100_000

    assert unwrap(around(event)).args == (event,)


def test_an_event_that_is_no_json_arrives_as_text() -> None:
    assert unwrap(around('{"a": tru}')).args == ('{"a": tru}',)


@pytest.mark.parametrize("event", ["[1, 2]", "17", "null", "true", '[{"a": 1}]'])
def test_an_event_that_is_no_object_arrives_as_text(event: str) -> None:
    assert unwrap(around(event)).args == (event,)


def test_half_a_character_stays_one_in_an_object_and_in_a_text() -> None:
    assert unwrap(around('{"title": "\\ud800"}')).args == ('{"title": "\\ud800"}',)
    assert unwrap(around('"\\ud800"')).args == ("\ud800",)


@pytest.mark.parametrize(
    ("dropped", "reason"),
    [
        (b"\xff", "The message is not UTF-8: byte 0xFF at position 0."),
        (b"", "The message is not JSON: Expecting value."),
        (b"[]", "The message must be an object, not a list."),
        (raw(queue_name="cases"), "The message is for queue cases, but lies on intake."),
        (raw(actor_name="decide"), "No actor on queue intake is called decide."),
        (raw(actor_name="rm"), "No actor on queue intake is called rm."),
        (raw(actor_name=None), "The message's actor_name must be text, not null."),
        (raw(args=[]), "The message's args must be a list of exactly one event."),
        (raw(args=[EVENT, EVENT]), "The message's args must be a list of exactly one event."),
        (raw(args=EVENT), "The message's args must be a list, not an object."),
        (raw(kwargs={"event": EVENT}), "The message's kwargs must be an empty object, not an object."),
        (raw(options=None), "The message's options must be an object, not null."),
        (raw(message_id=""), "The message's message_id must be text, not an empty text."),
        (raw(message_timestamp=True), "The message's message_timestamp must be a whole number, not true."),
        (
            raw(options={"a": [[]]}).replace(b"[[]]", b"[" * 300 + b"]" * 300),
            "The message is nested too deep outside its event.",
        ),
        (
            raw(message_timestamp=0)[:-2] + b"9" * 5000 + b"}",
            "The message holds a number that this computer cannot read.",
        ),
        (around('"a\nb"'), "The message is not JSON: Invalid control character at."),
        (raw()[:-1], "The message is not JSON: Expecting ',' delimiter."),
    ],
)
def test_what_is_no_message_says_why(dropped: bytes, reason: str) -> None:
    with pytest.raises(Malformed) as caught:
        unwrap(dropped)

    assert str(caught.value) == reason


@pytest.mark.parametrize("field", message())
def test_every_field_is_required(field: str) -> None:
    fields = message()
    del fields[field]

    with pytest.raises(Malformed, match=f"^The message has no {field}; expected "):
        unwrap(json.dumps(fields).encode())


def test_two_lists_of_args_are_read_as_a_parser_would() -> None:
    dropped = raw(args=[EVENT])[:-1] + b', "args": [null]}'

    assert unwrap(dropped).args == ("null",)


def test_a_hint_carries_its_ids() -> None:
    hint = raw(queue_name="cases", actor_name="decide", args=["c1", 2])

    assert unwrap(hint, CASES).args == ("c1", 2)
    assert unwrap(raw(actor_name="take_in", args=[3]), INTAKE).args == (3,)


@pytest.mark.parametrize("args", [[EVENT], [["c1"]], [None]])
def test_a_hint_with_anything_but_ids_is_malformed(args: list[object]) -> None:
    with pytest.raises(Malformed, match="ids"):
        unwrap(raw(queue_name="cases", actor_name="decide", args=args), CASES)


def test_in_the_log_an_event_does_not_show() -> None:
    assert str(unwrap(raw(args=["x" * 10_000]))) == "receive(…)"


def test_in_the_log_a_hint_shows_its_ids() -> None:
    assert str(unwrap(raw(queue_name="cases", actor_name="decide", args=["c1", 2]), CASES)) == "decide(c1, 2)"


def test_largest_event_written_in_escapes_only_arrives() -> None:
    escaped = json.dumps("x" * MAX_BYTES).replace("x", "\\u0078")
    assert unwrap(around(escaped)).args == ("x" * MAX_BYTES,)


@pytest.mark.parametrize(
    ("dropped", "reason"),
    [
        (
            b" " * (MOST_BYTES + 1),
            f"The message has {MOST_BYTES + 1} bytes; expected at most {MOST_BYTES}.",
        ),
        (
            raw().ljust(MOST_BESIDE + 1000),
            r"The message has \d+ characters beside its event; expected at most 65536.",
        ),
    ],
)
def test_a_message_that_is_larger_than_any_event_needs_says_so(dropped: bytes, reason: str) -> None:
    with pytest.raises(Malformed, match=reason):
        unwrap(dropped)


@given(
    st.binary() | st.text().map(str.encode) | st.binary().map(lambda inside: raw().replace(b"1.0", inside))
)
def test_no_bytes_whatever_do_anything_but_arrive_or_say_why(dropped: bytes) -> None:
    with suppress(Malformed):
        assert [type(arg) for arg in unwrap(dropped).args] == [str]
