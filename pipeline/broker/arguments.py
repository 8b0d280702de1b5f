"""Where the first argument of a message stands in its text, found without recursion."""

from __future__ import annotations

import json
import re
from typing import Final

from pipeline.contract.skeleton import Skeleton

_SIGN: Final = re.compile(r'[":,\[\]{}]')
_SPACE: Final = " \t\r\n"
_LOOKED_AT: Final = 200  # signs of the message around its event; a message has some forty


def first_argument(text: str) -> slice | None:
    """Return where the first item of the list ``args`` of the object in ``text`` stands.

    None when there is none. Of a key that stands twice the last counts, as for a JSON parser.
    Says nothing about whether ``text`` is JSON.
    """
    try:
        return _Search(text).argument()
    except ValueError:  # a bracket that never closes
        return None


class _Search:
    """One look through the keys of a message; what their values hold is passed over."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._skeleton = Skeleton(text)
        self._at = 0
        self._left = _LOOKED_AT

    def argument(self) -> slice | None:
        found, name, key = None, "", ""
        if self._sign() != "{":
            return None
        while (sign := self._sign()) not in ("}", "]", ""):
            if sign in ("[", "{"):
                found = self._first() if (key, sign) == ("args", "[") else self._passed(found)
            else:
                name, key = (self._name() if sign == '"' else ""), (name if sign == ":" else "")
        return found

    def _sign(self) -> str:
        """Pass on to the next sign and return it; nothing at the end, or after too many."""
        sign = _SIGN.search(self._skeleton.bare, self._at)
        if sign is None or not self._left:
            return ""
        self._left -= 1
        self._at = sign.end()
        return sign.group()

    def _name(self) -> str:
        """Return the string that was just passed as it is meant: a key may be written with escapes."""
        start = self._skeleton.place(self._at - 1)
        try:
            return str(json.loads(self._text[start : self._skeleton.place(self._at)]))
        except ValueError:
            return ""

    def _passed(self, found: slice | None) -> slice | None:
        """Pass over the value that was just opened."""
        self._at = self._skeleton.end(self._at - 1) + 1
        return found

    def _first(self) -> slice | None:
        """Return where the first item of the list that was just opened stands, and pass over the others."""
        start = self._skeleton.place(self._at)
        while (sign := self._sign()) in ("[", "{", '"', ":"):
            if sign in ("[", "{"):
                self._passed(None)
        stop = self._skeleton.place(self._at - 1) if sign else start
        if sign == ",":
            self._at = self._skeleton.end(self._at, -1) + 1
        return self._trimmed(start, stop)

    def _trimmed(self, start: int, stop: int) -> slice | None:
        item = self._text[start:stop]
        start += len(item) - len(item.lstrip(_SPACE))
        stop -= len(item) - len(item.rstrip(_SPACE))
        return slice(start, stop) if start < stop else None
