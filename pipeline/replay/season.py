"""The replay itself: the clock goes from moment to moment; what is due rings, what people do happens."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from sqlalchemy import exists, select

from pipeline.casework import checkpoints, reviewing, ringing
from pipeline.contract import AMSTERDAM
from pipeline.domain.lifecycle import State
from pipeline.errors import PipelineError, UsageError
from pipeline.replay.reviewers import Reviewer
from pipeline.replay.stage import LocalStage, MemoryRelay
from pipeline.replay.world import World, on_list
from pipeline.store import tables
from pipeline.store.clock import OwnClock
from pipeline.store.prepared import Prepared
from pipeline.wiring import App

FOREVER: Final = timedelta(days=365 * 50)  # of system time: the home's clock stands still while we play
LIST_EVERY: Final = timedelta(days=7)
DAY: Final = timedelta(days=1)

_ANY_OPEN: Final = Prepared(select(exists().where(tables.cases.c.state != State.CLOSED)))


@dataclass(frozen=True)
class Outage:
    """From when until when, in UTC, the waker does not ring."""

    since: datetime
    until: datetime

    def holds(self, moment: datetime) -> bool:
        """Say whether it is away at this moment."""
        return self.since <= moment < self.until


def outage(text: str) -> Outage:
    """Read an outage such as ``3d@2017-07-28``: so many days (d) or hours (h) from midnight of that day.

    Raises:
        UsageError: it is none.
    """
    found = re.fullmatch(r"(\d{1,3})([dh])@(\d{4}-\d{2}-\d{2})", text)
    try:
        day = date.fromisoformat(found.group(3)) if found else None
    except ValueError:
        day = None
    if found is None or day is None:
        raise UsageError(f"--outage is how long and from when, such as 3d@2017-07-28, got {text}.")
    since = datetime.combine(day, time(), AMSTERDAM)
    hours = int(found.group(1)) * (24 if found.group(2) == "d" else 1)
    return Outage(since, since + timedelta(hours=hours))


class Stuck(PipelineError):
    """Something that is due stays due."""


class Replay:
    """Plays a season in a home until everything is decided.

    Args:
        every_week: called every Monday, for whoever looks at how things stand.
        told: called after each day with the day.
    """

    def __init__(
        self,
        app: App,
        stage: LocalStage,
        relay: MemoryRelay,
        world: World,
        reviewers: dict[str, Reviewer],
        *,
        away: Outage | None = None,
        every_week: Callable[[date], None] = lambda day: None,
        told: Callable[[date], None] = lambda day: None,
    ) -> None:
        self._app, self._stage, self._relay, self._world = app, stage, relay, world
        self._reviewers = reviewers
        self._away = away
        self._every_week, self._told = every_week, told
        assert isinstance(app.clock, OwnClock)
        self._home_clock = app.clock
        self._clock = stage.clock
        self._wakes: datetime | None = None  # when something falls due next, as it was last asked

    def play(self, first: date) -> date:
        """Play from this day on and return the last day."""
        day = first
        while True:
            self._morning(day)
            self._day(day)
            self._told(day)
            if self._next() is None or self._is_over():
                self._home_clock.keep()
                return day
            day += DAY

    def _is_over(self) -> bool:
        """Say whether nobody will do anything any more: what then falls due, years from now, is to renew."""
        if self._world.next_at() is not None:
            return False
        with self._app.database.reading() as connection:
            return _ANY_OPEN.one(connection) == [False]

    def _morning(self, day: date) -> None:
        """Before the office opens, on Mondays: a checkpoint, the list of reviewers and a look at how things stand."""
        if day.weekday() == 0:
            self._move(datetime.combine(day, time(0, 0, 1), AMSTERDAM))
            checkpoints.make(self._app)
            planned = reviewing.plan(self._app, on_list(self._reviewers, day))
            reviewing.carry_out(self._app, planned)
            self._work(is_due=True)
            self._home_clock.keep()
            self._every_week(day)

    def _day(self, day: date) -> None:
        ends = datetime.combine(day + DAY, time(), AMSTERDAM)
        stuck = 0
        while (moment := self._next()) is not None and moment < ends:
            stuck = stuck + 1 if moment <= self._clock.at else 0
            if stuck > 10_000:
                raise Stuck(f"Something that was due at {moment:%Y-%m-%d %H:%M} UTC stays due.")
            self._step(moment)

    def _next(self) -> datetime | None:
        acts, wakes = self._world.next_at(), ringing.next_wake(self._app)
        self._wakes = wakes
        if wakes is not None and self._away is not None and self._away.holds(max(wakes, self._clock.at)):
            wakes = self._away.until
        return min((one for one in (acts, wakes) if one is not None), default=None)

    def _step(self, moment: datetime) -> None:
        self._move(moment)
        acts = self._world.next_at()
        if acts is not None and acts <= moment:
            self._world.act()
        self._work(is_due=self._wakes is not None and self._wakes <= self._clock.at)

    def _move(self, moment: datetime) -> None:
        """Set both clocks; neither ever goes back."""
        self._clock.at = max(self._clock.at, moment)
        self._home_clock.set(self._clock.at, hold=FOREVER)

    def _work(self, *, is_due: bool) -> None:
        """Let the waker ring for what is due unless it is away, and the workers work; then the letters are read."""
        if self._away is not None and self._away.holds(self._clock.at):
            self._stage.pump()
        else:
            if is_due:
                self._stage.ring()
            self._stage.rest()
        self._world.read(self._relay.arrived)
