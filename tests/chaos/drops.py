"""What the load generator has dropped, through which door, and what has become of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal

import redis
from dramatiq import Message
from dramatiq.errors import BrokerConnectionError
from sqlalchemy import or_, select

from pipeline.broker.queues import INTAKE, RECEIVE
from pipeline.casework import intake
from pipeline.errors import Stale, Unreachable
from pipeline.store import tables
from pipeline.wiring import App

Door = Literal["queue", "stored"]
Fate = Literal["accepted", "refused", "accepted or refused"]
AGAIN_SECONDS: Final = (5.0, 10.0, 20.0, 40.0)  # until an unconfirmed event is dropped once more
AWAY: Final = (Unreachable, Stale, redis.RedisError, BrokerConnectionError)


@dataclass
class Drop:
    """One event.

    Attributes:
        due: what must become of it; ``accepted or refused`` where that depends on what else comes first.
        is_ours: stored by the pipeline before anything was done with it, so that dropping it once is enough.
        fate: what the database says became of it, once it says so.
    """

    source: str
    event_id: str
    raw: bytes
    door: Door
    due: Fate = "accepted"
    times: int = 0
    next_at: float = 0.0
    is_ours: bool = False
    fate: str | None = None

    @property
    def digest(self) -> str:
        """What names its bytes."""
        return hashlib.sha256(self.raw).hexdigest()


class Drops:
    """Drops events, and those that nothing is known of again; moments are seconds of a steady clock."""

    def __init__(self, app: App) -> None:
        self._app = app
        self.all: dict[tuple[str, str], Drop] = {}

    def add(self, drop: Drop, now: float) -> None:
        """Drop an event for the first time; one that was dropped before is left alone."""
        key = (drop.source, drop.event_id)
        if key not in self.all:
            self.all[key] = drop
            self._drop(drop, now)

    def again(self, now: float) -> None:
        """Drop once more what the pipeline has not confirmed."""
        for drop in self.unconfirmed():
            if not drop.is_ours and drop.next_at <= now:
                self._drop(drop, now)

    def unconfirmed(self) -> list[Drop]:
        """Return what has neither a case nor a refusal."""
        return [drop for drop in self.all.values() if drop.fate is None]

    def look(self) -> None:
        """Learn what became of the unconfirmed.

        Raises:
            Unreachable: the database does not answer.
        """
        waiting = self.unconfirmed()
        for start in range(0, len(waiting), 200):
            self._learn(waiting[start : start + 200])

    def _drop(self, drop: Drop, now: float) -> None:
        wait = AGAIN_SECONDS[min(drop.times, len(AGAIN_SECONDS) - 1)]
        drop.times, drop.next_at = drop.times + 1, now + wait
        try:
            if drop.door == "stored":
                stored = intake.store(self._app, drop.raw)
                drop.is_ours = True
                self._app.ring("take_in", stored.id)
            elif self._app.broker is not None:
                self._app.broker.enqueue(Message(INTAKE, RECEIVE, (drop.raw.decode(),), {}, {}))
        except AWAY:
            return  # it may have arrived all the same; it is unconfirmed

    def _learn(self, waiting: list[Drop]) -> None:
        events = tables.events
        ours = or_(
            events.c.event_id.in_([drop.event_id for drop in waiting]),
            events.c.digest.in_([drop.digest for drop in waiting]),
        )
        columns = (events.c.source, events.c.event_id, events.c.digest, events.c.state, events.c.parked_at)
        with self._app.database.reading() as connection:
            found = connection.execute(select(*columns).where(ours)).all()
        for drop in waiting:
            drop.fate = _fate(drop, found)


def _fate(drop: Drop, found: Iterable[Any]) -> str | None:
    fates = {
        "parked" if row.parked_at is not None else str(row.state)
        for row in found
        if (row.source, row.event_id) == (drop.source, drop.event_id) or row.digest == drop.digest
    }
    return next((fate for fate in ("accepted", "refused", "parked") if fate in fates), None)
