"""When and where an activity is given, as letters tell it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from pipeline.mail.dutch import dated, span
from pipeline.mail.literal import shortened

SHOWN = 80  # characters of what a provider wrote


def told(run: Mapping[str, Any]) -> str:
    """Return one run, such as ``10 februari tot en met 23 juni 2027, Utrecht``; what is no day as it was written."""
    days, city = _days(run.get("starts_on"), run.get("ends_on")), run.get("city")
    return ", ".join(shortened(str(part), SHOWN) for part in (days, city) if part) or "datum nog niet bekend"


def _days(first: str | None, last: str | None) -> str:
    begins, ends = _day(first), _day(last)
    if begins is not None and ends is not None and begins <= ends:
        return span(begins, ends)
    known = (dated(day) if day is not None else text for day, text in ((begins, first), (ends, last)) if text)
    return " tot en met ".join(known)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
