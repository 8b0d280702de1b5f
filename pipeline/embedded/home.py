"""The home while its parts run: whose it is, where they answer, and what a run that was killed left behind."""

from __future__ import annotations

import fcntl
import json
import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from pipeline.embedded import process
from pipeline.embedded.births import born
from pipeline.errors import HomeError
from pipeline.settings import ADDRESSES

LOCK: Final = "up.lock"
PROCESSES: Final = "processes.json"
ORPHAN_SECONDS: Final = 40.0  # a worker finishes what it does, for up to 30 seconds


@contextmanager
def claimed(home: Path) -> Iterator[bool]:
    """Hold the home for the parts of this process; yields False when another process holds it.

    Raises:
        HomeError: the folder cannot be made or written.
    """
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(home / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise HomeError(f"{home} cannot be used: {error.strerror}.") from None
    try:
        yield _locked(lock)
    finally:
        os.close(lock)  # which also lets go of it, as does any way of dying


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def addresses(home: Path) -> dict[str, str]:
    """Return where the parts that run in this home answer; empty when none do, or not all yet."""
    return {name: str(address) for name, address in _read(home / ADDRESSES).items()}


def publish(home: Path, found: Mapping[str, str]) -> None:
    """Tell other programs where the parts answer."""
    _write(home / ADDRESSES, found)


def withdraw(home: Path) -> None:
    """Tell other programs that nothing answers any more."""
    (home / ADDRESSES).unlink(missing_ok=True)


class Records:
    """Which processes we run, kept in the home for whoever comes after us if we are killed."""

    def __init__(self, home: Path) -> None:
        self._path = home / PROCESSES
        self._known: dict[str, dict[str, Any]] = {}

    def add(self, name: str, pid: int) -> None:
        """Note that ``name`` now runs as ``pid``."""
        self._known[name] = {"pid": pid, "born": born(pid)}
        _write(self._path, self._known)

    def clear(self) -> None:
        """Note that nothing runs any more."""
        self._known.clear()
        self._path.unlink(missing_ok=True)


def end_orphans(home: Path, seconds: float = ORPHAN_SECONDS) -> list[str]:
    """End what a run that was killed left running in this home; returns the names, in the order of ending.

    A process that only has got the number of one of ours is left alone.
    """
    orphans = [(name, each) for name, each in reversed(_read(home / PROCESSES).items()) if _is_ours(each)]
    for _, orphan in orphans:
        _end(orphan, seconds)
    (home / PROCESSES).unlink(missing_ok=True)
    return [name for name, _ in orphans]


def _end(orphan: Mapping[str, Any], seconds: float) -> None:
    with suppress(ProcessLookupError):
        os.kill(orphan["pid"], signal.SIGTERM)
    if not process.wait_until(lambda: not _is_ours(orphan), seconds):
        process.signal_group(orphan["pid"], signal.SIGKILL)


def _is_ours(record: Mapping[str, Any]) -> bool:
    return record.get("born") is not None and born(int(record["pid"])) == record["born"]


def _read(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):  # a machine that lost power may leave half a file
        return {}
    return document if isinstance(document, dict) else {}


def _write(path: Path, document: Mapping[str, Any]) -> None:
    """Write a file that is seen whole or not at all, by nobody but us."""
    draft = path.with_suffix(".new")
    with os.fdopen(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
    ) as file:
        json.dump(document, file, indent=2)
    draft.replace(path)
