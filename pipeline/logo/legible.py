"""Facts as people typed them, made fit to be drawn: one line of signs that the small print has."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

from pipeline.logo.faces import line

_READ_AT_MOST: Final = 500  # signs; no more than a hundred or so ever fit
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_MARKS: Final = ("Mn", "Me")
_SKIN_TONES: Final = range(0x1F3FB, 0x1F400)
_SELECTORS: Final = range(0xFE00, 0xFE10)


def legible(text: str) -> str:
    """Return ``text`` on one line, composed, without what cannot be seen and what no font of ours has.

    A sign that has no glyph is spelled out where Unicode knows how (``𝐀`` as ``A``), else left out:
    an empty box says nothing to whoever reads a certificate.
    """
    composed = unicodedata.normalize("NFC", visible(text[:_READ_AT_MOST]))
    return " ".join("".join(_shown(sign) for sign in composed).split())


def visible(text: str) -> str:
    """Return ``text`` on one line without control characters, direction marks and halves of characters."""
    return " ".join("".join(" " if sign.isspace() else _seen(sign) for sign in text).split())


def _seen(sign: str) -> str:
    return "" if unicodedata.category(sign) in _UNSEEN else sign


def _shown(sign: str) -> str:
    if ord(sign) in _SELECTORS or ord(sign) in _SKIN_TONES:
        return ""
    if _has_glyph(sign):
        return sign
    return "".join(part for part in unicodedata.normalize("NFKC", sign) if _has_glyph(part))


@lru_cache(maxsize=4096)
def _has_glyph(sign: str) -> bool:
    """Say whether the small print has a sign; what it has not is drawn without width, as marks are."""
    if unicodedata.category(sign) in _MARKS:
        return True
    return line(sign, "small-print", 16, raqm=False).width > 0


def shown(text: str) -> str:
    """Return ``text`` with its lines, composed, with what no font of ours has spelled out: ``[U+4E2D]``.

    For what has to show all that somebody wrote; only what cannot be seen anyway is left out.
    """
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\t", "    "))
    return "".join(sign if sign == "\n" else _spelled(sign) for sign in composed)


def _spelled(sign: str) -> str:
    if sign.isspace():
        return " "
    if not _seen(sign) or ord(sign) in _SELECTORS or ord(sign) in _SKIN_TONES:
        return ""
    is_there = _has_ink(sign) if unicodedata.category(sign) in _MARKS else _has_glyph(sign)
    return sign if is_there else f"[U+{ord(sign):04X}]"


@lru_cache(maxsize=4096)
def _has_ink(mark: str) -> bool:
    """Say whether the small print has a mark, which has no width there or not."""
    return line(mark, "small-print", 16, raqm=False).font.getmask(mark).getbbox() is not None
