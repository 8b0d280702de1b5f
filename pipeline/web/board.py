"""All that the first page shows, looked up at most once a second however many people watch."""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final

import redis
import structlog
from pydantic_core import to_jsonable_python
from sqlalchemy.exc import SQLAlchemyError

from pipeline.casework import dashboard
from pipeline.casework.dashboard import Dashboard
from pipeline.errors import PipelineError
from pipeline.web import traffic
from pipeline.web.traffic import Traffic
from pipeline.wiring import App

FRESH: Final = timedelta(seconds=1)

_log = structlog.get_logger()


@dataclass(frozen=True)
class HomeTime:
    """What the home's clock says; it is ``held`` while somebody plays a season."""

    now: datetime
    simulated: bool
    held: bool


@dataclass(frozen=True)
class Board:
    """One look at everything; what could not be asked is None, and ``away`` says why.

    Attributes:
        looked_at: by the system's clock.
        away: parts that did not answer: ``database``, ``redis``, or ``no_redis`` where none is known.
    """

    looked_at: datetime
    away: tuple[str, ...]
    time: HomeTime | None
    traffic: Traffic | None
    casework: Dashboard | None

    @cached_property
    def digest(self) -> str:
        """Return what changes when anything on the page does, but for where the two clocks stand."""
        facts = self.facts()
        del facts["looked_at"]
        facts["clock"] = self.time and [self.time.simulated, self.time.held]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:32]

    def facts(self) -> dict[str, Any]:
        """Return everything as plain JSON."""
        plain: dict[str, Any] = to_jsonable_python(
            {
                "looked_at": self.looked_at,
                "clock": self.time,
                "away": self.away,
                "workers": self.traffic and self.traffic.workers,
                "queues": self.traffic and self.traffic.queues,
                "casework": self.casework,
            }
        )
        return plain


class Lookout:
    """Looks when asked; whoever asks within a second sees what the one before them saw."""

    def __init__(self, app: App, client: redis.Redis | None) -> None:
        self._app = app
        self._client = client
        self._turn = threading.Lock()  # of all who ask at once, one looks and the others wait
        self._last: Board | None = None

    def look(self) -> Board:
        """Return how everything stands now, or stood less than a second ago; never raises for what is away."""
        with self._turn:
            now = self._app.system.now()
            if self._last is None or not timedelta() <= now - self._last.looked_at < FRESH:
                self._last = self._look()
            return self._last

    def _look(self) -> Board:
        away: list[str] = []
        seen = self._traffic(away)
        time, casework = self._home(away)
        return Board(self._app.system.now(), tuple(away), time, seen, casework)

    def _traffic(self, away: list[str]) -> Traffic | None:
        if self._client is None:
            away.append("no_redis")
            return None
        try:
            return traffic.look(self._client)
        except redis.RedisError as error:
            _log.warning("redis_is_away", error=str(error))
            away.append("redis")
            return None

    def _home(self, away: list[str]) -> tuple[HomeTime | None, Dashboard | None]:
        clock = self._app.clock
        try:
            time = HomeTime(clock.now(), clock.is_simulated(), clock.is_held())
            return time, dashboard.look(self._app)
        except (PipelineError, SQLAlchemyError) as error:
            _log.warning("database_is_away", error=str(error))
            away.append("database")
            return None, None
