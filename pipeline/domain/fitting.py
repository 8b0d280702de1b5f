"""Whether what stands in one field of an activity can go with what stands in another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any


def shortest_run(runs: Iterable[Mapping[str, Any]]) -> int | None:
    """Return the days of the shortest run, its first and last included; None where none tells both."""
    return min((days for run in runs if (days := _days(run)) is not None), default=None)


def _days(run: Mapping[str, Any]) -> int | None:
    first, last = run.get("starts_on"), run.get("ends_on")
    if not first or not last:
        return None
    try:
        days = (date.fromisoformat(last) - date.fromisoformat(first)).days + 1
    except ValueError:  # no date that is known: a human sees what stands there
        return None
    return days if days > 0 else None
