"""How good the forecast was: what it said every Monday of a replayed season, against what came.

What is late already is no forecast: from the day after its term a case counts no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import pairwise
from statistics import median
from typing import Any, Final, NamedTuple

from sqlalchemy import select

from pipeline.casework import forecasting
from pipeline.domain.forecast import LIKELY, WATCH
from pipeline.domain.lifecycle import Result
from pipeline.replay.figures import Story
from pipeline.store import tables
from pipeline.wiring import App

# As the ladder's first warning: whatever is due by then counts as likely late.
NAIVE_DAYS: Final = timedelta(days=10)
STEPS: Final = (0.0, 0.1, WATCH, LIKELY, 0.75, 0.9, 1.0)  # of chances, for the calibration


class Said(NamedTuple):
    """One forecast of one case, and when it was due as things stood."""

    number: str
    day: date
    chance: float
    due_on: date


class Came(NamedTuple):
    """What was said, and whether the case came late."""

    said: Said
    is_late: bool


class BackTest:
    """Keeps what was forecast in the course of a season."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._said: list[Said] = []

    def look(self, day: date) -> None:
        """Forecast every open case whose term has not passed."""
        with self._app.database.reading() as connection:
            found = connection.execute(select(tables.cases.c.number, tables.cases.c.due_on))
            due = {row.number: row.due_on for row in found}
        for number, chance in forecasting.chances(self._app).items():
            self._said.append(Said(number, day, chance, due[number]))

    def told(self, stories: Iterable[Story]) -> dict[str, Any]:
        """Return how often it was right, beside what a plain look at the calendar would have said."""
        late = {one.case.number: one.is_late for one in stories if one.case.result is not Result.WITHDRAWN}
        return judged([Came(one, late[one.number]) for one in self._said if one.number in late])


def judged(came: Sequence[Came]) -> dict[str, Any]:
    """Hold what was said against what came, at each threshold and by chance."""
    squares = [(one.said.chance - one.is_late) ** 2 for one in came]
    baseline = _counted([(one.said.due_on <= one.said.day + NAIVE_DAYS, one.is_late) for one in came])
    return {
        "likely_from": LIKELY,
        "watch_from": WATCH,
        **_counted([(one.said.chance >= LIKELY, one.is_late) for one in came]),
        "brier": round(sum(squares) / len(squares), 4) if squares else None,
        "watch": _counted([(one.said.chance >= WATCH, one.is_late) for one in came]),
        "baseline": baseline,
        "as_many": _as_many(came, baseline["hits"] + baseline["false_alarms"]),
        "cases": _cases(came),
        "calibration": _calibration(came),
    }


def _counted(pairs: list[tuple[bool, bool]]) -> dict[str, Any]:
    """Count what was said (first) against what came (second)."""
    hits = sum(said and came for said, came in pairs)
    misses = sum(came and not said for said, came in pairs)
    false_alarms = sum(said and not came for said, came in pairs)
    return {
        "forecasts": len(pairs),
        "hits": hits,
        "misses": misses,
        "false_alarms": false_alarms,
        "recall": round(hits / (hits + misses), 4) if hits + misses else None,
        "precision": round(hits / (hits + false_alarms), 4) if hits + false_alarms else None,
    }


def _as_many(came: Sequence[Came], warnings: int) -> dict[str, Any]:
    """Count as if only the likeliest had been warned of, so many: two ways to warn compare at the same trouble."""
    likeliest = sorted(came, key=lambda one: (-one.said.chance, one.said.day, one.said.number))
    return _counted([(place < warnings, one.is_late) for place, one in enumerate(likeliest)])


def _cases(came: Sequence[Came]) -> dict[str, Any]:
    """Count the late cases that were told of in time, and tell how many days ahead of their end."""
    late = {one.said.number for one in came if one.is_late}
    warned, watched = _days_ahead(came, LIKELY), _days_ahead(came, WATCH)
    return {
        "late": len(late),
        "likely": len(warned),
        "likely_days_ahead": median(warned) if warned else None,
        "watched": len(watched),
        "watched_days_ahead": median(watched) if watched else None,
    }


def _days_ahead(came: Sequence[Came], threshold: float) -> list[int]:
    """Return for each late case that was told of how many days before its end that first was."""
    first: dict[str, int] = {}
    for said, is_late in came:
        if is_late and said.chance >= threshold:
            first.setdefault(said.number, (said.due_on - said.day).days)
    return list(first.values())


def _calibration(came: Sequence[Came]) -> list[dict[str, Any]]:
    """Tell for each span of chances how many cases were to be late, and how many were."""
    found = []
    for least, below in pairwise(STEPS):
        is_last = below == STEPS[-1]
        inside = [one for one in came if least <= one.said.chance and (is_last or one.said.chance < below)]
        found.append(
            {
                "from": least,
                "to": below,
                "forecasts": len(inside),
                "expected": round(sum(one.said.chance for one in inside), 1),
                "late": sum(one.is_late for one in inside),
            }
        )
    return found
