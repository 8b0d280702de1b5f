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
from pipeline.contract.skeleton import deepest, without_strings
from pipeline.errors import WHOLE, Refused, shorten

MAX_BYTES: Final = 262_144
MAX_DEPTH: Final = 32  # the event itself is level 1
MAX_DIGITS: Final = 1000  # of an integer; computers refuse longer ones, at lengths of their own
# Text nested no deeper than this may be handed to the recursive JSON parser of any thread, so
# that text which is both too deep and no JSON is told the latter.
SAFE_DEPTH: Final = 200

# Only numbers of so many digits, or with an exponent of three, may be too long or infinite.
_LONG: Final = b"0" * 200
_ALIKE: Final = bytes.maketrans(b"123456789E", b"000000000e")
_FAR: Final = (b"e000", b"e+000", _LONG)

# Half a character is a first half that no second one follows, or a second one that follows no first.
_FIRST_HALF: Final = tuple(b"\\ud%c" % sign for sign in b"89ab")
_SECOND_HALF: Final = tuple(b"\\ud%c" % sign for sign in b"cdef")
_BOTH: Final = re.compile(rb"\\ud[89ab][0-9a-f]{2}\\ud[c-f]")

_AFTER: Final = ",]}"  # what may follow a number
_CANONICAL: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), check_circular=False)


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
    outside = without_strings(text)
    depth = deepest(outside)
    document = _loaded(text, outside) if depth <= SAFE_DEPTH else None
    if depth > MAX_DEPTH:
        _refuse("depth", f"at most {MAX_DEPTH} levels", f"{depth} levels", "Send it again with less nesting.")
    if not isinstance(document, dict):
        _refuse("object", "one event, an object", told(document), "Send each event by itself.")
    return document


def identity(document: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return (source, id) of an event that need not be valid otherwise.

    None when one of them is not text that the envelope would accept.
    """
    source, event_id = document.get("source"), document.get("id")
    if storable_line(source) and storable_line(event_id):
        return str(source), str(event_id)
    return None


def may_hold_halves(raw: bytes) -> bool:
    """Say whether a text in an event may hold half a character: only an escape can bring one."""
    # An escaped backslash begins no escape. JSON knows no \\U, and hexadecimal digits in either case.
    text = raw.replace(b"\\\\", b"").lower()
    firsts, seconds = (sum(map(text.count, half)) for half in (_FIRST_HALF, _SECOND_HALF))
    return firsts != seconds or (firsts > 0 and len(_BOTH.findall(text)) != firsts)


def content_digest(document: Mapping[str, Any]) -> str:
    """Return the SHA-256, in hexadecimal, of the parsed content.

    The order of keys, white space, escapes and the spelling of a number (3, 3.0) make no difference.
    An event is known by it for as long as it is kept, so that no release may reckon it otherwise.
    """
    written = _CANONICAL.encode(document)
    return hashlib.sha256(_with_whole_numbers(written).encode("ascii")).hexdigest()


def _with_whole_numbers(written: str) -> str:
    """Write as integers what JSON in ASCII has as whole floats, below 1e16; strings stay as they are."""
    if not any(f".0{after}" in written for after in _AFTER):
        return written
    parts = written.replace("\\\\", "\1").replace('\\"', "\2").split('"')  # now the odd ones are strings
    outside = '"'.join(parts[::2])
    for after in _AFTER:
        outside = outside.replace(f".0{after}", after).replace(f"-0{after}", f"0{after}")
    parts[::2] = outside.split('"')
    return '"'.join(parts).replace("\1", "\\\\").replace("\2", '\\"')


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")  # RFC 8259 lets a reader skip the mark that some editors put first
    except UnicodeDecodeError as error:
        got = f"byte 0x{raw[error.start]:02X} at position {error.start}"
        _refuse("encoding", "UTF-8", got, "Save it as UTF-8 and send it again.")


def _loaded(text: str, outside: str) -> object:
    # A call for each number costs more than all else, so it is made only where it can matter.
    alike = outside.encode("ascii", "replace").translate(_ALIKE)
    is_far = any(sign in alike for sign in _FAR)
    try:
        return json.loads(
            text,
            parse_constant=_no_number,
            parse_float=_finite if is_far else None,
            parse_int=_integer if is_far else None,
        )
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
