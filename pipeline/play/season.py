"""The play itself: the clock moves to each event's time, what falls due on the way rings, the event drops."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import or_, select

from pipeline.casework import claims, ringing
from pipeline.contract import AMSTERDAM, EventType, received_on
from pipeline.contract.fields import storable_line
from pipeline.play.script import Line, parsed
from pipeline.play.stage import PlayError, Stage
from pipeline.play.standins import StandIns
from pipeline.play.stored import Stored
from pipeline.store import tables
from pipeline.wiring import App

HOLD: Final = timedelta(seconds=300)  # of system time; renewed at every move of the clock
PORTAL: Final = "/portal"
_PLACEHOLDERS: Final = ("case", "previous_case")


@dataclass(frozen=True)
class Progress:
    """How far a play is, after a line was dropped or skipped."""

    done: int
    total: int
    clock: datetime
    line: Line


@dataclass
class Played:
    """What a play came to.

    Attributes:
        lost: places of events that have neither case, effect nor refusal.
    """

    dropped: int = 0
    skipped: int = 0
    lost: list[str] = field(default_factory=list)


class Season:
    """Plays lines on a stage."""

    def __init__(self, app: App, stage: Stage, lines: Sequence[Line], *, until: date | None = None) -> None:
        self._app = app
        self._stage = stage
        self._stored = Stored(app)
        self._stand_ins = StandIns(app)
        self._end = _end(lines, until, app.calendar.last_day)
        self._lines = sorted(lines, key=lambda line: line.time > self._end)

    def play(self, told: Callable[[Progress], None] = lambda progress: None) -> Played:
        """Play every line, then move the clock to the end.

        Raises:
            PlayError: the system does not come to rest.
        """
        try:
            return self._play(told)
        finally:
            self._release()  # however it ends: as long as the clock is held, the waker stands still

    def _play(self, told: Callable[[Progress], None]) -> Played:
        played, dropped = Played(), list[tuple[Line, bytes]]()
        for done, line in enumerate(self._lines, 1):
            if line.time <= self._end:
                self._move_to(line.time)
            raw = self._filled(line)
            if raw is None:
                played.skipped += 1
            else:
                self._stage.drop(raw)
                self._stage.rest()
                self._stand_ins.learn(line, raw)
                dropped.append((line, raw))
            told(Progress(done, len(self._lines), self._app.clock.now(), line))
        self._move_to(self._end)
        played.dropped = len(dropped)
        played.lost = [line.place for line, raw in dropped if not self._is_kept(raw)]
        return played

    def _move_to(self, moment: datetime) -> None:
        """Move the clock, stopping at every moment at which something falls due."""
        stops = 0
        while (wake := ringing.next_wake(self._app)) is not None and wake <= moment:
            stops = stops + 1 if wake <= self._app.clock.now() else 0
            if stops > 3:
                raise PlayError(f"Something that was due at {wake:%Y-%m-%d %H:%M} UTC stays due.")
            self._set(wake)
            self._stage.ring()
            self._stage.rest()
        self._set(moment)

    def _set(self, moment: datetime) -> None:
        self._app.clock.set(moment if moment > self._app.clock.now() else None, hold=HOLD)

    def _release(self) -> None:
        """Let the clock run on from where it stands."""
        self._app.clock.set(None, hold=timedelta())

    def _filled(self, line: Line) -> bytes | None:
        """Return what to drop for a line: itself, or with case number and stand-in; None when it is known."""
        if self._stored.has_bytes(hashlib.sha256(line.raw).hexdigest()):
            return None
        if line.document is None:
            return line.raw
        document = self._with_numbers(line.document)
        if self._stored.has(document):
            self._recall(document)
            return None
        stand_in = self._stand_ins.for_verdict(document)
        filled = document
        if stand_in is not None:
            filled = _with_reviewer(document, stand_in)
        return line.raw if filled == line.document else json.dumps(filled).encode()

    def _with_numbers(self, document: dict[str, Any]) -> dict[str, Any]:
        data = document.get("data")
        if not isinstance(data, dict):
            return document
        found = {name: self._number(data.get(name)) for name in _PLACEHOLDERS}
        numbers = {name: number for name, number in found.items() if number is not None}
        return {**document, "data": {**data, **numbers}} if numbers else document

    def _number(self, placeholder: object) -> str | None:
        if not storable_line(placeholder) or not str(placeholder).startswith("@"):
            return None
        events, cases = tables.events, tables.cases
        opened = (
            select(cases.c.number)
            .join(events, events.c.id == cases.c.event_ref)
            .where(events.c.source == PORTAL, events.c.event_id == str(placeholder)[1:])
        )
        with self._app.database.reading() as connection:
            return connection.execute(opened).scalar_one_or_none()

    def _recall(self, document: dict[str, Any]) -> None:
        reviewer = self._stored.accepted_reviewer(document)
        if reviewer is not None and document.get("type") == EventType.REVIEW_GIVEN:
            self._stand_ins.remember(document["data"]["case"], document["data"]["reviewer"], reviewer)

    def _is_kept(self, raw: bytes) -> bool:
        table = tables.events
        claim = claims.of_pair(parsed(raw) or {})
        kept = or_(
            table.c.digest == hashlib.sha256(raw).hexdigest(), (table.c.claim == claim) & (claim is not None)
        )
        with self._app.database.reading() as connection:
            found = connection.execute(select(table.c.state).where(kept)).scalars().all()
        return any(state != "stored" for state in found)


def _with_reviewer(document: dict[str, Any], reviewer: str) -> dict[str, Any]:
    filled = copy.deepcopy(document)
    filled["data"]["reviewer"] = reviewer
    return filled


def _end(lines: Sequence[Line], until: date | None, last_day: date) -> datetime:
    """Return the moment up to which the clock is moved."""
    if until is not None:
        return datetime.combine(until, time.max, AMSTERDAM)
    known = [line.time for line in lines if received_on(line.time) <= last_day]
    if not known:
        raise PlayError(f"No event lies before the calendar's last known day, {last_day}.")
    return max(known)
