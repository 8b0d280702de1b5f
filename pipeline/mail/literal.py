"""Facts as people typed them, made safe to stand in a letter: nothing in them acts, all of it shows."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_LINE_ENDS: Final = re.compile("\r\n|[\r\u2028\u2029]")
_UNSHOWABLE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"

_POP: Final = "\N{POP DIRECTIONAL FORMATTING}"
_ISOLATE: Final = "\N{FIRST STRONG ISOLATE}"
_END_ISOLATE: Final = "\N{POP DIRECTIONAL ISOLATE}"
# Characters that open a direction of writing, and the one that ends it.
_ENDS: Final = dict.fromkeys("\u202a\u202b\u202d\u202e", _POP) | dict.fromkeys(
    "\u2066\u2067\u2068", _END_ISOLATE
)
_TURNING: Final = {"R", "AL", "AN", "LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
_READ_FOR_EACH: Final = 20  # signs for each that is shown: white space may be long, and a text has no end
_JOINER: Final = "\N{ZERO WIDTH JOINER}"


def literal(text: str) -> str:
    """Return ``text`` as it may stand in a letter.

    Lines end in ``\\n``; control characters but tabs, and lone surrogates, show as U+FFFD; a line
    that turns the direction of writing turns it for itself only.
    """
    if text.isascii() and text.isprintable():  # most facts are: one line with nothing to make safe
        return text
    shown = _UNSHOWABLE.sub(_REPLACEMENT, _LINE_ENDS.sub("\n", text))
    return "\n".join(_isolated(line) for line in shown.split("\n"))


def one_line(text: str) -> str:
    """Return ``text`` on one line, every run of white space as one space."""
    return " ".join(_UNSHOWABLE.sub(_REPLACEMENT, _LINE_ENDS.sub("\n", text)).split())


def shortened(text: str, limit: int = 80) -> str:
    """Return ``text`` on one line of at most ``limit`` characters, cut between words where it can be."""
    begun = text[: limit * _READ_FOR_EACH]
    line = one_line(begun) + ("" if begun == text else "…")
    if len(line) <= limit:
        return line
    end = limit - 1
    while end > 1 and (_is_attached(line[end]) or line[end - 1] == _JOINER):
        end -= 1
    words = line[: end + 1].rpartition(" ")[0]
    return (words if len(words) > limit // 2 else line[:end]).rstrip() + "…"


def _is_attached(sign: str) -> bool:
    """Say whether ``sign`` belongs to the character before it: an accent, a skin tone, a joiner."""
    return unicodedata.category(sign) in ("Mn", "Me", "Mc", "Sk") or sign == _JOINER


def _isolated(line: str) -> str:
    if line.isascii() or not any(unicodedata.bidirectional(sign) in _TURNING for sign in set(line)):
        return line
    return _ISOLATE + _balanced(line) + _END_ISOLATE


def _balanced(line: str) -> str:
    """Drop what ends nothing, and end what is left open, so that ``line`` cannot reach outside."""
    kept, open_ends = [], list[str]()
    for sign in line:
        if sign in _ENDS:
            open_ends.append(_ENDS[sign])
        elif sign in (_POP, _END_ISOLATE):
            sign = open_ends.pop() if open_ends[-1:] == [sign] else ""
        kept.append(sign)
    return "".join(kept + open_ends[::-1])
