"""What lies on a queue: a message of ours, or not and why."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.broker.envelope import MOST_BYTES, Malformed, unwrap
from pipeline.broker.queues import ACTORS, INTAKE, QUEUES
from tests.fuzz.inputs import event_bytes, fuzzed, mangled, values, written, wrong_somewhere

HINT: dict[str, Any] = {
    "queue_name": "cases",
    "actor_name": "decide",
    "args": ["c1", "again"],
    "kwargs": {},
    "options": {},
    "message_id": "m1",
    "message_timestamp": 1,
}
DROPPED: dict[str, Any] = {**HINT, "queue_name": INTAKE, "actor_name": "receive", "args": [{"id": "1"}]}
messages = st.sampled_from([HINT, DROPPED])


def opened(raw: bytes, queue: str) -> None:
    try:
        message = unwrap(raw, queue, "r1")
    except Malformed as fault:
        told = str(fault)
        assert told.isprintable()
        assert told.endswith(".")
        assert len(told) < 500
        return
    assert ACTORS[message.actor_name] == queue
    assert all(isinstance(arg, str | int) for arg in message.args)
    assert message.options == {"redis_message_id": "r1"}
    assert len(str(message)) < 1000


@fuzzed(300)
@given(
    st.binary(max_size=100)
    | values.map(written)
    | wrong_somewhere(messages).map(written)
    | mangled(messages.map(written)),
    st.sampled_from(QUEUES),
)
def test_any_bytes_are_a_message_or_not_and_why(raw: bytes, queue: str) -> None:
    opened(raw, queue)


@fuzzed(150)
@given(event_bytes, st.booleans())
def test_any_event_arrives_as_it_was_sent(raw: bytes, as_text: bool) -> None:
    text = raw.decode("utf-8", "surrogateescape")
    head, tail = written(DROPPED).decode().split('{"id": "1"}')
    event = json.dumps(text) if as_text else text
    message = (head + event + tail).encode("utf-8", "surrogateescape")
    opened(message, INTAKE)
    if as_text and len(message) <= MOST_BYTES:
        assert unwrap(message).args == (text,)
