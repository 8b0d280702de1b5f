"""The whole system in one process: the stub broker, a system clock that is set, a mail server in memory."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from itertools import count
from pathlib import Path

from pipeline import wiring
from pipeline.broker.queues import ring
from pipeline.replay import stage as replay
from pipeline.settings import Settings
from pipeline.store import schema
from pipeline.wiring import App
from tests.databases import databases

assert "pipeline.actors" not in sys.modules, "import tests.stages before the actors, which bind to its broker"
broker = replay.bound_broker()
SAMPLES = Path(__file__).parent / "samples"
ROOT = Path(__file__).resolve().parents[1]


class SetClock(replay.SetClock):
    """A system clock that stands where it is put: by default in the autumn of 2026."""

    def __init__(self, at: datetime = datetime(2026, 11, 24, 12, tzinfo=UTC)) -> None:
        super().__init__(at)


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


class LocalStage(replay.LocalStage):
    """The product's own, on which a process may be killed too."""

    def __init__(
        self,
        app: App,
        clock: SetClock,
        *,
        choose: Callable[[Sequence[str]], int] = replay.order_of_arrival,
        copies: Callable[[str], int] = lambda name: 1,
    ) -> None:
        super().__init__(app, clock, choose=choose, copies=copies, dies=(Killed,))


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
    app = wiring.build(settings, system=clock, mailer=mailer, broker=broker, ids=ids(first_id))
    schema.upgrade(app.database)
    wiring.install(app)
    stage = LocalStage(app, clock)
    stage.clear()
    return System(app, clock, mailer, stage)


__all__ = ["SAMPLES", "Iterator", "LocalStage", "MemoryMailer", "SetClock", "System", "ring", "system"]
