"""A replay put together: a home of its own, its clocks, its people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Final

from pipeline import wiring
from pipeline.contract import AMSTERDAM
from pipeline.replay import arrivals
from pipeline.replay.arrivals import Opening, Span
from pipeline.replay.lots import Lots
from pipeline.replay.reviewers import Reviewer, recruit
from pipeline.replay.season import Outage, Replay
from pipeline.replay.stage import LocalStage, MemoryRelay, SetClock, bound_broker
from pipeline.replay.world import World
from pipeline.settings import Settings
from pipeline.store import schema
from pipeline.store.clock import OwnClock
from pipeline.wiring import App

POLICIES: Final = {"2016-2017": "policy-2017.toml"}  # of seasons that had rules of their own


@dataclass(frozen=True)
class Wanted:
    """What is to be replayed.

    Attributes:
        cases: first submissions; objections and resubmissions come on top.
    """

    season: str = "2016-2017"
    cases: int = 2000
    seed: int = 1
    away: Outage | None = None


@dataclass(frozen=True)
class Staged:
    """A replay ready to begin.

    Attributes:
        span: the days on which something is taken in.
    """

    app: App
    stage: LocalStage
    relay: MemoryRelay
    lots: Lots
    span: Span
    openings: list[Opening]
    reviewers: dict[str, Reviewer]

    def play(
        self,
        away: Outage | None,
        every_week: Callable[[date], None] = lambda day: None,
        told: Callable[[date], None] = lambda day: None,
    ) -> date:
        """Play until everything is decided; return the last day."""
        world = World(self.app, self.stage, self.lots, self.openings, self.reviewers)
        replay = Replay(
            self.app,
            self.stage,
            self.relay,
            world,
            self.reviewers,
            away=away,
            every_week=every_week,
            told=told,
        )
        return replay.play(self.span.first)


def settings(home: Path, wanted: Wanted) -> Settings:
    """Return the settings of a replay's home: nothing of the environment, so that nothing real is touched."""
    lots = Lots(wanted.seed)
    found = Settings.from_env(
        {"PIPELINE_HOME": str(home), "PIPELINE_JOURNAL_KEY": lots.journal_key()}, running=False
    )
    name = POLICIES.get(wanted.season)
    return found.model_copy(update={"policy": found.policy.with_name(name)}) if name else found


def staged(home: Path, wanted: Wanted) -> Staged:
    """Make an empty home in a folder, with everything that a replay needs.

    Raises:
        UsageError: the calendar does not know the season.
    """
    lots = Lots(wanted.seed)
    clock, relay, broker = (
        SetClock(datetime.combine(date(2000, 1, 1), time(), AMSTERDAM)),
        MemoryRelay(),
        bound_broker(),
    )
    app = wiring.build(
        settings(home, wanted), system=clock, mailer=relay, broker=broker, ids=lots.ids(), is_durable=False
    )
    app = replace(app, clock=OwnClock(app.database, clock, app.new_id))
    closing = app.policy.intake.closing_date
    span = arrivals.span(wanted.season, app.calendar, closing)
    openings = arrivals.openings(lots, span, app.calendar, wanted.cases, closes=closing is not None)
    clock.at = datetime.combine(span.first, time(), AMSTERDAM)
    schema.upgrade(app.database)
    app.clock.make(clock.at)
    wiring.install(app)
    stage = LocalStage(app, clock)
    stage.clear()
    return Staged(app, stage, relay, lots, span, openings, recruit(lots, span, app.calendar, wanted.cases))
