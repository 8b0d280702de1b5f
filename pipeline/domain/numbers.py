"""Case numbers and activity numbers: how they are built, written and read."""

from __future__ import annotations

from typing import Final

from stdnum import damm

from pipeline.domain.lifecycle import Kind

LETTERS: Final = {Kind.ADMISSION: "T", Kind.ACTIVITY: "A", Kind.OBJECTION: "B"}
ACTIVITY_COUNTER: Final = "activity"
FIRST_ACTIVITY: Final = 1_000_001  # gives 1000 0012 with its check digit


def case_number(kind: Kind, year: int, serial: int) -> str:
    """Return for example ``A-2026-000123``; unique within letter and year of receipt."""
    return f"{LETTERS[kind]}-{year}-{serial:06d}"


def case_counter(kind: Kind, year: int) -> str:
    """Return the name of the counter that these case numbers come from."""
    return f"case-{LETTERS[kind]}-{year}"


def activity_number(serial: int) -> str:
    """Return eight digits, the last a Damm check digit, for the serial from ``FIRST_ACTIVITY`` on."""
    digits = str(serial)
    return digits + str(damm.calc_check_digit(digits))


def typed(number: str) -> str:
    """Return an activity number as somebody typed it, from paper or not, without what stands between its digits."""
    return "".join(number.split())


def grouped(number: str) -> str:
    """Return an activity number as people read it from paper: ``1000 0012``."""
    return f"{number[:-4]} {number[-4:]}"
