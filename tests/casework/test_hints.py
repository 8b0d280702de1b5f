"""Hints lost, doubled and reordered, events doubled: the same final state.

An event dropped on the queue is never lost here: whoever drops it drops it again.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.broker.queues import RECEIVE
from pipeline.casework import overview
from pipeline.play import Line, Season, read_script
from pipeline.wiring import App
from tests.casework.conftest import SEASON, import_reviewers
from tests.stages import SAMPLES, LocalStage, System, system

LINES = 48  # of the season: admissions, supplements, verdicts, a decision with its logo, a withdrawal refused


@cache
def script() -> tuple[Line, ...]:
    return tuple(read_script([SAMPLES / name for name in SEASON])[:LINES])


def ended(app: App) -> Mapping[str, Any]:
    """Return what people would notice of how it all ended; case numbers may have gaps."""
    cases = overview.cases(app)
    opened_by = {row["case"]: row["event_id"] for row in cases} | {None: None}
    told = Counter(
        (opened_by[letter["case"]], letter["kind"], letter["state"]) for letter in overview.letters(app)
    )
    keys = (
        "state",
        "result",
        "due_on",
        "hours_granted",
        "activity_number",
        "requests",
        "flags",
        "reviewers",
    )
    return {
        "cases": {row["event_id"]: {key: row[key] for key in keys} for row in cases},
        "letters": told,
        "refused": {(row["event_id"], row["field"]) for row in overview.refused(app)},
    }


def played(folder: Path, random: Random | None) -> Mapping[str, Any]:
    made = system(folder)
    stage = made.stage if random is None else troubled(made, random)
    made.app.clock.make(script()[0].time)
    import_reviewers(made)
    Season(made.app, stage, script()).play()
    end = {**ended(made.app), "accepted": len(made.mailer.sent)}
    made.app.database.close()
    return end


def troubled(made: System, random: Random) -> LocalStage:
    """Return a stage whose messages come in any order, twice, or not at all."""

    def copies(actor: str) -> int:
        return random.choice((1, 2)) if actor == RECEIVE else random.choice((0, 1, 1, 2))

    return LocalStage(made.app, made.clock, choose=lambda names: random.randrange(len(names)), copies=copies)


@cache
def untroubled() -> Mapping[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        return played(Path(folder), None)


@settings(max_examples=4, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32))  # a seed: chosen one by one, the losses would all be made total
def test_trouble_with_messages_changes_nothing_in_the_end(seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert played(Path(folder), Random(seed)) == untroubled()
