"""What nobody would write: noise, samples with a few bytes changed, and good documents gone wrong in one place."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any, Final

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from pipeline.contract import EventType
from pipeline.errors import RULES, PipelineError, Refused
from tests.contract.samples import BAD, DATA, event, good, lines

LONG: Final = os.environ.get("FUZZ") == "long"
MOST: Final = {"field": 400, "expected": 600, "got": 200, "reason": 1600}  # characters
LONGEST_LINE: Final = 2000

# Texts that programs stumble over; the rest comes from hypothesis.
AWKWARD: Final = (
    *(
        "",
        " ",
        "\x00",
        "\n",
        "\x1b[31m",
        "\u2028",
        "\u202e",
        "\ufeff",
        "\ud800",
        "\udfff",
        "\U0001f600",
        "İ",
        "ß",
        "ﷺ",
    ),
    *(
        "null",
        "-1",
        "1e400",
        "NaN",
        "00000000",
        "٣٤٥",
        "7,5",
        "' OR 1=1 --",
        "{{ 7*7 }}",
        "%s%n",
        "../../etc/passwd",
    ),
    *(
        "=1+1",
        "a@b",
        '"a b"@c.example',
        "a@b.example\r\nBcc: x@y.example",
        "9" * 5000,
        "a" * 5000,
        "é" * 5000,
        "(" * 5000,
    ),
    *("2026-02-30T25:61:61+99:99", "9999-12-31T23:59:60Z", "0001-01-01T00:00:00+23:59", "T-2026-000001"),
)
texts: Final = st.sampled_from(AWKWARD) | st.text(max_size=30) | st.text(st.characters(), max_size=8)
numbers: Final = st.integers() | st.floats() | st.sampled_from([0, -0.0, 1e308, 10**400, 2**53 + 1, 3.0])
leaves: Final = st.none() | st.booleans() | numbers | texts
keys: Final = (
    st.sampled_from(["activity", "provider", "data", "met", "hours", "case", "\ud800", "a.b"]) | texts
)
values: Final = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


def fuzzed(examples: int) -> Callable[[Any], Any]:
    """Try so many inputs, the same ones each time; or, where asked to, fifty times as many others."""
    return settings(
        max_examples=examples * 50 if LONG else examples,
        derandomize=not LONG,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def written(document: object) -> bytes:
    """Return a document as JSON, which may hold what JSON does not know."""
    return json.dumps(document).encode()


@st.composite
def wrong_somewhere(draw: st.DrawFn, documents: st.SearchStrategy[Any]) -> Any:
    """Return a good document with something else in a place or two."""
    changed = json.loads(json.dumps(draw(documents)))
    for _ in range(draw(st.integers(1, 2))):
        changed = _changed(draw, changed)
    return changed


def _changed(draw: st.DrawFn, value: Any) -> Any:
    if isinstance(value, dict) and value and draw(st.integers(0, 9)):
        name = draw(st.sampled_from(sorted(value)))
        if draw(st.integers(0, 4)) == 0:
            return {key: item for key, item in value.items() if key != name}
        return {**value, name: _changed(draw, value[name])}
    if isinstance(value, list) and value and draw(st.booleans()):
        return [*value[1:], _changed(draw, value[0])]
    return draw(values)


def mangled(samples: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """Return samples with some of their bytes replaced, left out or doubled."""
    return st.builds(
        _mangled, samples, st.lists(st.tuples(st.floats(0, 1), st.integers(0, 20), pieces), max_size=4)
    )


def _mangled(sample: bytes, cuts: list[tuple[float, int, bytes]]) -> bytes:
    for place, length, piece in cuts:
        at = int(place * len(sample))
        sample = sample[:at] + piece + sample[at + length :]
    return sample


pieces: Final = st.binary(max_size=4) | st.sampled_from(
    [
        b'"',
        b"\\",
        b"\\u",
        b"\\ud800",
        b"[" * 40,
        b"{" * 300,
        b"]",
        b"}",
        b",",
        b":",
        b"\xff",
        b"\xed\xa0\x80",
        b"1e999",
    ]
)
good_events: Final = st.sampled_from(good()) | st.sampled_from(
    [event(each, DATA[each]) for each in EventType]
)
sample_bytes: Final = st.sampled_from(lines()) | st.sampled_from(
    [each.read_bytes()[:100_000] for each in BAD.iterdir()]
)
event_bytes: Final = (
    st.binary(max_size=200)
    | values.map(written)
    | wrong_somewhere(good_events).map(written)
    | mangled(sample_bytes)
    | mangled(good_events.map(written))
)


def assert_told(refusal: Refused) -> None:
    """A refusal is a sentence on one line, and what it is about in words that have an end."""
    assert refusal.rule in RULES
    parts = {name: getattr(refusal, name) for name in MOST}
    assert all(len(part) <= MOST[name] for name, part in parts.items()), parts
    assert all(part.isprintable() and part for part in parts.values()), parts
    assert str(refusal) == refusal.reason
    assert refusal.reason.endswith((".", ").")), refusal.reason


def assert_lines(error: PipelineError, most: int = 1000) -> None:
    """A list of faults is so many sentences of an end, each on its line."""
    told = str(error).split("\n")
    assert 0 < len(told) <= most
    assert all(line.isprintable() and line and len(line) <= LONGEST_LINE for line in told), told
