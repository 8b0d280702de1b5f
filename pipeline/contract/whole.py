"""The event as a whole, before anything in it is looked at: size, UTF-8, JSON, depth, object."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from typing import Any, Final, NoReturn

from pipeline.contract.faults import told
from pipeline.contract.fields import storable_line
from pipeline.errors import WHOLE, Refused, shorten

MAX_BYTES: Final = 262_144
MAX_DEPTH: Final = 32  # the event itself is level 1
MAX_DIGITS: Final = 1000  # of an integer; computers refuse longer ones, at lengths of their own
# Text nested no deeper than this may be handed to the recursive JSON parser of any thread, so
# that text which is both too deep and no JSON is told the latter.
SAFE_DEPTH: Final = 200

# Strings are skipped whole. Possessive, and the closing quote is optional, so that a text full
# of quotes that never close is still scanned once.
_STRUCTURE: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)


def parse(raw: bytes) -> dict[str, Any]:
    """Return the event in ``raw`` as a JSON object, unchecked beyond that.

    Of a key that stands twice in one object the last value counts, at the place of the first.

    Raises:
        Refused: about the whole, by the rule size, encoding, json, depth or object.
    """
    if len(raw) > MAX_BYTES:
        _refuse(
            "size", f"at most {MAX_BYTES} bytes", f"{len(raw)} bytes", "Shorten its texts and send it again."
        )
    text = _decoded(raw)
    depth = nesting(text)
    document = _loaded(text) if depth <= SAFE_DEPTH else None
    if depth > MAX_DEPTH:
        _refuse("depth", f"at most {MAX_DEPTH} levels", f"{depth} levels", "Send it again with less nesting.")
    if not isinstance(document, dict):
        _refuse("object", "one event, an object", told(document), "Send each event by itself.")
    return document


def nesting(text: str) -> int:
    """Return how deep the brackets of ``text`` are nested, in one pass and without recursion."""
    depth = deepest = 0
    for token in _STRUCTURE.finditer(text):
        match token.group():
            case "[" | "{":
                depth += 1
                deepest = max(depth, deepest)
            case "]" | "}":
                depth -= 1
    return deepest


def identity(document: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return (source, id) of an event that need not be valid otherwise.

    None when one of them is not text that the envelope would accept.
    """
    source, event_id = document.get("source"), document.get("id")
    if storable_line(source) and storable_line(event_id):
        return str(source), str(event_id)
    return None


def content_digest(document: Mapping[str, Any]) -> str:
    """Return the SHA-256, in hexadecimal, of the parsed content.

    The order of keys, white space, escapes and the spelling of a number (3, 3.0) make no difference.
    """
    text = json.dumps(_canonical(document), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _canonical(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _canonical(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_canonical(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")  # RFC 8259 lets a reader skip the mark that some editors put first
    except UnicodeDecodeError as error:
        got = f"byte 0x{raw[error.start]:02X} at position {error.start}"
        _refuse("encoding", "UTF-8", got, "Save it as UTF-8 and send it again.")


def _loaded(text: str) -> object:
    try:
        return json.loads(text, parse_constant=_no_number, parse_float=_finite, parse_int=_integer)
    except json.JSONDecodeError as error:
        advice = f"Correct line {error.lineno}, column {error.colno} and send it again ({error.msg})."
        _refuse("json", "JSON", shorten(text) or "nothing", advice)
    except ValueError as error:  # a number that JSON or this computer does not know
        _refuse("json", "finite numbers of a usual length", str(error))


def _integer(digits: str) -> int:
    return int(digits) if len(digits) <= MAX_DIGITS else _no_number(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _no_number(digits)


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"the number {shorten(text, 40)}")


def _refuse(rule: str, expected: str, got: str, advice: str = "Correct it and send it again.") -> NoReturn:
    raise Refused(rule, WHOLE, expected, got, f"The event: expected {expected}, got {got}. {advice}")
