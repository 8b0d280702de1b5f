"""Everything a home needs, started, kept running and stopped: for one machine, without a server installed."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pipeline.embedded import home, process
from pipeline.embedded.keeper import Keeper, Part
from pipeline.embedded.parts import PROGRAMS, mail_part, program_part, redis_part, web_address
from pipeline.embedded.valkey import forget, private_folder
from pipeline.errors import HomeError
from pipeline.settings import Settings
from pipeline.settings.environment import PREFIX

WEB_ADDRESS: Final = "web.address"
LOOPBACK: Final = "127.0.0.1"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Running:
    """What runs in a home.

    Attributes:
        settings: with the addresses of the Redis and the mail server that run.
        addresses: where each part answers that runs here, by name: redis, smtp, web.
        ours: whether this process runs it; else another does, and nothing was started.
        deaths: the parts that died though nobody asked them to, and how; grows while they run.
    """

    settings: Settings
    addresses: dict[str, str]
    ours: bool
    deaths: list[str] = field(default_factory=list)


@contextmanager
def supervised(
    settings: Settings,
    *,
    programs: Mapping[str, Sequence[str]] = PROGRAMS,
) -> Iterator[Running]:
    """Run all parts of the home until the block ends; yields when all of them answer.

    Valkey and the mail catcher run only where ``settings`` names none. If another process runs
    this home already, nothing is started or stopped.

    Args:
        settings: read with ``running=False``.
        programs: the commands of worker, waker and web.

    Raises:
        HomeError: the home cannot be used, or a part did not start; says where it tells why.
    """
    with _claimed(settings.home) as theirs, ExitStack() as stack:
        if theirs:
            yield Running(_filled(settings, theirs), theirs, ours=False)
        else:
            yield _started(settings, programs, stack)


@contextmanager
def _claimed(folder: Path) -> Iterator[dict[str, str]]:
    """Hold the home; or, when another process does, yield where its parts answer, once they do."""
    with ExitStack() as stack:
        theirs: dict[str, str] = {}

        def settled() -> bool:
            with ExitStack() as trying:
                if trying.enter_context(home.claimed(folder)):
                    stack.push(trying.pop_all())
                    return True
            theirs.update(home.addresses(folder))
            return bool(theirs)

        if not process.wait_until(settled, process.START_SECONDS):
            raise HomeError(f"Another process has been starting or stopping in {folder} for too long.")
        yield theirs


def _started(settings: Settings, programs: Mapping[str, Sequence[str]], stack: ExitStack) -> Running:
    _tidy(settings.home)
    start = _Start(settings, stack)
    found = start.servers()
    filled = _filled(settings, found)
    web = settings.home / WEB_ADDRESS
    start.all([program_part(name, command, filled, web) for name, command in programs.items()])
    if address := web_address(web):
        found["web"] = address
        start.pin_web(address)
    stack.callback(home.withdraw, settings.home)
    home.publish(settings.home, found)
    return Running(filled, found, ours=True, deaths=start.deaths)


def _tidy(folder: Path) -> None:
    """Do away with what a run that was killed left behind."""
    stale = home.addresses(folder)
    home.withdraw(folder)  # first: nobody must take them for ours
    if orphans := home.end_orphans(folder):
        _log.warning("Ended what an earlier run left behind: %s.", ", ".join(orphans))
    forget(stale.get("redis", ""))


class _Start:
    """Starts parts; the stack stops them in reverse order."""

    def __init__(self, settings: Settings, stack: ExitStack) -> None:
        self.deaths: list[str] = []
        self._settings = settings
        self._stack = stack
        self._records = home.Records(settings.home)
        self._keepers: dict[str, Keeper] = {}
        stack.callback(self._records.clear)

    def servers(self) -> dict[str, str]:
        """Start the Redis and the mail server that the settings do not name; returns their addresses."""
        found, parts, folder = {}, [], self._settings.home
        if self._settings.redis_url is None:
            part, found["redis"] = redis_part(folder / "valkey", self._stack.enter_context(private_folder()))
            parts.append(part)
        if self._settings.smtp_url is None:
            listening = self._stack.enter_context(socket.create_server((LOOPBACK, 0)))
            part, found["smtp"] = mail_part(folder / "mail", listening)
            parts.append(part)
        self.all(parts)
        return found

    def all(self, parts: Sequence[Part]) -> None:
        """Start these beside each other; return when all are ready."""
        for part in parts:
            log = self._settings.home / "log" / f"{part.name}.log"
            keeper = Keeper(part, log, self._records.add, self.deaths.append)
            self._keepers[part.name] = keeper
            self._stack.callback(keeper.stop)
            keeper.start()
        for part in parts:
            self._keepers[part.name].wait_ready()

    def pin_web(self, address: str) -> None:
        """Let a web that starts again answer at the same address."""
        self._keepers["web"].part.environ[f"{PREFIX}WEB_PORT"] = address.rstrip("/").rpartition(":")[2]


def _filled(settings: Settings, found: Mapping[str, str]) -> Settings:
    urls = {f"{name}_url": found[name] for name in ("redis", "smtp") if name in found}
    caught = settings.mail_is_caught or "smtp" in found
    return settings.model_copy(update={**urls, "mail_is_caught": caught, "address_file": None})
