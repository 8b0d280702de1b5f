"""The load: providers who apply, submit, complete, withdraw and object, and reviewers who answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from random import Random
from typing import Final

from sqlalchemy import Connection

from pipeline.domain.lifecycle import Kind
from pipeline.wiring import App
from tests.chaos import events, outside
from tests.chaos.drops import AWAY, Drop, Drops
from tests.chaos.outside import Asked
from tests.chaos.relay import Relay

LOOK_SECONDS: Final = 0.25
OPENING_SHARE: Final = 0.8  # of the run, in which all cases are opened
ADMISSIONS: Final = 8  # one in so many cases is about an admission
FIRST_ADMISSIONS: Final = 3
ONE_MORE_SECONDS: Final = 5.0  # without an admitted provider, until another one applies
NONSENSE: Final = 0.04
LACKING: Final = 0.25
WITHDRAWING: Final = 0.04
OBJECTING: Final = 0.08
COMPLETING: Final = 0.9  # the others forget
# What a reviewer says, with its share; nothing at all is for those who forget.
SAYS: Final = (("", 4), ("recuse", 5), ("defer", 5), ("reject", 8), ("approve", 78))


class Load:
    """Drops events at the pace of the run; every choice follows from the seed and what it is about.

    Args:
        seconds: how long the run is to last.
        cases: how many cases are to be opened, objections not counted.
    """

    def __init__(self, app: App, relay: Relay, *, seed: int, seconds: float, cases: int) -> None:
        self.drops = Drops(app)
        self._app, self._relay, self._seed = app, relay, seed
        self._cases, self._pause = cases, seconds * OPENING_SHARE / cases
        self._serial = 0
        self._admitted: list[str] = []
        self.looks = 0  # that were finished
        self._is_quiet = False  # the last look found nothing that is still to be answered
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="load", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Drop nothing more."""
        self._stop.set()
        self._thread.join()

    @property
    def is_done(self) -> bool:
        """Whether every case was opened, every event is confirmed, and nobody has anything to answer."""
        return self._serial >= self._cases and self._is_quiet and not self.drops.unconfirmed()

    def _run(self) -> None:
        began = time.monotonic()
        while not self._stop.wait(LOOK_SECONDS):
            now = time.monotonic() - began
            try:
                self.look(now)
            except AWAY:
                self._is_quiet = False
            self.drops.again(now)

    def look(self, now: float) -> None:
        """Do what is due at this moment of the run, in seconds.

        Raises:
            Unreachable: the database does not answer.
        """
        self.drops.look()
        at = self._app.clock.now()
        with self._app.database.reading() as connection:
            self._admitted = outside.admitted(connection)
            answers = list(self._answers(connection, at))
        before = len(self.drops.all)
        for answer in answers:
            self.drops.add(answer, now)
        self._is_quiet = len(self.drops.all) == before
        while self._serial < self._cases and self._serial * self._pause <= now:
            opening = self._opening(at, now)
            if opening is None:
                break
            self._serial += 1
            self.drops.add(opening, now)
        self.looks += 1

    def _opening(self, at: datetime, now: float) -> Drop | None:
        """Return the next event that opens a case; None while nobody may submit one."""
        serial, random = self._serial, self._random("opening", str(self._serial))
        is_first = serial < FIRST_ADMISSIONS + now // ONE_MORE_SECONDS and not self._admitted
        if is_first or serial % ADMISSIONS == 0:
            return events.application(serial, at, random)
        if random.random() < NONSENSE:
            return events.nonsense(serial, at, random)
        if not self._admitted:
            return None
        provider = random.choice(self._admitted)
        return events.activity(serial, provider, at, random, is_whole=random.random() >= LACKING)

    def _answers(self, connection: Connection, at: datetime) -> Iterator[Drop]:
        """Yield every event that follows from the letters that arrived; most were dropped before."""
        for asked in self._reached(outside.verdicts_asked(connection)):
            random = self._random("verdict", asked.event_id, asked.who)
            [said] = random.choices([said for said, _ in SAYS], [share for _, share in SAYS])
            if said:
                is_admission = asked.kind is Kind.ADMISSION
                yield events.verdict(asked.case, asked.who, is_admission, said, at, random)
        for read, share, event in (
            (outside.supplements_asked, COMPLETING, events.supplement),
            (outside.confirmed, WITHDRAWING, events.withdrawal),
            (outside.decided, OBJECTING, events.objection),
        ):
            for asked in self._reached(read(connection)):
                random = self._random(event.__name__, asked.event_id)
                if random.random() < share:
                    yield event(asked.case, at, random)

    def _reached(self, asked: Iterable[Asked]) -> Iterator[Asked]:
        return (each for each in asked if self._relay.has(each.message_id))

    def _random(self, *about: str) -> Random:
        return Random(" ".join([str(self._seed), *about]))
