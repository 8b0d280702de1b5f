"""The closing date: until it one may submit, after it cases run on."""

from __future__ import annotations

from pipeline.casework import overview
from tests import outcomes
from tests.stages import System

ENDINGS = outcomes.endings("vr")


def test_events_on_or_after_the_closing_date_are_refused(closing: System) -> None:
    assert outcomes.refusals(overview.refused(closing.app)) == {"vr-05": "time", "vr-06": "time"}


def test_cases_of_before_run_on(closing: System) -> None:
    rows = {row["event_id"]: row for row in overview.cases(closing.app)}
    assert {event_id: row["due_on"] for event_id, row in rows.items()} == {
        event_id: ENDINGS[event_id].decide_by for event_id in ("vr-01", "vr-03", "vr-04")
    }
    assert rows["vr-01"]["result"] == "granted"
    assert rows["vr-04"]["requests"][0]["fields"] == ["activity.planning"]
    assert rows["vr-04"]["requests"][0]["answered_on"] == "2017-08-14"
