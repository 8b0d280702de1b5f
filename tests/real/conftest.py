"""Real homes: Valkey, a mail server, worker, waker and web as processes of their own."""

from __future__ import annotations

import mailbox
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from pipeline import wiring
from pipeline.broker.redis_broker import connect
from pipeline.casework import reviewing
from pipeline.embedded import Running, supervised
from pipeline.embedded.parts import PROGRAMS
from pipeline.play import QueueStage
from pipeline.settings import Settings
from pipeline.store import schema
from pipeline.wiring import App
from tests.databases import databases

SAMPLES = Path(__file__).parents[1] / "samples"
ROOT = Path(__file__).resolve().parents[2]


@dataclass
class RealHome:
    """One home and what runs in it."""

    app: App
    running: Running
    stage: QueueStage

    def letters(self) -> list[mailbox.MaildirMessage]:
        """Return every letter that the mail server accepted."""
        return list(mailbox.Maildir(self.app.settings.home / "mail"))


def started(
    folder: Path,
    at: datetime,
    stack: ExitStack,
    programs: Mapping[str, Sequence[str]] = PROGRAMS,
    /,
    **environ: str,
) -> RealHome:
    """Make a simulated home with the sample reviewers and start all of it."""
    given = {**databases.bare(folder), "PIPELINE_HOME": str(folder), **environ}
    settings = Settings.from_env(given, running=False)
    made = wiring.build(settings)
    schema.upgrade(made.database)
    made.clock.make(at)
    wanted = reviewing.read_list((SAMPLES / "reviewers.csv").read_text(encoding="utf-8"))
    reviewing.carry_out(made, reviewing.plan(made, wanted))
    made.database.close()
    running = stack.enter_context(supervised(settings, programs=programs))
    app = wiring.build(running.settings, broker=wiring.hinting(running.settings))
    stack.callback(app.database.close)
    return RealHome(app, running, QueueStage(app, connect(running.settings.address("redis"))))


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., RealHome]]:
    """Start homes that run until the last test of the module ends."""
    with ExitStack() as stack:
        yield lambda at, programs=PROGRAMS, **environ: started(
            tmp_path_factory.mktemp("home"), at, stack, programs, **environ
        )
