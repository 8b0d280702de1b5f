"""Small good events to change in tests, and how to drop one in a home in this process."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from pipeline.casework import intake, overview
from pipeline.contract import merge_patch
from tests.contract.samples import lines
from tests.remembered import remembered
from tests.stages import System

SUBMITTED: Final = "2026-10-20T10:00:00+02:00"  # when tests submit an activity, if they do not say

_SEASON = {event["id"]: event for event in map(json.loads, lines())}


def event(event_id: str, changes: Mapping[str, Any] | None = None, **envelope: Any) -> dict[str, Any]:
    """Return a sample event with a merge patch on its data and other attributes of its envelope."""
    made = copy.deepcopy(_SEASON[event_id])
    made["data"] = merge_patch(made["data"], changes or {})
    return {**made, **envelope}


def take_in(home: System, made: Mapping[str, Any] | bytes) -> intake.Outcome:
    """Drop an event with the clock at its time, and let the system come to rest."""
    raw = made if isinstance(made, bytes) else json.dumps(made, ensure_ascii=False).encode()
    outcome = intake.process(home.app, intake.arrival(home.app, raw), raw)
    home.stage.rest()
    return outcome


def take_in_without_rest(home: System, made: Mapping[str, Any]) -> str:
    """Drop an event and return its case; its hints are still on their way."""
    raw = json.dumps(made).encode()
    number = intake.process(home.app, intake.arrival(home.app, raw), raw).case
    assert number is not None
    return number


def at(home: System, moment: str) -> None:
    """Make the home, or move its clock, to a moment with an offset."""
    from datetime import timedelta

    home.app.clock.make(datetime.fromisoformat(moment))
    wanted = datetime.fromisoformat(moment)
    home.app.clock.set(wanted if wanted > home.app.clock.now() else None, hold=timedelta(days=365))


def case(home: System, number: str | None) -> dict[str, Any]:
    """Return everything about a case."""
    assert number is not None
    return overview.case(home.app, number)


def told_in_a_digest(home: System) -> str:
    """Submit an activity of an admitted provider, let its reminder come, and return its number."""
    admitted(home)
    submitted = "2026-10-20T10:00:00+02:00"
    at(home, submitted)
    number = take_in(home, event("act-02", {"provider_kvk": "90000102"}, time=submitted)).case
    for moment in ("2026-11-25T09:00:00+01:00", "2026-11-27T09:00:00+01:00"):  # first others are asked
        at(home, moment)
        home.stage.ring()
        home.stage.rest()
    assert number is not None
    return number


def impatient(folder: Path) -> str:
    """Write rules under which a letter fails after few tries, and return where."""
    text = (Path(__file__).parents[2] / "config" / "policy.toml").read_text(encoding="utf-8")
    rules = re.sub(r"letter_tries_before_failed = \d+", "letter_tries_before_failed = 4", text)
    (folder / "policy.toml").write_text(rules, encoding="utf-8")
    return str(folder / "policy.toml")


def admitted(home: System) -> str:
    """Admit the provider of app-02 and return the number of the case."""
    return remembered(home, admit)


def admit(home: System) -> str:
    from tests.casework.conftest import import_reviewers

    at(home, "2026-10-05T15:40:00+02:00")
    import_reviewers(home)
    number = take_in(home, event("app-02")).case
    assert number is not None
    at(home, "2026-10-06T09:00:00+02:00")
    verdict(home, number, "approve", "2026-10-06T09:00:00+02:00", hours=None)
    return number


def verdict(
    home: System, number: str, said: str, time: str, *, place: int = 0, **changes: Any
) -> intake.Outcome:
    """Give the verdict of the reviewer assigned at ``place`` of those who have not answered."""
    asked = [one["reviewer"] for one in case(home, number)["assignments"] if one["state"] == "asked"]
    sample = "ver-001" if number.startswith("T") else "ver-010"
    data = {
        "case": number,
        "reviewer": asked[place],
        "verdict": said,
        "motivation": "Omdat het zo is.",
        **changes,
    }
    made = event(sample, None, id=f"{number}-{asked[place]}-{said}-{time}", time=time)
    made["data"] = {**made["data"], **data}
    at(home, time)
    return take_in(home, made)
