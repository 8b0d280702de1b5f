"""Dutch as people write it: dates, hours and salutations, from our own tables and no locale."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from pipeline.contract.moments import AMSTERDAM
from pipeline.mail.literal import shortened

DAYS: Final = ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag")
MONTHS: Final = (
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
)
_NUMBERS: Final = "één twee drie vier vijf zes zeven acht negen tien elf twaalf".split()
_TITLES: Final = {"heer": "heer", "mevrouw": "mevrouw", None: "heer of mevrouw"}
_DEGREES: Final = frozenset("dr. drs. ing. ir. mr. prof. Dr. Drs. Ing. Ir. Mr. Prof.".split())
_PREFIXES: Final = frozenset(
    "'s 't aan aen af al ben bij bin d' da de del della den der des di do dos du el en het 'n in l' la las le los"
    " onder op over 't te ten ter tot uit uijt van vanden vander ver vom von voor vor zu zum zur".split()
)


def dated(day: date) -> str:
    """Return a day as ``7 december 2026``."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def day(day: date) -> str:
    """Return a day as ``maandag 7 december 2026``."""
    return f"{DAYS[day.weekday()]} {dated(day)}"


def span(first: date, last: date) -> str:
    """Return days in a row as ``13 tot en met 21 februari 2027``: what is the same is said once."""
    if first == last:
        return dated(first)
    begins = f"{first.day} {MONTHS[first.month - 1]}" if first.month != last.month else str(first.day)
    return f"{begins if first.year == last.year else dated(first)} tot en met {dated(last)}"


def weeks(days: int) -> str:
    """Return a number of days as ``zes weken`` where it is whole weeks, else as ``45 dagen``."""
    whole, rest = divmod(days, 7)
    if rest or not 0 < whole <= len(_NUMBERS):
        return amount(days, "dag", "dagen")
    return f"{_NUMBERS[whole - 1]} {'week' if whole == 1 else 'weken'}"


def holiday(name: str) -> str:
    """Return the name of a school holiday as it stands in a sentence: ``kerstvakantie`` of ``Kerstvakantie 2026``."""
    return " ".join(word for word in name.split() if not word.isdecimal()).lower()


def local_day(moment: datetime) -> date:
    """Return the day in Europe/Amsterdam of an aware ``moment``."""
    return moment.astimezone(AMSTERDAM).date()


def moment(moment: datetime) -> str:
    """Return an aware moment in Dutch time as ``maandag 23 november 2026 om 9.30 uur``."""
    local = moment.astimezone(AMSTERDAM)
    return f"{day(local)} om {local.hour}.{local.minute:02} uur"


def hours(amount: Decimal) -> str:
    """Return an amount of hours (RU) with a decimal comma and no needless zeros: ``15,5``, ``12``."""
    digits = f"{amount:f}"
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return digits.replace(".", ",")


def amount(number: int, one: str, more: str) -> str:
    """Return a number with its noun: ``1 teken``, ``17 tekens``."""
    return f"{number} {one if number == 1 else more}"


def listed(parts: Sequence[str], last: str = "en") -> str:
    """Return parts of a sentence as ``a, b en c``."""
    before, end = parts[:-1], parts[-1]
    return f"{', '.join(before)} {last} {end}" if before else end


def capital(text: str) -> str:
    """Return ``text`` with its first letter a capital, the rest as it is."""
    return text[:1].upper() + text[1:]


def days_left(days: int) -> str:
    """Return how far away a day is: ``vandaag``, ``over 3 dagen``, ``2 dagen geleden``."""
    if days < 0:
        return f"{amount(-days, 'dag', 'dagen')} geleden"
    return ("vandaag", "morgen")[days] if days < 2 else f"over {days} dagen"


def salutation(name: str | None, form_of_address: str | None) -> str:
    """Return the salutation of a letter, comma included; an unknown form of address is never guessed."""
    title = f"Geachte {_TITLES[form_of_address]}"
    family_name = surname(shortened(name or "", 100))
    return f"{title} {family_name}," if family_name else f"{title},"


def surname(name: str) -> str:
    """Return the surname in ``name`` as it stands after a title: ``Van der Aa`` of ``J. van der Aa``.

    Where the surname cannot be told from first names, the whole name is returned.
    """
    words = [word for word in name.split() if not word.startswith("(")]
    while len(words) > 1 and words[0] in _DEGREES:
        words.pop(0)
    initials = len(words) > 1 and _is_initials(words[0])
    while len(words) > 1 and _is_initials(words[0]):
        words.pop(0)
    family = words if initials or "," in name else _after_first_names(words)
    return _with_capital(" ".join(family))


def _after_first_names(words: list[str]) -> list[str]:
    first = next((place for place, word in enumerate(words) if _is_prefix(word, place)), None)
    if first is None:
        return words[1:] if len(words) == 2 else words
    return words[first:]


def _is_initials(word: str) -> bool:
    return word.endswith(".") and word[0].isupper()


def _is_prefix(word: str, place: int) -> bool:
    bare = word.replace("’", "'")
    return (bare if place == 0 else bare.lower()) in _PREFIXES


def _with_capital(family_name: str) -> str:
    first = family_name.split(" ", 1)[0].replace("’", "'")
    if first in _PREFIXES or first.startswith("d'"):
        return capital(family_name)
    return family_name
