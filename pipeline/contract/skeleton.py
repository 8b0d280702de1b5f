"""The structure of a JSON text, found without reading it: no recursion, and next to no work for each sign.

Whoever drops an event chooses what stands in it, so that a hundred thousand brackets must cost no more
than a long text. Only the methods of ``str`` and ``bytes`` look at every sign.
"""

from __future__ import annotations

from itertools import accumulate
from typing import Final

_STEPS: Final = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")
_OTHERS: Final = bytes(set(range(256)) - set(b"[{]}"))  # what opens and closes nothing
_LEVEL: Final = bytes(sign if sign in b"[{]}" else 0 for sign in range(256)).translate(_STEPS)


def without_strings(text: str) -> str:
    """Return what of ``text`` stands outside its strings; one that never ends goes on to the end."""
    return "".join(_unescaped(text).split('"')[::2])


def nesting(text: str) -> int:
    """Return how deep the brackets of ``text`` are nested."""
    return deepest(without_strings(text))


def deepest(outside: str) -> int:
    """Return how deep brackets are nested in what stands outside of strings."""
    steps = outside.encode("ascii", "replace").translate(_STEPS, _OTHERS)
    return max(accumulate(memoryview(steps).cast("b"), initial=0))


def _unescaped(text: str) -> str:
    """Return ``text``, as long as before, with something else for every escaped quote and backslash."""
    return text.replace("\\\\", "__").replace('\\"', "__") if "\\" in text else text


class Skeleton:
    """A JSON text of whose strings only one quote each is left.

    Attributes:
        bare: what is left.
    """

    def __init__(self, text: str) -> None:
        parts = _unescaped(text).split('"')
        self._strings = parts[1::2]
        self.bare = '"'.join(parts[::2])
        levels = self.bare.encode("ascii", "replace").translate(_LEVEL)
        self._depths = list(accumulate(memoryview(levels).cast("b")))

    def place(self, at: int) -> int:
        """Return where in the text the sign at ``at`` of the skeleton stands."""
        before = self.bare.count('"', 0, at)
        return at + before + sum(map(len, self._strings[:before]))

    def end(self, depth: int, at: int) -> int:
        """Return where, from ``at`` on, a bracket first closes down to ``depth``.

        Raises:
            ValueError: none does.
        """
        return self._depths.index(depth, at)
