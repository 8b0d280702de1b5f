"""Which open cases will likely miss their term, and what would cost least to put it right."""

from __future__ import annotations

from typing import Any

from pipeline.casework import repairs
from pipeline.casework.prospects import Prospect, Seen, look
from pipeline.domain.forecast import Outlook, outlook
from pipeline.domain.workdays import DAY
from pipeline.wiring import App


def forecasts(app: App) -> list[dict[str, Any]]:
    """Return every open case that still has a decision ahead: the late first, then the likeliest to be."""
    seen = look(app)
    found = [_forecast(seen, one) for one in seen.prospects]
    return sorted(found, key=_most_urgent_first)


def _most_urgent_first(one: dict[str, Any]) -> tuple[float, str, str]:
    chance = 2.0 if one["chance_late"] is None else one["chance_late"]
    return -chance, one["due_on"], one["case"]


def chances(app: App) -> dict[str, float]:
    """Return for each open case whose term has not passed its chance to miss it."""
    seen = look(app)
    ahead = [one.open for one in seen.prospects if one.open.due_on >= seen.today]
    return {one.number: 1 - seen.forecaster.chance(one) for one in ahead}


def _forecast(seen: Seen, one: Prospect) -> dict[str, Any]:
    case, due_on = one.draft.case, one.open.due_on
    late = 1 - seen.forecaster.chance(one.open)
    found = outlook(late, due_on, seen.today)
    return {
        "case": case.number,
        "kind": case.kind.value,
        "state": case.state.value,
        "due_on": due_on.isoformat(),
        "outlook": found.value,
        "late_since": (due_on + DAY).isoformat() if found is Outlook.LATE else None,
        "chance_late": None if found is Outlook.LATE else round(late, 3),
        "waits_for": [work.reviewer for work in one.open.work if work.reviewer and work.since <= seen.today],
        "repair": None if found is Outlook.IN_TIME else repairs.cheapest(seen, one),
    }
