"""One run: load and faults at once, then rest, then judgement."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.chaos import report
from tests.chaos.drops import AWAY
from tests.chaos.house import House, house
from tests.chaos.invariants import Evidence, breaches
from tests.chaos.load import LOOK_SECONDS, Load
from tests.chaos.mischief import Mischief
from tests.chaos.report import Report
from tests.chaos.rest import unrest

REST_SECONDS: Final = 300.0  # to come to rest, and one more for each case
QUIET: Final = "comes to rest, and every program answers"


@dataclass(frozen=True)
class Asked:
    """What to do."""

    database: str
    seed: int
    seconds: float
    cases: int


def run(asked: Asked, folder: Path) -> Report:
    """Run it in an empty folder, which holds the logs afterwards."""
    with house(folder, asked.database, asked.seed) as ours:
        load = Load(ours.app, ours.relay, seed=asked.seed, seconds=asked.seconds, cases=asked.cases)
        mischief = Mischief(ours, seed=asked.seed, seconds=asked.seconds)
        load.start()
        mischief.run(threading.Event())
        seconds, left = come_to_rest(ours, load, REST_SECONDS + asked.cases)
        load.stop()
        found = Evidence(ours.app, ours.relay.accepted(), list(load.drops.all.values()))
        outcome: dict[str, Any] = report.counted(found)
        return Report(
            database=asked.database,
            seed=asked.seed,
            seconds=asked.seconds,
            faults={**mischief.done, **{f"mail: {name}": times for name, times in ours.relay.done.items()}},
            starts={name: kept.starts for name, kept in ours.kept.items()},
            rest_seconds=seconds,
            breaches={QUIET: left, **breaches(found)},
            **outcome,
        )


def come_to_rest(ours: House, load: Load, most: float) -> tuple[float | None, list[str]]:
    """Wait for rest; returns how long it took, or None and what is still under way.

    Everything is at rest when it stayed so while the load had a whole look for something to answer.
    """
    began, pause = time.monotonic(), threading.Event()
    calm_at = None
    while True:
        looks, left = load.looks, _left(ours, load)
        seconds = time.monotonic() - began
        calm_at = None if left else looks if calm_at is None else calm_at
        if calm_at is not None and looks >= calm_at + 2:
            return seconds, []
        if seconds > most:
            return None, left
        pause.wait(LOOK_SECONDS)


def _left(ours: House, load: Load) -> list[str]:
    if not load.is_done:  # there will be more letters, and more trouble with them
        waiting = [f"{drop.source} {drop.event_id}" for drop in load.drops.unconfirmed()]
        return [f"the load is not done; unconfirmed: {', '.join(waiting[:5]) or 'nothing'}"]
    ours.relay.behave()
    try:
        return [*unrest(ours.app, ours.queues), *(f"{name} does not answer" for name in ours.lacks())]
    except AWAY as error:
        return [f"{type(error).__name__}: {error}"]
