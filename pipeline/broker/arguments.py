"""Where the first argument of a message stands in its text, found without recursion."""

from __future__ import annotations

import json
import re
from typing import Final

# Strings are skipped whole. Possessive, and the closing quote is optional, so that a text full
# of quotes that never close is still scanned once.
_TOKEN: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}:,]', re.DOTALL)
_SPACE: Final = " \t\r\n"
_ARGS: Final = 2  # how deep the list of arguments is nested


def first_argument(text: str) -> slice | None:
    """Return where the first item of the list ``args`` of the object in ``text`` stands.

    None when there is none. Of a key that stands twice the last counts, as for a JSON parser.
    Says nothing about whether ``text`` is JSON.
    """
    depth, name, key, start, found = 0, "", "", -1, None
    for token in _TOKEN.finditer(text):
        sign = token.group()
        if sign in ("]", "}", ","):
            if depth == _ARGS and start >= 0:
                found, start = _trimmed(text, start, token.start()), -1
            depth -= sign != ","
            key = "" if depth == 1 else key
        elif sign in ("[", "{"):
            depth += 1
            start = token.end() if (depth, key, sign) == (_ARGS, "args", "[") else start
        elif depth == 1:
            key, name = (_name(name), "") if sign == ":" else (key, sign)
    return found


def _trimmed(text: str, start: int, stop: int) -> slice | None:
    item = text[start:stop]
    start += len(item) - len(item.lstrip(_SPACE))
    stop -= len(item) - len(item.rstrip(_SPACE))
    return slice(start, stop) if start < stop else None


def _name(token: str) -> str:
    """Return a key as it is meant: it may be written with escapes."""
    try:
        return str(json.loads(token))
    except ValueError:
        return ""
