"""Dutch words for the system's own codes, read from ``templates/mail/_base/words.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any, Final, Protocol

from pipeline.mail.dutch import hours
from pipeline.mail.literal import shortened

_TEXT_RULES: Final = {
    "missing",
    "too_short",
    "self_study_justification",
    "evidence_missing",
    "evidence_too_short",
    "short_for_hours",
}
_HOURS_RULES: Final = {"hours_too_few", "few_for_type", "many_for_type"}
_DAYS_RULES: Final = {"hours_per_day"}
_PARTS: Final = ("met", "evidence")  # of a requirement, which bears the name on the form
_GOT_LENGTH: Final = 120  # characters of what came that a letter repeats

# What the contract says of what came, where a value stands in the sentence.
_CAME: Final = (
    (re.compile(r"the number (.+)"), r"het getal \1"),
    (re.compile(r"(\d+) bytes"), r"\1 bytes"),
    (re.compile(r"(\d+) levels"), r"\1 niveaus"),
    (re.compile(r"byte (0x[0-9A-F]{2}) at position (\d+)"), r"byte \1 op plaats \2"),
    (re.compile(r"control character (U\+[0-9A-F]{4}) in (.*)"), r"stuurteken \1 in “\2”"),
)


class Finding(Protocol):
    """What is missing from a submission, as the completeness rules tell it."""

    @property
    def field(self) -> str:
        """Dotted path from ``data``."""

    @property
    def rule(self) -> str:
        """The rule that found it, a key of ``[finding]``."""

    @property
    def minimum(self) -> int | None:
        """Characters or hours that would satisfy it."""

    @property
    def got(self) -> int | str | None:
        """A length in characters, an amount of hours, or the text that came."""

    @property
    def sentence(self) -> str | None:
        """What the policy says; None where it leaves that to ``[finding]``."""


@cache
def tables() -> dict[str, dict[str, Any]]:
    """Return every table of words."""
    source = resources.files("pipeline").joinpath("templates/mail/_base/words.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))


def word(code: str, table: str, otherwise: str = "") -> str:
    """Return the Dutch for ``code``; without one it is ``otherwise``, or stands for itself."""
    found: str = tables()[table].get(code, otherwise or code)
    return found


def label(field: str) -> str:
    """Return the Dutch name of a field, given as a dotted path."""
    inside = field.removeprefix("changes.")
    parent, _, last = inside.rpartition(".")
    if parent.startswith("requirements.") and last in _PARTS:
        inside = parent
    return word(inside, "field")


def satisfying(finding: Finding) -> str:
    """Return the sentence that says what would satisfy a finding: the policy's, or else ours.

    Raises:
        KeyError: no sentence is written for its rule.
    """
    sentence = finding.sentence or _usual(finding)
    return sentence.format(minimum=_minimum(finding), got=_got(finding))


def _usual(finding: Finding) -> str:
    empty: Mapping[str, str] = tables()["finding_empty"] if finding.got in (None, "") else {}
    return empty.get(finding.rule) or str(tables()["finding"][finding.rule])


def advice(rule: str, field: str, event_type: str | None, address: str, got: str = "") -> str:
    """Return the sentence that says why an event is refused, and what to do now.

    Args:
        address: where the provider can write to the register.
        got: what came, or what it was found to be.

    Raises:
        KeyError: no sentence is written for this rule.
    """
    special: Mapping[str, str] = tables()["refusal_of"].get(event_type or "", {})
    sentence = special.get(rule) or tables()["refusal"][rule]
    allowed = tables()["allowed"].get(field, "de waarden in de beschrijving van de berichten")
    return str(sentence).format(field=label(field), allowed=allowed, address=address, got=got)


def came(got: str, field: str) -> str:
    """Return in Dutch what an event brought; a text that a sender wrote stands between quotes."""
    known = tables()["got"] | (tables()["state"] if field == "case" else {})
    if got in known:
        return str(known[got])
    for pattern, dutch in _CAME:
        if pattern.fullmatch(got):
            return pattern.sub(dutch, got)
    return f"“{got}”"


def _minimum(finding: Finding) -> str:
    number = finding.minimum or 0
    if finding.rule not in _TEXT_RULES:
        return str(number)
    return "een paar woorden" if number <= 1 else f"{number} tekens"


def _got(finding: Finding) -> str:
    text = "" if finding.got is None else shortened(str(finding.got), _GOT_LENGTH)
    if finding.rule in _DAYS_RULES:
        return "1 dag" if text == "1" else f"{text} dagen"
    return hours(Decimal(text)) if finding.rule in _HOURS_RULES and text else text
