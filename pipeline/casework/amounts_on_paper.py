"""Hours and numbers as documents tell them."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.domain.hours import Hours
from pipeline.mail import dutch

Told = Mapping[str, str]  # contact and self_study, in RU


def hours_told(told: Told | None) -> str:
    """Return ``12 contacturen + 8 zelfstudie = 20 RU``; nothing where there are none."""
    return "{} contacturen + {} zelfstudie = {} RU".format(*_sums(told)) if told else ""


def in_short(told: Told) -> str:
    """Return ``12 + 8 = 20 RU``."""
    return "{} + {} = {} RU".format(*_sums(told))


def _sums(told: Told) -> list[str]:
    parts = Hours.from_text(told)
    return [dutch.hours(amount) for amount in (parts.contact, parts.self_study, parts.total)]


def grouped(number: str | None) -> str:
    """Return an activity number as it stands on the logo; nothing where there is none."""
    return f"{number[:4]} {number[4:]}" if number else ""
