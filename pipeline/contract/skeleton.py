"""The structure of a JSON text, found without reading it: no recursion, and next to no work for each sign.

Whoever drops an event chooses what stands in it, so that a hundred thousand brackets must cost no more
than a long text. Only the methods of ``str`` and ``bytes`` look at every sign.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from itertools import accumulate
from typing import Final

_STEPS: Final = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")
_OTHERS: Final = bytes(set(range(256)) - set(b"[{]}"))  # what opens and closes nothing
_FIRST_LOOK: Final = 256  # signs
_FURTHER: Final = 32  # times
_NEAR: Final = 200  # strings
_BRACKETS: Final = bytes(sign in b"[{]}" for sign in range(256))


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
        self.bare = '"'.join(parts[::2])
        self._strings = parts[1::2]
        self._inside = len(text) - len(self.bare) - len(self._strings)  # of each, one quote is left
        self._signs = self.bare.encode("ascii", "replace")

    def place(self, at: int) -> int:
        """Return where in the text the sign at ``at`` of the skeleton stands."""
        before = self.bare.count('"', 0, at)
        return at + before + self._length(before)

    def _length(self, count: int) -> int:
        """Return how long the first so many strings are together; most that are asked for are near one end."""
        if count <= _NEAR:
            return sum(map(len, self._strings[:count]))
        if count >= len(self._strings) - _NEAR:
            return self._inside - sum(map(len, self._strings[count:]))
        return self._lengths[count]

    @cached_property
    def _lengths(self) -> list[int]:
        return list(accumulate(map(len, self._strings), initial=0))

    def end(self, at: int, depth: int = 0) -> int:
        """Return where the bracket that opens at ``at`` of the skeleton closes.

        Args:
            depth: -1 if it opened before.

        Raises:
            ValueError: it never does.
        """
        width = _FIRST_LOOK  # of several looks, the last is the longest by far
        while True:
            signs = self._signs[at : at + width]
            depths = list(accumulate(memoryview(signs.translate(_STEPS, _OTHERS)).cast("b")))
            with suppress(ValueError):
                return at + _nth(depths.index(depth), signs.translate(_BRACKETS))
            if at + width >= len(self._signs):
                raise ValueError("it never closes")
            width *= _FURTHER


def _nth(number: int, marks: bytes) -> int:
    """Return where the mark stands that so many stand before."""
    low, high = 0, len(marks)
    while low < high:
        middle = (low + high) // 2
        if marks.count(1, 0, middle + 1) > number:
            high = middle
        else:
            low = middle + 1
    return low
