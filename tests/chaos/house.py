"""The processes of one home, all of them real, each of them killable."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Final

import redis

from pipeline import wiring
from pipeline.broker.redis_broker import connect
from pipeline.casework import reviewing
from pipeline.embedded import valkey
from pipeline.embedded.parts import PROGRAMS, environment, listens, serves
from pipeline.embedded.process import wait_until
from pipeline.settings import Settings
from pipeline.store import rows, schema
from pipeline.wiring import App
from tests.chaos.postgres import cluster
from tests.chaos.programs import Kept, Program
from tests.chaos.relay import Relay, relay

POLICY: Final = Path(__file__).parents[2] / "config" / "policy.toml"
# The machinery in a hurry, so that a run comes to rest soon; and events that may arrive late,
# since the clock moves on while they are dropped again and again.
IN_A_HURRY: Final[Mapping[str, object]] = {
    "version": '"chaos"',
    "behind_days": 400,
    "ring_after_seconds": 1,
    "ring_at_most_seconds": 5,
    "letter_wait_at_most_seconds": 4,
    "mail_timeout_seconds": 4,
}
BEGIN: Final = datetime(2026, 10, 5, 8, tzinfo=UTC)
WORKERS: Final = 2
REVIEWERS: Final = 40
READY_SECONDS: Final = 120.0


@dataclass(frozen=True)
class House:
    """Everything that runs for one home.

    Attributes:
        app: ours, to look and to drop events with.
        queues: a connection to Redis.
        kept: what runs, by name.
        web: address of the pages.
    """

    app: App
    queues: redis.Redis
    relay: Relay
    kept: Mapping[str, Kept]
    web: str

    def named(self, beginning: str) -> list[Kept]:
        """Return the programs whose name begins so."""
        return [each for name, each in self.kept.items() if name.startswith(beginning)]

    def lacks(self) -> list[str]:
        """Return the programs that do not answer."""
        return [each.name for each in self.kept.values() if not each.is_ready()]


@contextmanager
def house(folder: Path, database: str, seed: int) -> Iterator[House]:
    """Run a simulated home in ``folder`` on an SQLite file or a PostgreSQL of its own.

    Raises:
        RuntimeError: a program does not answer.
    """
    with ExitStack() as stack:
        start = _Start(folder, stack)
        url = start.database(database)
        address = start.queues()
        ours = stack.enter_context(relay(folder / "accepted.jsonl", Random(f"{seed} mail")))
        settings = Settings.from_env(_environ(folder, url, address, ours.port), running=False)
        _make(settings)
        start.work(settings)
        app = wiring.build(settings, broker=wiring.hinting(settings))
        stack.callback(app.database.close)
        made = House(app, connect(address), ours, start.kept, start.web)
        _wait(lambda: not made.lacks(), made.lacks)
        yield made


class _Start:
    """Starts programs; the stack stops them in reverse order."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.kept: dict[str, Kept] = {}
        self.web = f"http://127.0.0.1:{_free_port()}/"
        self._folder = folder
        self._stack = stack
        (folder / "log").mkdir(parents=True)

    def database(self, kind: str) -> str:
        """Return the URL of an empty database."""
        if kind == "sqlite":
            return f"sqlite:///{self._folder}/pipeline.db"
        made = self._stack.enter_context(cluster())
        self._keep(made.program)
        return made.url

    def queues(self) -> str:
        """Return the address of an empty Valkey that keeps what it is given."""
        place = self._stack.enter_context(valkey.private_folder()) / "valkey"
        address = valkey.address(place)
        command = valkey.command(self._folder / "valkey", place)
        self._keep(Program("redis", command, os.environ, lambda pid: valkey.answers(address)))
        return address

    def work(self, settings: Settings) -> None:
        """Start workers, waker and web."""
        environ = _unmeasured(environment(settings))
        address = settings.address("redis")
        for number in range(1, WORKERS + 1):
            worker = Program(
                f"worker {number}", PROGRAMS["worker"], environ, lambda pid: listens(address, pid)
            )
            self._launch(worker)
        self._launch(Program("waker", PROGRAMS["waker"], environ))
        serving = {**environ, "PIPELINE_WEB_PORT": self.web.strip("/").rpartition(":")[2]}
        self._launch(Program("web", PROGRAMS["web"], serving, lambda pid: serves(self.web)))

    def _keep(self, server: Program) -> None:
        kept = self._launch(server)
        _wait(kept.is_ready, lambda: [server.name])

    def _launch(self, program: Program) -> Kept:
        kept = Kept(program, self._folder / "log" / f"{program.name.replace(' ', '-')}.log")
        self._stack.callback(kept.stop)
        self.kept[program.name] = kept
        return kept


def policy(folder: Path) -> Path:
    """Write the register's rules with the machinery in a hurry."""
    text = POLICY.read_text(encoding="utf-8")
    for name, value in IN_A_HURRY.items():
        text, found = re.subn(rf"(?m)^{name} = .*$", f"{name} = {value}", text)
        assert found == 1, name
    file = folder / "policy.toml"
    file.write_text(text, encoding="utf-8")
    return file


def _environ(folder: Path, database: str, queues: str, port: int) -> dict[str, str]:
    return {
        "PIPELINE_HOME": str(folder),
        "PIPELINE_HOME_ID": "chaos",
        "PIPELINE_DATABASE_URL": database,
        "PIPELINE_REDIS_URL": queues,
        "PIPELINE_SMTP_URL": f"smtp://127.0.0.1:{port}",
        "PIPELINE_POLICY": str(policy(folder)),
    }


def _make(settings: Settings) -> None:
    """Make the home with its reviewers."""
    app = wiring.build(settings)
    schema.upgrade(app.database)
    app.clock.make(BEGIN)
    reviewing.carry_out(app, reviewing.Plan(tuple(map(_reviewer, range(REVIEWERS))), (), ()))
    app.database.close()


def _reviewer(serial: int) -> rows.Reviewer:
    """Return somebody who may judge everything."""
    key = f"r{serial:03d}"
    return rows.Reviewer(
        id=key,
        version=1,
        name=f"Beoordelaar {serial}",
        email=f"{key}@reviewers.example",
        sectors=["po", "so", "vo", "mbo"],
        categories=["subject", "didactic", "pedagogic", "general"],
        employer=None,
        employer_kvk=None,
        capacity=1000,
        away_from=None,
        away_until=None,
        active=True,
    )


def _unmeasured(environ: Mapping[str, str]) -> dict[str, str]:
    """What is killed leaves half a measurement of coverage behind: none is taken."""
    return {name: value for name, value in environ.items() if not name.startswith("COV")}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def _wait(ready: Callable[[], bool], lacking: Callable[[], list[str]]) -> None:
    if not wait_until(ready, READY_SECONDS):
        raise RuntimeError(f"no answer within {READY_SECONDS:.0f} seconds from {', '.join(lacking())}")
