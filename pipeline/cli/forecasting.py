"""`pipeline forecast`: which open cases will likely miss their term, and the cheapest repair of each."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pipeline.casework import forecasting
from pipeline.cli import output
from pipeline.cli.options import AsJson
from pipeline.cli.session import opened
from pipeline.domain.forecast import Outlook

COLUMNS = ("case", "state", "decide by", "outlook", "late", "repair")


def forecast(json: AsJson = False) -> None:
    """Show which open cases are late, will likely be or are to be watched, and what would put that right."""
    with opened() as app:
        found = forecasting.forecasts(app)
    if json:
        output.as_json(found)
        return
    if told := [one for one in found if one["outlook"] != Outlook.IN_TIME]:
        output.table(COLUMNS, map(_row, told))
    output.line(_summary(found))


def _row(one: dict[str, Any]) -> tuple[str, ...]:
    late = f"since {one['late_since']}" if one["late_since"] else f"{one['chance_late']:.0%}"
    return one["case"], one["state"], one["due_on"], one["outlook"], late, one["repair"]["sentence"]


def _summary(found: list[dict[str, Any]]) -> str:
    counts = Counter(one["outlook"] for one in found)
    return (
        f"{len(found)} open cases: {counts[Outlook.LATE]} late, {counts[Outlook.LIKELY]} likely to miss their term, "
        f"{counts[Outlook.WATCH]} to be watched."
    )
