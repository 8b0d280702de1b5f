"""The server answers where it says it does, and stops when asked."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
import structlog

from pipeline.settings import Settings
from pipeline.store import schema
from pipeline.store.engines import Database
from pipeline.web.__main__ import main
from pipeline.web.serving import address, announced, listening


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home that the environment points at; yields where its address will be written."""
    file = tmp_path / "run" / "web.address"
    monkeypatch.setenv("PIPELINE_HOME", str(tmp_path))
    monkeypatch.setenv("PIPELINE_ADDRESS_FILE", str(file))
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    logs = logging.getLogger().handlers[:], logging.getLogger().level
    yield file
    for number, handler in handlers.items():
        signal.signal(number, handler)
    logging.getLogger().handlers[:], logging.getLogger().level = logs
    structlog.reset_defaults()


def test_server_answers_where_it_says_and_ends_well_when_asked(environ: Path, tmp_path: Path) -> None:
    database = Database(Settings.from_env({"PIPELINE_HOME": str(tmp_path)}).database_url)
    schema.upgrade(database)
    database.close()
    seen: list[httpx.Response] = []
    visitor = threading.Thread(target=_visit, args=(environ, seen))

    visitor.start()
    code = main()
    visitor.join()

    assert code == 0
    assert "start alles met" in seen[0].text
    assert "server" not in seen[0].headers
    assert not environ.exists()


def _visit(file: Path, seen: list[httpx.Response]) -> None:
    pause = threading.Event()
    try:
        for _ in range(500):
            if file.exists():
                break
            pause.wait(0.02)
        seen.append(httpx.get(file.read_text()))
    finally:
        os.kill(os.getpid(), signal.SIGTERM)


def test_port_that_is_taken_is_told_in_one_sentence(
    environ: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("PIPELINE_WEB_PORT", str(port))
        code = main()

    assert code == 2
    assert f"127.0.0.1 port {port} cannot be had (Address already in use)" in capsys.readouterr().err
    assert not environ.exists()


def test_wrong_setting_is_told_in_one_sentence(
    environ: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PIPELINE_WEB_PORT", "many")

    assert main() == 2
    assert capsys.readouterr().err.startswith("PIPELINE_WEB_PORT")


@pytest.mark.parametrize(
    ("host", "answers"),
    [
        ("127.0.0.1", "http://127.0.0.1:"),
        ("localhost", "http://127.0.0.1:"),
        ("0.0.0.0", "http://127.0.0.1:"),
        ("::1", "http://[::1]:"),
        ("::", "http://[::1]:"),
    ],
)
def test_address_is_one_that_a_browser_can_open(tmp_path: Path, host: str, answers: str) -> None:
    if ":" in host and not _has_ipv6():
        pytest.skip("this machine has no IPv6")
    settings = Settings.from_env({"PIPELINE_HOME": str(tmp_path), "PIPELINE_WEB_HOST": host})

    with listening(settings) as ours:
        assert address(ours) == f"{answers}{ours.getsockname()[1]}/"


def _has_ipv6() -> bool:
    try:
        with closing(socket.create_server(("::1", 0), family=socket.AF_INET6)):
            return True
    except OSError:
        return False


def test_address_is_written_whole_and_taken_away_again(tmp_path: Path) -> None:
    file = tmp_path / "web.address"
    file.write_text("http://127.0.0.1:1/ of an earlier run")

    with closing(socket.create_server(("127.0.0.1", 0))) as ours:
        with announced(ours, file):
            assert file.read_text() == address(ours)
            assert [each.name for each in tmp_path.iterdir()] == ["web.address"]
        assert not file.exists()


def test_nobody_who_wants_no_address_gets_one(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as ours, announced(ours, None):
        assert list(tmp_path.iterdir()) == []
