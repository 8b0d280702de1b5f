"""The register logo: what a provider puts on certificates and beside an activity.

The same facts give the same bytes on one machine. It shows the hours (RU) with a decimal comma and the
number in groups, large; provider and title in small print, shortened so that they always fit.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from io import BytesIO
from typing import Final, Literal

from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from pipeline.domain.hours import plain
from pipeline.logo.artwork import FAINT, INK, MUTED, OPACITY, PANEL, PAPER, WIDTH, artwork, coloured
from pipeline.logo.direction import is_right_to_left
from pipeline.logo.faces import ELLIPSIS, Line, line, shrunk, wrapped
from pipeline.logo.legible import legible, visible

Size = Literal["normal", "print"]
SCALES: Final[dict[Size, int]] = {"normal": 1, "print": 3}  # times 600 by 300 pixels
DOTS_PER_INCH: Final = 100  # at scale 1: a logo is 15 cm wide on paper
COMPRESSION: Final = 7  # of 9: a tenth smaller than 6 and hardly slower; 9 takes seven times as long
TOLD_AT_MOST: Final = 180  # characters of what the picture says, for those who cannot see it
MIDDLE: Final = PANEL / 2
LEFT: Final = 226  # where texts beside the panel begin
ROOM: Final = WIDTH - LEFT - 26  # and how far they may reach


@dataclass(frozen=True)
class LogoFacts:
    """What a logo tells; ``number`` is the activity's, digits without groups."""

    register_name: str
    total_hours: Decimal
    number: str
    provider: str
    title: str


def draw(facts: LogoFacts, size: Size = "normal") -> bytes:
    """Return the logo as a PNG: 600 by 300 pixels, or 1800 by 900 for print.

    Raises:
        ValueError: the hours are no number that can be written down.
    """
    if not facts.total_hours.is_finite():
        raise ValueError(f"{facts.total_hours} is no amount of hours")
    scale = SCALES[size]
    canvas = _form(scale).copy()
    pen = _Pen(canvas, scale)
    _draw_hours(pen, hours(facts.total_hours))
    _draw_name(pen, legible(facts.register_name))
    _draw_number(pen, legible(grouped(facts.number)))
    _draw_small_print(pen, legible(facts.title), legible(facts.provider))
    return _png(coloured(canvas, scale), facts, scale)


def hours(amount: Decimal) -> str:
    """Return an amount of RU as the logo writes it: ``15,5``."""
    return plain(amount).replace(".", ",")


def grouped(number: str) -> str:
    """Return a number in groups of four, as people read it out: ``1000 0012``."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def told(facts: LogoFacts) -> str:
    """Return what the picture says, for those who cannot see it."""
    return visible(
        f"{facts.register_name}: gevalideerde activiteit, {hours(facts.total_hours)} RU, "
        f"activiteitnummer {grouped(facts.number)}. {facts.title} ({facts.provider})"
    )


class _Pen:
    """Writes on a canvas in units of the small logo, whatever its scale."""

    def __init__(self, canvas: Image.Image, scale: int) -> None:
        self._draw = ImageDraw.Draw(canvas)
        self.scale = scale

    def write(self, written: Line, x: float, y: float, grey: int, anchor: str = "ls") -> None:
        """Write a line with its baseline at ``y``; its left end, or its middle, at ``x``."""
        place = (x * self.scale, y * self.scale)
        self._draw.text(place, written.text, grey, written.font, anchor, direction=written.direction)

    def rule(self, left: float, y: float, right: float) -> None:
        """Draw a thin line across, in a light grey."""
        box = (left * self.scale, y * self.scale, right * self.scale - 1, (y + 1) * self.scale - 1)
        self._draw.rectangle(box, fill=FAINT)


@cache
def _form(scale: int) -> Image.Image:
    """Return the artwork with the words that are the same on every logo."""
    canvas = artwork(scale).canvas.copy()
    pen = _Pen(canvas, scale)
    pen.write(line("RU", "display", 34 * scale), MIDDLE, 236, PAPER, "ms")
    pen.write(line("register-uren", "small-print", 16 * scale), MIDDLE, 263, PAPER, "ms")
    pen.write(line("gevalideerde activiteit", "small-print", 16 * scale), LEFT, 79, MUTED)
    pen.write(line("activiteitnummer", "small-print", 14 * scale), LEFT, 119, MUTED)
    pen.rule(LEFT, 184, LEFT + ROOM)
    return canvas


def _draw_hours(pen: _Pen, amount: str) -> None:
    """Write the hours as large as the panel takes, their middle always at the same height."""
    written = shrunk(amount, "display", 80 * pen.scale, (PANEL - 36) * pen.scale, 9 * pen.scale)
    pen.write(written, MIDDLE, 158 + 0.357 * written.size / pen.scale, PAPER, "ms")


def _draw_name(pen: _Pen, name: str) -> None:
    """Write the register's name on one line, or smaller on two where it is long."""
    written = shrunk(name, "display", 30 * pen.scale, ROOM * pen.scale, 20 * pen.scale)
    if written.text.endswith(ELLIPSIS):
        lines = wrapped(name, "display", 18 * pen.scale, ROOM * pen.scale, 2)
    else:
        lines = [written]
    for above, part in enumerate(reversed(lines)):
        pen.write(part, LEFT, 56 - 22 * above, INK)


def _draw_number(pen: _Pen, number: str) -> None:
    pen.write(shrunk(number, "display", 48 * pen.scale, ROOM * pen.scale, 12 * pen.scale), LEFT, 163, INK)


def _draw_small_print(pen: _Pen, title: str, provider: str) -> None:
    """Write the title on as many lines as it needs, and the provider under it."""
    written, step = _title(title, pen.scale)
    y = 212.0
    for part in written:
        pen.write(part, LEFT, y, INK)
        y += step
    for part in _small(provider, 14, 1, pen.scale):
        pen.write(part, LEFT, y + 2, MUTED)


def _title(title: str, scale: int) -> tuple[list[Line], float]:
    """Return the title's lines and the step between them; a long one is smaller, on three lines."""
    lines = _small(title, 17, 2, scale)
    if lines and lines[-1].text.endswith(ELLIPSIS):
        return _small(title, 14.5, 3, scale), 19
    return lines, 23


def _small(text: str, size: float, most: int, scale: int) -> list[Line]:
    turned = is_right_to_left(text)
    return wrapped(text, "small-print", size * scale, ROOM * scale, most, right_to_left=turned)


def _png(picture: Image.Image, facts: LogoFacts, scale: int) -> bytes:
    words = PngInfo()
    words.add_itxt("Description", told(facts)[:TOLD_AT_MOST], lang="nl")
    written = BytesIO()
    dots = (DOTS_PER_INCH * scale, DOTS_PER_INCH * scale)
    picture.save(written, "PNG", transparency=OPACITY, dpi=dots, pnginfo=words, compress_level=COMPRESSION)
    return written.getvalue()
