"""The server: a socket on loopback, its address for whoever started us, and the site until asked to stop."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import Final

import structlog
import uvicorn

from pipeline import wiring
from pipeline.casework.belonging import check_unless_away
from pipeline.errors import SettingsError
from pipeline.settings import Settings
from pipeline.web import site
from pipeline.web.guard import Guard
from pipeline.wiring import App

STOP_SECONDS: Final = 5

_log = structlog.get_logger()


def serve(settings: Settings) -> None:
    """Answer until the process is asked to stop.

    Raises:
        HomeError: the database is another release's.
        SettingsError: the address cannot be had, or ``config/`` has a fault.
    """
    app = wiring.build(settings, name="web")
    with listening(settings) as ours:
        check_unless_away(app)
        _answer(app, ours)


def _answer(app: App, ours: socket.socket) -> None:
    with announced(ours, app.settings.address_file):
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _as_asked)
        _log.info("web_started", address=address(ours))
        server(site.build(app)).run(sockets=[ours])
        _log.info("web_stopped")


def server(pages: Guard) -> uvicorn.Server:
    """Return the server of these pages; it logs what goes wrong, not who looks."""
    return uvicorn.Server(
        uvicorn.Config(
            pages,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=STOP_SECONDS,
        )
    )


@contextmanager
def listening(settings: Settings) -> Iterator[socket.socket]:
    """Open the socket that ``settings`` ask for; connections queue from now on.

    Raises:
        SettingsError: it cannot be had.
    """
    place = (settings.web_host, settings.web_port)
    family = socket.AF_INET6 if ":" in settings.web_host else socket.AF_INET
    try:
        ours = socket.create_server(place, family=family)
    except OSError as error:
        raise SettingsError(
            f"PIPELINE_WEB_HOST, PIPELINE_WEB_PORT: {place[0]} port {place[1]} cannot be had"
            f" ({os.strerror(error.errno or 0)}); choose another, or 0 to let the system choose."
        ) from error
    with ours:
        yield ours


def address(ours: socket.socket) -> str:
    """Return where a browser on this machine finds an open socket."""
    host, port = ours.getsockname()[:2]
    if ip_address(host).is_unspecified:
        host = "::1" if ours.family is socket.AF_INET6 else "127.0.0.1"
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


@contextmanager
def announced(ours: socket.socket, file: Path | None) -> Iterator[None]:
    """Leave the address in ``file``, whole or not at all, as long as somebody answers there."""
    if file is None:
        yield
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_name(f"{file.name}.{os.getpid()}")
    half.write_text(address(ours), encoding="utf-8")
    half.replace(file)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def _as_asked(number: int, frame: object) -> None:
    """Be asked once more: the server, done, raises again the signal that it was stopped by."""
