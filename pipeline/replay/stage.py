"""The whole system in one process: the stub broker, a clock that is set, a relay in memory."""

from __future__ import annotations

import queue
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import dramatiq
from dramatiq.brokers.stub import StubBroker

from pipeline.broker.queues import ACTORS
from pipeline.casework.ringing import is_pending, ring_due
from pipeline.errors import PipelineError
from pipeline.mail.smtp import Aborted
from pipeline.wiring import App

PATIENCE: Final = 200  # rings; whatever is not done by then never will be


class NoRest(PipelineError):
    """Something stays pending however often it is rung for."""


class SetClock:
    """A system clock that stands where it is put."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def tick(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class MemoryRelay:
    """Accepts every letter; whoever plays the recipients takes them out of ``arrived``."""

    arrived: list[bytes] = field(default_factory=list)

    def deliver(self, sender: str, to: str, raw: bytes, *, before_data: Callable[[], bool]) -> str:
        if not before_data():
            raise Aborted("held back")
        self.arrived.append(raw)
        return "250 OK"


def bound_broker() -> StubBroker:
    """Return the stub broker that the actors of this process are bound to, binding them if none has.

    Raises:
        PipelineError: they are bound to a real one.
    """
    if "pipeline.actors" not in sys.modules:
        dramatiq.set_broker(StubBroker())
    from pipeline.actors.dispatch import dispatch  # only now: importing binds

    if not isinstance(dispatch.broker, StubBroker):
        raise PipelineError("The actors of this process listen to a real queue; replay in one of its own.")
    return dispatch.broker


def order_of_arrival(waiting: Sequence[str]) -> int:
    """Take the oldest message."""
    return 0


class LocalStage:
    """Works off the stub broker's messages one by one, in an order that may be chosen.

    Args:
        choose: which of the waiting messages, given by the names of their actors, is next.
        copies: how many of a message arrive: 0 loses it.
        dies: what an actor may end with besides errors, as a process does that is killed.
    """

    def __init__(
        self,
        app: App,
        clock: SetClock,
        *,
        choose: Callable[[Sequence[str]], int] = order_of_arrival,
        copies: Callable[[str], int] = lambda name: 1,
        dies: tuple[type[BaseException], ...] = (),
    ) -> None:
        self.app = app
        self.clock = clock
        self.choose = choose
        self.copies = copies
        self.errors: list[str] = []
        self.tick_seconds = 6.0  # well below what a play holds the home's clock for
        self.waiting: list[dramatiq.Message[None]] = []
        self._broker = bound_broker()
        self._caught: tuple[type[BaseException], ...] = (Exception, *dies)

    def drop(self, raw: bytes) -> None:
        """Drop one event on the queue."""
        self.waiting.append(dramatiq.Message("intake", "receive", (raw.decode(),), {}, {}))

    def ring(self) -> None:
        """Ring for what is due, as the waker does."""
        ring_due(self.app)

    def rest(self) -> None:
        """Work until nothing is pending; what is left by the hints is rung for.

        Raises:
            NoRest: something stays pending.
        """
        for _ in range(PATIENCE):
            self.pump()
            if not is_pending(self.app):
                return
            self.clock.tick(self.tick_seconds)
            ring_due(self.app)
        raise NoRest(f"Something stays pending: {'; '.join(self.errors[-3:])}")

    def pump(self) -> None:
        """Work off every message, and those that come of them."""
        self._collect()
        while self.waiting:
            names = [message.actor_name for message in self.waiting]
            message = self.waiting.pop(self.choose(names))
            for _ in range(self.copies(message.actor_name)):
                self._work(message)
            self._collect()

    def _work(self, message: dramatiq.Message[None]) -> None:
        try:
            self._broker.get_actor(message.actor_name).fn(*message.args)
        except self._caught as error:  # as a worker, or the next one: the waker rings again
            self.errors.append(f"{message.actor_name}: {type(error).__name__}: {error}")

    def _collect(self) -> None:
        for name in dict.fromkeys(ACTORS.values()):
            while True:
                try:
                    encoded = self._broker.queues[name].get_nowait()
                except (queue.Empty, KeyError):
                    break
                self.waiting.append(dramatiq.Message.decode(encoded))

    def clear(self) -> None:
        """Throw away what others left on the queues of this process."""
        for waiting in self._broker.queues.values():
            while not waiting.empty():
                waiting.get_nowait()
