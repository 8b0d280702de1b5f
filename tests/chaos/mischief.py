"""What goes wrong, and when: as the seed says, every kind of fault about as often as any other."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from random import Random
from typing import Final

import redis

from pipeline.errors import Unreachable
from tests.chaos.house import House
from tests.chaos.programs import How, Kept
from tests.chaos.relay import dealt

FAULT_SECONDS: Final = 3.0  # between two faults of processes, on the average; sooner in a short run
AWAY_SECONDS: Final = (0.2, 2.5)  # until Redis or PostgreSQL is started again
PAUSE_SECONDS: Final = (1.0, 12.0)  # of a worker; a letter it has in hand may be given up meanwhile
DAY_SECONDS: Final = 4.0
DAYS: Final = 20  # that pass in a short run
MOST_DAYS: Final = 300  # the calendar ends


class Mischief:
    """Breaks things until the time is over, and counts what it broke.

    Args:
        seconds: how long.
    """

    def __init__(self, house: House, *, seed: int, seconds: float) -> None:
        self.done: Counter[str] = Counter()
        self._house, self._seconds = house, seconds
        self._random = Random(f"{seed} mischief")
        self._kinds = self._possible()

    def run(self, stop: threading.Event) -> None:
        """Do all of it, in this thread; returns early when told to stop."""
        began = time.monotonic()
        for at, act in self._plan():
            if stop.wait(max(0.0, began + at - time.monotonic())):
                return
            act()

    def _plan(self) -> list[tuple[float, Callable[[], None]]]:
        """Return what is to be done and when, in seconds from the beginning."""
        kinds, seconds = sorted(self._kinds), self._seconds
        faults = self._times(max(len(kinds), round(seconds / FAULT_SECONDS)))
        day = max(min(DAY_SECONDS, seconds / DAYS), seconds / MOST_DAYS)
        planned = [
            *(
                (at, self._breaking(kind))
                for at, kind in zip(faults, dealt(kinds, self._random), strict=False)
            ),
            *((day * number, self._next_day) for number in range(1, int(seconds / day))),
        ]
        return sorted(planned, key=lambda each: each[0])

    def _times(self, number: int) -> list[float]:
        """Return moments at uneven distances over the whole of the run."""
        step = self._seconds / number
        return [step * (index + self._random.random()) for index in range(number)]

    def _breaking(self, kind: str) -> Callable[[], None]:
        number = self._random.random()

        def act() -> None:
            if self._kinds[kind](number):
                self.done[kind] += 1

        return act

    def _possible(self) -> Mapping[str, Callable[[float], bool]]:
        """Return what may be done to this house, each told a number from 0 to 1 to choose by."""
        kinds: dict[str, Callable[[float], bool]] = {
            "worker: child killed": lambda number: self._kill("worker", "child", number),
            "worker: group killed": lambda number: self._kill("worker", "group", number),
            "worker: master killed": lambda number: self._kill("worker", "process", number),
            "worker: asked to end": lambda number: self._one("worker", number).ask_to_end(),
            "worker: paused": lambda number: self._one("worker", number).pause(
                _between(PAUSE_SECONDS, number)
            ),
            "waker killed": lambda number: self._kill("waker", "process", number),
            "web killed": lambda number: self._kill("web", "process", number),
            "Redis flushed": lambda number: self._flush(),
            "Redis killed": lambda number: self._kill("redis", "all", number, _between(AWAY_SECONDS, number)),
        }
        if self._house.named("postgresql"):
            kinds["PostgreSQL killed"] = lambda number: self._kill(
                "postgresql", "all", number, _between(AWAY_SECONDS, number)
            )
        return kinds

    def _kill(self, beginning: str, how: How, number: float, *away: float) -> bool:
        """Kill one of them, or another where nothing is left of the first."""
        return any(each.kill(how, *away) for each in self._several(beginning, number))

    def _one(self, beginning: str, number: float) -> Kept:
        return self._several(beginning, number)[0]

    def _several(self, beginning: str, number: float) -> list[Kept]:
        choices = self._house.named(beginning)
        first = int(number * len(choices))
        return [*choices[first:], *choices[:first]]

    def _flush(self) -> bool:
        with suppress(redis.RedisError):
            return bool(self._house.queues.flushall())
        return False

    def _next_day(self) -> None:
        clock = self._house.app.clock
        with suppress(Unreachable):
            clock.set(clock.now() + timedelta(days=1), hold=timedelta())


def _between(limits: tuple[float, float], number: float) -> float:
    least, most = limits
    return least + number * (most - least)
