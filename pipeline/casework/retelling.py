"""The rule trail of a decision retold in Dutch; a sentence that is not known stands as it was kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from pipeline.paper.words import tables, word

Json = Mapping[str, Any]
Name = Callable[[str], str]

_AMOUNTS: Final = r"-?[\d.]+ \+ -?[\d.]+"
_VERDICT: Final = re.compile(
    rf"(?P<who>.+?) (?P<said>approve|defer|reject|recuse)(?P<hours> {_AMOUNTS})?(?P<more> \(.+\))?"
)
_SAID: Final = re.compile(rf"(?P<said>asked|granted|approve|defer|reject)(?P<hours> {_AMOUNTS})?")
_MORE: Final = {
    " (annulled: does not count)": " (ongeldig verklaard: telt niet)",
    " (abstains: does not count)": " (telt niet)",
}
_SENTENCES: Final = {  # what a rule said, by the code of its Dutch
    "compared": r"(\d+) of at least (\d+) verdicts that count: they are compared",
    "waits": r"(\d+) of at least (\d+) verdicts that count: the case waits",
    "equal": r"(\d+) are equal: they decide",
    "not_equal": r"no (\d+) are equal",
    "close": rf"(\d+) do: they decide, with the lower of each, ({_AMOUNTS})",
    "not_close": r"no (\d+) lie that close",
    "too_few": r"(\d+) verdicts, (\d+) needed",
    "one_more": r"one more reviewer is asked",
    "commission": r"the commission decides",
    "not_signed": r"refused: the commission decides",
    "by_hand": r"a named human decides for the commission",
    "as_asked": r"as asked",
}
_PARTS: Final = {"contact": "contacturen", "self-study": "zelfstudie", "less": "minder", "more": "meer"}


def rows(trail: Sequence[Json], name: Name) -> list[tuple[str, str, str, str]]:
    """Return each rule that was tried: which, what it looked at, what it rests on, what followed.

    Args:
        name: what a reviewer is called here, by id.
    """
    return [
        (
            word(one["rule"], "tried"),
            "\n".join(compared(each, name) for each in one["compared"]),
            "\n".join(f"{word(key, 'policy')}: {_amount(value)}" for key, value in one["policy"].items()),
            followed(one["follows"]),
        )
        for one in trail
    ]


def compared(told: str, name: Name) -> str:
    """Return what a rule looked at: a verdict with whose it is, hours, or a number of verdicts."""
    if found := _VERDICT.fullmatch(told):
        hours = f", {_amount(found['hours'].strip())} uur" if found["hours"] else ""
        return f"{name(found['who'])}: {word(found['said'], 'verdict')}{hours}{_MORE.get(found['more'] or '', '')}"
    if found := _SAID.fullmatch(told):
        said = {"asked": "gevraagd", "granted": "toegekend"}.get(found["said"])
        hours = f" {_amount(found['hours'].strip())} uur" if found["hours"] else ""
        return f"{said or word(found['said'], 'verdict')}{hours}"
    return followed(told)


def followed(told: str) -> str:
    """Return what came of a rule."""
    for code, pattern in _SENTENCES.items():
        if found := re.fullmatch(pattern, told):
            return _amount(word(code, "follows").format(*found.groups()))
    if told in tables()["decided"]:
        return word(told, "decided")
    return _difference(told)


def _difference(told: str) -> str:
    """Return ``contact 2 RU less, self-study 1 RU more`` in Dutch; anything else as it is."""
    parts = [re.fullmatch(r"(contact|self-study) ([\d.]+) RU (less|more)", one) for one in told.split(", ")]
    found = [one for one in parts if one is not None]
    if len(found) < len(parts):
        return told
    return ", ".join(f"{_PARTS[one[1]]} {_amount(one[2])} uur {_PARTS[one[3]]}" for one in found)


def _amount(told: str) -> str:
    return re.sub(r"(?<=\d)\.(?=\d)", ",", told)
