"""`pipeline forecast`: which open cases will likely miss their term, and the cheapest repair of each."""

from __future__ import annotations

from pipeline.casework import forecasting
from pipeline.cli import output
from pipeline.cli.options import AsJson
from pipeline.cli.session import opened

COLUMNS = ("case", "state", "decide by", "late", "repair")


def forecast(json: AsJson = False) -> None:
    """Show which open cases will likely miss their term, and what would put that right."""
    with opened() as app:
        found = forecasting.forecasts(app)
    likely = [one for one in found if one["is_likely_late"]]
    if json:
        output.as_json(found)
        return
    if likely:
        rows = (
            (one["case"], one["state"], one["due_on"], f"{one['chance_late']:.0%}", one["repair"]["sentence"])
            for one in likely
        )
        output.table(COLUMNS, rows)
    output.line(f"{len(likely)} of {len(found)} open cases will likely miss their term.")
