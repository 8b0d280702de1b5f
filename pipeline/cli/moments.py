"""Dates and moments as they are typed: local ones, in Amsterdam, unless an offset says otherwise."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import typer

from pipeline.contract import AMSTERDAM


def day(text: str) -> date:
    """Read a date."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"expected a date such as 2026-11-23, got {text}.") from None


def moment(text: str) -> datetime:
    """Read a moment; a date alone is its first."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        expected = "a moment such as 2026-11-23 or 2026-11-23T09:30"
        raise typer.BadParameter(f"expected {expected}, got {text}.") from None
    return (read if read.tzinfo else read.replace(tzinfo=AMSTERDAM)).astimezone(UTC)


def end_of(date: date) -> datetime:
    """Return the last moment of a local day, in UTC."""
    return datetime.combine(date, time.max, AMSTERDAM).astimezone(UTC)


def shown(moment: datetime) -> str:
    """Return a moment as the office's clock shows it."""
    return f"{moment.astimezone(AMSTERDAM):%Y-%m-%d %H:%M}"


def local(text: str) -> str:
    """Return a moment in ISO 8601 as the office's clock shows it."""
    return shown(datetime.fromisoformat(text))
