"""The logo's two fonts, and lines of text made to fit in them.

Where Pillow finds FriBiDi it lays out with Raqm, which joins and orders every script by itself; where it
does not, we join and order. Either way one font holds all the small print, so a line is never pieced
together.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Final, Literal

from PIL import ImageFont, features

from pipeline.logo.direction import visual

Face = Literal["display", "small-print"]
ELLIPSIS: Final = "…"
RAQM: Final = bool(features.check("raqm"))
_FONTS: Final = Path(__file__).with_name("fonts")
_RAQM_DIRECTION: Final = {True: "rtl", False: "ltr"}


@dataclass(frozen=True)
class Line:
    """A line of text as Pillow draws it."""

    text: str
    font: ImageFont.FreeTypeFont
    direction: str | None

    @property
    def size(self) -> float:
        """How large its font is, in pixels."""
        return self.font.size

    @property
    def width(self) -> float:
        """How far the line reaches, in pixels."""
        return self.font.getlength(self.text, direction=self.direction)


def line(text: str, face: Face, size: float, *, right_to_left: bool = False, raqm: bool = RAQM) -> Line:
    """Return ``text`` as one line; ``size`` in pixels."""
    font = _font(face, size, raqm)
    if raqm:
        return Line(text, font, _RAQM_DIRECTION[right_to_left])
    return Line(visual(text, right_to_left=right_to_left), font, None)


def shrunk(text: str, face: Face, size: float, width: float, least: float) -> Line:
    """Return ``text`` as large as it fits in ``width``, but no smaller than ``least``; else cut."""
    fitting = line(text, face, size)
    while fitting.width > width and size > least:
        size = max(least, min(size - 0.5, size * width / fitting.width))
        fitting = line(text, face, size)
    return fitting if fitting.width <= width else wrapped(text, face, size, width, 1)[0]


def wrapped(
    text: str, face: Face, size: float, width: float, most: int, *, right_to_left: bool = False
) -> list[Line]:
    """Return at most ``most`` lines of at most ``width`` pixels, broken between words where they can be.

    What does not fit ends in an ellipsis.
    """

    def fits(part: str) -> bool:
        return line(part, face, size, right_to_left=right_to_left).width <= width

    parts: list[str] = []
    rest = text
    while rest and len(parts) < most:
        last = len(parts) == most - 1
        part, rest = _first_part(rest, fits) if not last else (_cut(rest, fits), "")
        parts.append(part)
    return [line(part, face, size, right_to_left=right_to_left) for part in parts]


def _first_part(text: str, fits: Callable[[str], bool]) -> tuple[str, str]:
    """Split off what fits on one line: whole words, or of a word too long its beginning."""
    spaces = [place for place, sign in enumerate(text) if sign == " "] + [len(text)]
    count = bisect_left(spaces, True, key=lambda end: not fits(text[:end]))
    end = spaces[count - 1] if count else _longest(text, fits, "")
    return text[:end], text[end:].lstrip(" ")


def _cut(text: str, fits: Callable[[str], bool]) -> str:
    """Return the text, or as much of its beginning as fits with an ellipsis after it."""
    if fits(text):
        return text
    end = _longest(text, fits, ELLIPSIS)
    words = text[: end + 1].rpartition(" ")[0]
    return (words if len(words) > end // 2 else text[:end]).rstrip(" ,;:-–—") + ELLIPSIS


def _longest(text: str, fits: Callable[[str], bool], after: str) -> int:
    """Return how many signs fit with ``after`` behind them; at least one, and no mark without its sign."""
    end = bisect_left(range(1, len(text) + 1), True, key=lambda count: not fits(text[:count] + after))
    while end > 1 and end < len(text) and unicodedata.category(text[end]) == "Mn":
        end -= 1
    return max(end, 1)


@lru_cache(maxsize=256)
def _font(face: Face, size: float, raqm: bool) -> ImageFont.FreeTypeFont:
    engine = ImageFont.Layout.RAQM if raqm else ImageFont.Layout.BASIC
    return ImageFont.truetype(BytesIO(_file(face)), size, layout_engine=engine)


@lru_cache
def _file(face: Face) -> bytes:
    return (_FONTS / f"{face}.ttf").read_bytes()
