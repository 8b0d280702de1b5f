"""A replay from an empty folder to its figures."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.replay import digests, figures
from pipeline.replay.backtest import BackTest
from pipeline.replay.making import Wanted, staged


def run(home: Path, wanted: Wanted, told: Callable[[date], None] = lambda day: None) -> dict[str, Any]:
    """Replay a season in an empty folder and return its figures; the same for the same seed.

    Raises:
        UsageError: the calendar does not know the season.
    """
    made = staged(home, wanted)
    with closing(made.app.database):
        backtest = BackTest(made.app)
        last = made.play(wanted.away, every_week=backtest.look, told=told)
        return {
            "season": wanted.season,
            "seed": wanted.seed,
            "cases": wanted.cases,
            "policy": made.app.policy.version,
            "first_day": made.span.first.isoformat(),
            "last_day": last.isoformat(),
            "closes_after": made.span.last.isoformat(),
            "outage": wanted.away and [wanted.away.since.isoformat(), wanted.away.until.isoformat()],
            "errors": len(made.stage.errors),
            "digest": digests.digest(made.app),
            "outcome": digests.outcome(made.app),
            **figures.of(made.app),
            "forecast": backtest.told(figures.stories(made.app)),
        }
