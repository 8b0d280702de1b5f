"""Groups of programs, each as on a machine of its own: a folder of its own, and URLs."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pipeline import wiring
from pipeline.casework import reviewing
from pipeline.embedded import process
from pipeline.embedded.parts import PROGRAMS, environment, listens, serves, web_address
from pipeline.settings import Settings
from pipeline.store import schema
from pipeline.wiring import App
from tests.chaos.house import BEGIN
from tests.stages import SAMPLES

READY_SECONDS: Final = 120.0
END_SECONDS: Final = 45.0  # what a supervisor gives them; see docs/upgrading.md
ID: Final = "groups"


@dataclass(frozen=True)
class Urls:
    """All that two groups have in common."""

    database: str
    redis: str
    smtp: str

    def environ(self, home: Path) -> dict[str, str]:
        """Return the settings of a machine whose home is this folder."""
        return {
            "PIPELINE_HOME": str(home),
            "PIPELINE_HOME_ID": ID,
            "PIPELINE_DATABASE_URL": self.database,
            "PIPELINE_REDIS_URL": self.redis,
            "PIPELINE_SMTP_URL": self.smtp,
            "PIPELINE_LOG_FORMAT": "json",
        }

    def settings(self, home: Path) -> Settings:
        """Return the same as a process reads it."""
        return Settings.from_env(self.environ(home), running=False)


@dataclass
class Group:
    """The programs of one machine."""

    home: Path
    settings: Settings
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str) -> None:
        """Start a program and wait until it answers."""
        log = self.home / "log" / f"{name}.log"
        address = self.home / "web.address"
        more = {"PIPELINE_ADDRESS_FILE": str(address), "PIPELINE_WEB_PORT": "0"} if name == "web" else {}
        environ = _unmeasured(environment(self.settings)) | more
        started = process.launch(PROGRAMS[name], log, environ=environ)
        self.running[name] = started
        process.wait_ready(started, self._answers(name, started.pid, address), log, READY_SECONDS)

    def end(self, name: str) -> int:
        """Ask a program to end as supervisors do, and return its exit code once it has ended by itself."""
        self.running[name].send_signal(signal.SIGTERM)
        return self.running[name].wait(END_SECONDS)

    def lines(self, name: str) -> list[dict[str, Any]]:
        """Return what a program wrote to its log."""
        said = (self.home / "log" / f"{name}.log").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in said if line.startswith("{")]

    def _answers(self, name: str, pid: int, address: Path) -> Callable[[], bool]:
        answers: Mapping[str, Callable[[], bool]] = {
            "worker": lambda: listens(self.settings.address("redis"), pid),
            "web": lambda: serves(web_address(address)),
        }
        return answers.get(name, lambda: any(line["event"] == "waker_started" for line in self.lines(name)))


@contextmanager
def group(home: Path, urls: Urls, *names: str) -> Iterator[Group]:
    """Run programs on a machine of their own."""
    with ExitStack() as stack:
        made = Group(home, urls.settings(home))
        stack.callback(_end_all, made)
        for name in names:
            made.start(name)
        yield made


def _end_all(made: Group) -> None:
    for each in made.running.values():
        process.stop(each, END_SECONDS)


@contextmanager
def operator(home: Path, urls: Urls) -> Iterator[App]:
    """Make the home with the sample reviewers; yields an application of somebody at a third machine."""
    settings = urls.settings(home)
    app = wiring.build(settings, broker=wiring.hinting(settings))
    schema.upgrade(app.database)
    app.clock.make(BEGIN)
    wanted = reviewing.read_list((SAMPLES / "reviewers.csv").read_text(encoding="utf-8"))
    reviewing.carry_out(app, reviewing.plan(app, wanted))
    yield app
    app.database.close()


def _unmeasured(environ: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environ.items() if not name.startswith("COV")}
