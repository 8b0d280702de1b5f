"""What the worst events cost: counted, since time depends on the machine; scripts/bench measures it."""

from __future__ import annotations

import json
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from pipeline.broker.envelope import MOST_BYTES, Malformed, unwrap
from pipeline.contract import MAX_BYTES, content_digest, may_hold_halves, parse, read
from pipeline.errors import Refused
from tests.broker.test_envelope import around
from tests.contract.heavy import documents

HEAVY = documents()
CALLS = 5_000  # of functions, for a whole event; a step for each sign would be a hundred times as many
EACH_NUMBER = {"powers": 200_000}  # may each be infinite, so that each is looked at
PEAK = 64 * 2**20  # bytes


def look(text: str, *, as_text: bool) -> None:
    """Do with an event what a worker does before it knows whether it is one."""
    try:
        raw = unwrap(around(json.dumps(text) if as_text else text)).args[0].encode()
        document = parse(raw)
        content_digest(document)
        read(document, may_hold_halves=may_hold_halves(raw))
    except (Malformed, Refused):
        return


@contextmanager
def counted() -> Iterator[Callable[[], int]]:
    """Count the functions that are called, ours and Python's."""
    calls = [0]

    def count(frame: object, kind: str, argument: Any) -> None:
        calls[0] += kind in ("call", "c_call")

    sys.setprofile(count)
    try:
        yield lambda: calls[0]
    finally:
        sys.setprofile(None)


@pytest.mark.parametrize("as_text", [False, True])
@pytest.mark.parametrize("name", HEAVY)
def test_no_event_costs_a_step_for_each_of_its_signs(name: str, as_text: bool) -> None:
    with counted() as calls:
        look(HEAVY[name].decode(), as_text=as_text)
    assert calls() < EACH_NUMBER.get(name, CALLS)


@pytest.mark.parametrize("name", HEAVY)
def test_no_event_takes_more_memory_than_it_may(name: str) -> None:
    text = HEAVY[name].decode()
    tracemalloc.start()
    try:
        look(text, as_text=False)
        assert tracemalloc.get_traced_memory()[1] < PEAK
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("sign", ["[", "[]", "{", '"', "\\", ",", '"":[],', "\\u0041"])
def test_no_message_costs_a_step_for_each_of_its_signs(sign: str) -> None:
    message = around((sign * MOST_BYTES)[: MOST_BYTES - 1000])
    with counted() as calls, suppress(Malformed):
        unwrap(message)
    assert calls() < CALLS


def test_the_worst_events_are_as_large_as_an_event_may_be() -> None:
    assert {name for name, raw in HEAVY.items() if not MAX_BYTES - 5_000 < len(raw) <= MAX_BYTES} == set()
