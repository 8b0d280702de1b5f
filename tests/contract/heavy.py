"""Events of 256 KiB that cost the most to look at, each in a way of its own."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any, Final

from pipeline.contract import MAX_BYTES, EventType
from pipeline.domain.completeness import REQUIREMENTS
from tests.contract.samples import event

MOMENT: Final = "2026-10-06T09:00:00+02:00"
ROOM: Final = 64  # bytes left for another id
APPLICATION: Final = event(EventType.PROVIDER_APPLIED, time=MOMENT)
ACTIVITY: Final = event(EventType.ACTIVITY_SUBMITTED, time=MOMENT)


def documents() -> dict[str, bytes]:
    """Return each by its name; all are accepted but for those that cannot be."""
    return {name: _largest(make) for name, make in _MAKERS.items()}


def _largest(make: Callable[[int], str]) -> bytes:
    """Return the largest that is still small enough."""
    low, high = 0, MAX_BYTES
    while low < high:
        middle = (low + high + 1) // 2
        if len(make(middle).encode()) <= MAX_BYTES - ROOM:
            low = middle
        else:
            high = middle - 1
    return make(low).encode()


def _beside(extra: str, of: dict[str, Any] = APPLICATION) -> str:
    """Return an event with something that nobody asked for in its data."""
    return json.dumps(of, ensure_ascii=False).removesuffix("}}") + f', "x": {extra}' + "}}"


def _with(of: dict[str, Any], path: str, value: object) -> str:
    made = copy.deepcopy(of)
    *way, last = path.split(".")
    part = made["data"]
    for step in way:
        part = part.setdefault(step, {})
    part[last] = value
    return json.dumps(made, ensure_ascii=False)


def _list(item: str) -> Callable[[int], str]:
    return lambda count: _beside(f"[{','.join([item] * (count + 1))}]")


def _text(item: str) -> Callable[[int], str]:
    return lambda count: _beside(f'"{item * count}"')


def _requirements(count: int) -> str:
    filled = {name: {"met": True, "evidence": "é" * count} for name in REQUIREMENTS}
    return _with(APPLICATION, "requirements", filled)


_MAKERS: Final[dict[str, Callable[[int], str]]] = {
    "one long text": _text("a"),
    "a long text beyond ASCII": _text("é"),
    "escapes": _text("\\u00eb"),
    "escaped quotes": _text('\\"'),
    "line breaks in a field": lambda count: _with(ACTIVITY, "activity.goal", "\n" * count),
    "a long name": lambda count: _with(APPLICATION, "provider.name", "a " * (count // 2) + "b"),
    "long requirements": _requirements,
    "a KvK number without end": lambda count: _with(
        APPLICATION, "provider.kvk_number", "KvK " * (count // 4)
    ),
    "an address without end": lambda count: _with(
        APPLICATION, "provider.contact.email", "a@" + "b." * (count // 2)
    ),
    "many keys": lambda count: _beside("{" + ", ".join(f'"{key}": 1' for key in range(count // 9)) + "}"),
    "the same key": lambda count: _beside("{" + ",".join(['"a":1'] * (count + 1)) + "}"),
    "whole numbers": _list("1"),
    "fractions": _list("1.5"),
    "whole fractions": _list("1.0"),
    "powers": _list("1e300"),
    "long numbers": _list("9" * 999),
    "empty texts": _list('""'),
    "lists": _list("[]"),
    "objects": _list("{}"),
    "objects in objects": _list('{"":{}}'),
    "lists as deep as they may be": _list("[" * 28 + "]" * 28),
    "objects as deep as they may be": _list('{"":' * 28 + "1" + "}" * 28),
    "too deep": lambda count: _beside("[" * (count // 2) + "]" * (count // 2)),
    "brackets that never close": lambda count: "[" * count,
    "quotes that never close": lambda count: '"' * count,
    "runs": lambda count: _with(ACTIVITY, "activity.runs", [{}] * (count // 4)),
    "runs that are none": lambda count: _with(ACTIVITY, "activity.runs", [1] * (count // 3)),
    "sectors": lambda count: _with(ACTIVITY, "activity.sectors", ["po"] * (count // 6)),
    "changes": lambda count: json.dumps(
        event(
            EventType.CASE_SUPPLEMENTED,
            {"case": "T-1", "changes": {"x": {str(key): {} for key in range(count // 12)}}},
            time=MOMENT,
        )
    ),
    "half a character at the end": lambda count: _beside(f'"{"a" * count}\\ud800"'),
}
