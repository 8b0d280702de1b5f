"""The whole system in one process: the stub broker, a system clock that is set, a mail server in memory."""

from __future__ import annotations

import queue
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from itertools import count
from pathlib import Path

import dramatiq
from dramatiq.brokers.stub import StubBroker

assert "pipeline.actors" not in sys.modules, "import tests.stages before the actors, which bind to its broker"
broker = StubBroker()
dramatiq.set_broker(broker)

from pipeline import actors, wiring  # noqa: E402 -- actors bind to the broker set above
from pipeline.broker.queues import ACTORS, ring  # noqa: E402
from pipeline.casework.ringing import is_pending, ring_due  # noqa: E402
from pipeline.settings import Settings  # noqa: E402
from pipeline.store import schema  # noqa: E402
from pipeline.wiring import App  # noqa: E402
from tests.databases import databases  # noqa: E402

assert actors.__all__
SAMPLES = Path(__file__).parent / "samples"
ROOT = Path(__file__).resolve().parents[1]


class SetClock:
    """A system clock that stands where it is put."""

    def __init__(self, at: datetime = datetime(2026, 11, 24, 12, tzinfo=UTC)) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def tick(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class Killed(BaseException):
    """Stands for the end of the process at this point: no code of ours gets to write anything more."""


@dataclass
class MemoryMailer:
    """Accepts every letter, or does what a test asks for the next ones."""

    sent: list[bytes] = field(default_factory=list)
    faults: list[BaseException | None] = field(default_factory=list)

    def deliver(self, sender: str, to: str, raw: bytes, *, before_data: Callable[[], bool]) -> str:
        from pipeline.mail.smtp import Aborted, Unknown

        fault = self.faults.pop(0) if self.faults else None
        if fault is not None and not isinstance(fault, Unknown | Killed):
            raise fault
        if not before_data():
            raise Aborted("held back")
        if fault is not None:
            raise fault
        self.sent.append(raw)
        return "250 OK"

    def letters(self) -> list[EmailMessage]:
        return [message_from_bytes(raw, policy=SMTP) for raw in self.sent]


def order_of_arrival(waiting: Sequence[str]) -> int:
    """Take the oldest message."""
    return 0


class LocalStage:
    """Works off the stub broker's messages one by one, in an order that a test may choose."""

    def __init__(
        self,
        app: App,
        clock: SetClock,
        *,
        choose: Callable[[Sequence[str]], int] = order_of_arrival,
        copies: Callable[[str], int] = lambda name: 1,
    ) -> None:
        self.app = app
        self.clock = clock
        self.choose = choose  # which of the waiting messages is next
        self.copies = copies  # how many of a message arrive: 0 loses it
        self.errors: list[str] = []
        self.tick_seconds = 6.0  # well below what a play holds the home's clock for
        self.waiting: list[dramatiq.Message[None]] = []

    def drop(self, raw: bytes) -> None:
        self.waiting.append(dramatiq.Message("intake", "receive", (raw.decode(),), {}, {}))

    def ring(self) -> None:
        ring_due(self.app)

    def rest(self) -> None:
        for _ in range(200):
            self.pump()
            if not is_pending(self.app):
                return
            self.clock.tick(self.tick_seconds)
            ring_due(self.app)
        raise AssertionError(f"never at rest: {self.errors[-3:]}")

    def pump(self) -> None:
        self._collect()
        while self.waiting:
            names = [message.actor_name for message in self.waiting]
            message = self.waiting.pop(self.choose(names))
            for _ in range(self.copies(message.actor_name)):
                self._work(message)
            self._collect()

    def _work(self, message: dramatiq.Message[None]) -> None:
        try:
            broker.get_actor(message.actor_name).fn(*message.args)
        except (Exception, Killed) as error:  # noqa: BLE001 -- as a worker, or the next one: the waker rings again
            self.errors.append(f"{message.actor_name}: {type(error).__name__}: {error}")

    def _collect(self) -> None:
        for name in {*ACTORS.values()}:
            while True:
                try:
                    encoded = broker.queues[name].get_nowait()
                except (queue.Empty, KeyError):
                    break
                self.waiting.append(dramatiq.Message.decode(encoded))


@dataclass
class System:
    """One home in one process."""

    app: App
    clock: SetClock
    mailer: MemoryMailer
    stage: LocalStage


def ids(first: int = 1) -> Callable[[], str]:
    """Return ids that count up, so that a run can be repeated."""
    counter = count(first)
    return lambda: f"{next(counter):032x}"


def system(home: Path, **environ: str) -> System:
    """Make a simulated home in ``home`` that starts in the autumn of 2026."""
    return _system(home, 1, environ)


def another_system(home: Path, **environ: str) -> System:
    """Work on in a home where another system has been at work; the ids are others."""
    return _system(home, 1 << 64, environ)


def _system(home: Path, first_id: int, environ: Mapping[str, str]) -> System:
    given = environ if "PIPELINE_DATABASE_URL" in environ else {**databases.environ(home), **environ}
    settings = Settings.from_env({"PIPELINE_HOME": str(home), **given})
    clock, mailer = SetClock(), MemoryMailer()
    for waiting in broker.queues.values():
        while not waiting.empty():
            waiting.get_nowait()
    app = wiring.build(settings, system=clock, mailer=mailer, broker=broker, ids=ids(first_id))
    schema.upgrade(app.database)
    wiring.install(app)
    return System(app, clock, mailer, LocalStage(app, clock))


__all__ = ["SAMPLES", "Iterator", "LocalStage", "MemoryMailer", "SetClock", "System", "ring", "system"]
