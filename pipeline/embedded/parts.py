"""The parts of an embedded home: their commands, their environment, and how each says that it is ready."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection
from pathlib import Path
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

import redis

from pipeline.broker import presence
from pipeline.broker.redis_broker import connect
from pipeline.embedded import valkey
from pipeline.embedded.keeper import Part
from pipeline.settings import Settings
from pipeline.settings.environment import PREFIX

THREADS: Final = 8
DRAIN_SECONDS: Final = 30  # a worker that stops finishes what it does; a letter is never interrupted
ASK_SECONDS: Final = 1.0
_CATCHER: Final = Path(__file__).with_name("catcher.py")  # run by itself, it need not import all of us

# The three programs that do the work. They take nothing from the folder that we were started in: it may
# be another checkout, whose `pipeline` would then run in this home. (dramatiq adds it by itself.)
_PYTHON: Final = (sys.executable, "-P", "-m")
PROGRAMS: Final[Mapping[str, Sequence[str]]] = MappingProxyType(
    {
        "worker": (
            *(*_PYTHON, "pipeline.workers", "--processes", "1", "--threads", str(THREADS)),
            *("--worker-shutdown-timeout", str(1000 * DRAIN_SECONDS), "--path"),
        ),
        "waker": (*_PYTHON, "pipeline.waker"),
        "web": (*_PYTHON, "pipeline.web"),
    }
)


def environment(settings: Settings) -> dict[str, str]:
    """Return our environment, with ``settings`` in place of what it said of them."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    told = {PREFIX + name.upper(): str(value) for name, value in settings if value is not None}
    return {**ours, **told, "PYTHONUNBUFFERED": "1"}


def redis_part(folder: Path, place: Path) -> tuple[Part, str]:
    """Return Valkey with its data in ``folder`` and its socket in ``place``, and its address."""
    path = place / "valkey"
    url = valkey.address(path)
    return Part("valkey", valkey.command(folder, path), lambda _: valkey.answers(url), dict(os.environ)), url


def mail_part(folder: Path, listening: socket.socket) -> tuple[Part, str]:
    """Return the mail catcher on a socket that is already open, and its address.

    The socket is ours, so that a catcher that starts again answers at the same address.
    """
    host, port = listening.getsockname()
    command = [sys.executable, "-P", str(_CATCHER), str(listening.fileno()), str(folder)]
    part = Part("mail", command, lambda _: greets(host, port), dict(os.environ), (listening.fileno(),))
    return part, f"smtp://{host}:{port}"


def program_part(name: str, command: Sequence[str], settings: Settings, address_file: Path) -> Part:
    """Return one of the three programs; ``web`` writes to ``address_file`` where it answers."""
    environ = environment(settings)
    if name == "web":
        address_file.unlink(missing_ok=True)
        environ[f"{PREFIX}ADDRESS_FILE"] = str(address_file)
        return Part(name, list(command), lambda _: serves(web_address(address_file)), environ)
    if name == "worker":
        url = settings.address("redis")
        return Part(name, list(command), lambda pid: listens(url, pid), environ, (), DRAIN_SECONDS + 10.0)
    return Part(name, list(command), lambda _: True, environ)  # the waker answers nobody


def listens(redis_url: str, pid: int) -> bool:
    """Say whether the worker in the group of ``pid`` has asked Redis for work."""
    try:
        with connect(redis_url, seconds=ASK_SECONDS) as client:
            return presence.is_there(client, pid)
    except redis.RedisError:
        return False


def greets(host: str, port: int) -> bool:
    """Say whether a mail server answers there."""
    try:
        with socket.create_connection((host, port), ASK_SECONDS) as connection:
            connection.settimeout(ASK_SECONDS)
            return connection.recv(3) == b"220"
    except OSError:
        return False


def web_address(file: Path) -> str:
    """Return what ``web`` wrote about where it answers; empty before it has."""
    try:
        return file.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""


def serves(url: str) -> bool:
    """Say whether a web server answers there, whatever it says."""
    if not url:
        return False
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=ASK_SECONDS)
    try:
        connection.request("HEAD", "/")
        connection.getresponse()
    except OSError:
        return False
    finally:
        connection.close()
    return True
