"""How good the forecast was: what it said every Monday of a replayed season, against what came."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import select

from pipeline.casework import forecasting
from pipeline.contract import received_on
from pipeline.domain.forecast import LIKELY
from pipeline.domain.lifecycle import Result
from pipeline.replay.figures import Story
from pipeline.store import tables
from pipeline.wiring import App

NAIVE_DAYS: Final = timedelta(
    days=10
)  # as the ladder's first warning: whatever is due by then counts as likely late


class Said(NamedTuple):
    """One forecast of one case."""

    number: str
    day: date
    chance: float
    is_near: bool


class BackTest:
    """Keeps what was forecast in the course of a season."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._said: list[Said] = []

    def look(self, day: date) -> None:
        """Forecast every open case."""
        today = received_on(self._app.clock.now())
        with self._app.database.reading() as connection:
            found = connection.execute(select(tables.cases.c.number, tables.cases.c.due_on))
            due = {row.number: row.due_on for row in found}
        for number, chance in forecasting.chances(self._app).items():
            self._said.append(Said(number, day, chance, due[number] <= today + NAIVE_DAYS))

    def told(self, stories: Iterable[Story]) -> dict[str, Any]:
        """Return how often it was right, beside what a plain look at the calendar would have said."""
        known = {one.case.number: one for one in stories if one.case.result is not Result.WITHDRAWN}
        pairs = [(one, known[one.number].is_late) for one in self._said if one.number in known]
        warned = {one.number for one, late in pairs if late and one.chance >= LIKELY}
        late_cases = {one.number for one, late in pairs if late}
        squares = [(one.chance - late) ** 2 for one, late in pairs]
        return {
            **_counted([(one.chance >= LIKELY, late) for one, late in pairs]),
            "brier": round(sum(squares) / len(squares), 4) if squares else None,
            "late_cases": len(late_cases),
            "late_cases_warned_of": len(warned),
            "baseline": _counted([(one.is_near, late) for one, late in pairs]),
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
