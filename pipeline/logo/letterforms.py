"""Arabic letters in the form that their neighbours ask for, for layouts that do not join letters."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Final

_FORMS: Final = range(0xFE80, 0xFEFD)  # Unicode's ready-made forms of Arabic letters
_LAM: Final = "ل"


def joined(text: str) -> str:
    """Return ``text`` with every Arabic letter replaced by its isolated, initial, medial or final form."""
    signs = _with_ligatures(text)
    return "".join(_form(signs, place) for place in range(len(signs)))


def _with_ligatures(text: str) -> list[str]:
    """Split into letters; lam and alef together are one."""
    signs: list[str] = []
    for sign in text:
        if signs and signs[-1] == _LAM and _LAM + sign in _forms():
            signs[-1] = _LAM + sign
        else:
            signs.append(sign)
    return signs


def _form(signs: list[str], place: int) -> str:
    forms = _forms().get(signs[place])
    if forms is None:
        return signs[place]
    after = _joins_next(_neighbour(signs, place, -1))
    before = _joins_previous(_neighbour(signs, place, 1)) and "<initial>" in forms
    wanted = {
        (False, False): "isolated",
        (False, True): "initial",
        (True, True): "medial",
        (True, False): "final",
    }
    return forms.get(f"<{wanted[after, before]}>", signs[place])


def _neighbour(signs: list[str], place: int, step: int) -> str:
    """Return the next letter in one direction, past the marks that letters carry."""
    place += step
    while 0 <= place < len(signs) and unicodedata.category(signs[place][0]) == "Mn":
        place += step
    return signs[place] if 0 <= place < len(signs) else ""


def _joins_next(sign: str) -> bool:
    return "<initial>" in _forms().get(sign, {})


def _joins_previous(sign: str) -> bool:
    return "<final>" in _forms().get(sign, {})


@cache
def _forms() -> Mapping[str, Mapping[str, str]]:
    """Return the forms of each letter, from Unicode's own data: ``<initial> 0628``."""
    found: dict[str, dict[str, str]] = {}
    for code in _FORMS:
        form, _, letters = unicodedata.decomposition(chr(code)).partition(" ")
        found.setdefault("".join(chr(int(letter, 16)) for letter in letters.split()), {})[form] = chr(code)
    return found
