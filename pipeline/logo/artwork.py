"""What is the same on every logo: paper, panel, seal and colours; drawn once a process and size.

Everything is drawn on one grey canvas, where 0 is ink and 255 is paper, so that edges are smooth. At the
end its greys become three ramps of one palette: ink to paper, ink to gold, and ink to nothing for
the rounded corners. That keeps a picture of few bytes that looks as if it had all colours.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import cos, pi, sin
from typing import Final, NamedTuple

from PIL import Image, ImageDraw

WIDTH: Final = 600
HEIGHT: Final = 300
PANEL: Final = 196  # where the panel ends and the gold line begins
INK: Final = 0
PAPER: Final = 255
FAINT: Final = 210
MUTED: Final = 92  # grey of the captions: contrast above 4.5 on paper

_INK: Final = (18, 60, 94)
_WHITE: Final = (255, 255, 255)
_GOLD: Final = (245, 178, 61)
_SHADES: Final = 12  # per ramp; more cannot be seen, but cost bytes
_SMOOTH: Final = 4  # drawn this many times larger, then made smaller
_CORNER: Final = 20
_SEAL: Final = ((98, 66), 36)  # its centre and radius
_LOBES: Final = 14


class Artwork(NamedTuple):
    """The canvas for texts, and what is laid over it once its greys are shades."""

    canvas: Image.Image
    overlay: Image.Image
    where: Image.Image


PALETTE: Final = [
    round(start + (end - start) * shade / (_SHADES - 1))
    for far in (_WHITE, _GOLD, _INK)
    for shade in range(_SHADES)
    for start, end in zip(_INK, far, strict=True)
]
OPACITY: Final = bytes([255] * 2 * _SHADES + [round(255 * shade / (_SHADES - 1)) for shade in range(_SHADES)])


@cache
def artwork(scale: int) -> Artwork:
    """Return the artwork of a logo ``scale`` times 600 by 300 pixels; the same object each time."""
    gold, outside = _smooth(_draw_gold, scale), _smooth(_draw_card, scale)
    overlay = gold.point(_ramp(1))
    edge = outside.point(lambda grey: 255 if grey < 255 else 0)
    overlay.paste(outside.point(_ramp(2)), mask=edge)
    where = gold.point(lambda grey: 255 if grey else 0)
    where.paste(255, mask=edge)
    return Artwork(_smooth(_draw_canvas, scale), overlay, where)


def coloured(canvas: Image.Image, scale: int) -> Image.Image:
    """Return a canvas, with its texts, as the picture in its palette."""
    picture = canvas.point(_ramp(0))
    picture.paste(artwork(scale).overlay, mask=artwork(scale).where)
    picture.putpalette(PALETTE)
    return picture


def _ramp(place: int) -> list[int]:
    return [place * _SHADES + (grey * (_SHADES - 1) + 127) // 255 for grey in range(256)]


def _smooth(draw: Callable[[ImageDraw.ImageDraw, int], None], scale: int) -> Image.Image:
    """Return what ``draw`` draws, larger, made smaller with smooth edges."""
    large = Image.new("L", (WIDTH * scale * _SMOOTH, HEIGHT * scale * _SMOOTH), 0)
    draw(ImageDraw.Draw(large), scale * _SMOOTH)
    return large.reduce(_SMOOTH)


def _draw_card(pen: ImageDraw.ImageDraw, unit: int) -> None:
    pen.rounded_rectangle(_box(0, 0, WIDTH, HEIGHT, unit), _CORNER * unit, fill=255)


def _draw_canvas(pen: ImageDraw.ImageDraw, unit: int) -> None:
    pen.rounded_rectangle(_box(2, 2, WIDTH - 2, HEIGHT - 2, unit), (_CORNER - 2) * unit, fill=PAPER)
    pen.rectangle(_box(2, 2, PANEL, HEIGHT - 2, unit), fill=INK)
    pen.polygon(_rosette(1.0, unit), fill=PAPER)
    pen.polygon(_rosette(0.86, unit), fill=INK)


def _draw_gold(pen: ImageDraw.ImageDraw, unit: int) -> None:
    pen.rectangle(_box(PANEL, 2, PANEL + 5, HEIGHT - 2, unit), fill=255)
    (x, y), radius = _SEAL
    corners = [(x - 0.42 * radius, y + 0.03 * radius), (x - 0.1 * radius, y + 0.34 * radius)]
    corners.append((x + 0.44 * radius, y - 0.3 * radius))
    thick = 0.19 * radius
    points = [(across * unit, down * unit) for across, down in corners]
    pen.line(points, fill=255, width=round(thick * unit), joint="curve")
    for across, down in corners[::2]:
        pen.ellipse(
            _box(across - thick / 2, down - thick / 2, across + thick / 2, down + thick / 2, unit), fill=255
        )


def _rosette(size: float, unit: int) -> list[tuple[float, float]]:
    """Return the outline of the seal: a circle of soft lobes."""
    (x, y), radius = _SEAL
    angles = [2 * pi * step / 720 for step in range(720)]
    reach = [size * radius * (1 + 0.045 * cos(_LOBES * angle)) for angle in angles]
    return [
        ((x + far * cos(angle)) * unit, (y + far * sin(angle)) * unit)
        for far, angle in zip(reach, angles, strict=True)
    ]


def _box(
    left: float, top: float, right: float, bottom: float, unit: int
) -> tuple[float, float, float, float]:
    """Return a box in canvas units as Pillow counts it, its last pixel inside."""
    return left * unit, top * unit, right * unit - 1, bottom * unit - 1
