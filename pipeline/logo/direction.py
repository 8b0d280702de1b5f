"""The order in which the signs of a line stand from left to right, for layouts that do not know it.

A small part of Unicode's bidirectional algorithm, without explicit embeddings: facts that reach the
logo have lost their control characters before.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from pipeline.logo.letterforms import joined

_RIGHT_TO_LEFT: Final = frozenset({"R", "AL"})
_NUMBERS: Final = frozenset({"EN", "AN"})
_SEPARATORS: Final = frozenset({"CS", "ES"})
_MIRRORED: Final = dict(zip("()[]{}<>«»‹›", ")(][}{><»«›‹", strict=True))


def is_right_to_left(text: str) -> bool:
    """Say whether the first letter with a direction runs from right to left."""
    kinds = (unicodedata.bidirectional(sign) for sign in text)
    return next((kind != "L" for kind in kinds if kind == "L" or kind in _RIGHT_TO_LEFT), False)


def visual(line: str, *, right_to_left: bool = False) -> str:
    """Return the signs of a line from left to right, Arabic letters in their joined forms."""
    signs = list(joined(line))
    levels = _levels(signs, right_to_left)
    for level in range(max(levels, default=0), 0, -1):
        _turn(signs, levels, level)
    return "".join(signs)


def _levels(signs: list[str], right_to_left: bool) -> list[int]:
    """Return how deep each sign lies: at odd levels a line reads from right to left, at even back again."""
    sides = _settled(_sides(signs, right_to_left), right_to_left)
    numbers = _in_numbers([unicodedata.bidirectional(sign) for sign in signs])
    return [
        1 + number if turned else 2 * right_to_left for turned, number in zip(sides, numbers, strict=True)
    ]


def _in_numbers(kinds: list[str]) -> list[bool]:
    """Say of each sign whether it is part of a number: a digit, or a comma or point between digits."""
    around = zip(["", *kinds], kinds, [*kinds[1:], ""], strict=False)
    return [
        kind in _NUMBERS or (kind in _SEPARATORS and before in _NUMBERS and after in _NUMBERS)
        for before, kind, after in around
    ]


def _sides(signs: list[str], right_to_left: bool) -> list[bool | None]:
    """Say of each sign whether it goes with text from right to left; ``None`` where it has no say."""
    found: list[bool | None] = []
    latest = right_to_left
    for sign in signs:
        kind = unicodedata.bidirectional(sign)
        if kind == "L" or kind in _RIGHT_TO_LEFT:
            latest = kind != "L"
        told = kind == "L" or kind in _RIGHT_TO_LEFT | _NUMBERS | {"NSM"}
        found.append(latest if told else True if right_to_left and sign in _MIRRORED else None)
    return found


def _settled(sides: list[bool | None], right_to_left: bool) -> list[bool]:
    """Give what has no say the side of its neighbours where they agree, else the line's own."""
    settled: list[bool] = []
    for place, side in enumerate(sides):
        if side is None:
            before = settled[-1] if settled else right_to_left
            after = next((other for other in sides[place:] if other is not None), right_to_left)
            side = before if before == after else right_to_left
        settled.append(side)
    return settled


def _turn(signs: list[str], levels: list[int], level: int) -> None:
    """Turn every stretch that lies at ``level`` or deeper, mirroring its brackets."""
    start = 0
    while start < len(signs):
        end = start
        while end < len(signs) and levels[end] >= level:
            end += 1
        signs[start:end] = [_MIRRORED.get(sign, sign) for sign in reversed(signs[start:end])]
        levels[start:end] = levels[start:end][::-1]
        start = max(end, start + 1)
