from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import dramatiq
import redis
from dramatiq.brokers.stub import StubBroker

from pipeline.broker import presence
from pipeline.broker.watchdog import CRIPPLED, Watchdog
from pipeline.embedded.process import wait_until

WORKER = """
import os
import dramatiq
from pipeline.broker import redis_broker
from pipeline.broker.queues import CASES
dramatiq.set_broker(redis_broker.build(os.environ["REDIS"], keep=lambda raw, why: None))
dramatiq.actor(lambda: None, actor_name="decide", queue_name=CASES)
"""


def worker_of(*threads: threading.Thread) -> dramatiq.Worker:
    return cast("dramatiq.Worker", SimpleNamespace(consumers=dict(enumerate(threads)), workers=[]))


def watched(worker: dramatiq.Worker, **fakes: Any) -> tuple[Watchdog, list[int], threading.Event]:
    codes: list[int] = []
    ended = threading.Event()

    def end(code: int) -> None:
        codes.append(code)
        ended.set()

    dog = Watchdog(end=end, look_seconds=0.001, **fakes)
    dog.after_worker_boot(StubBroker(), worker)
    return dog, codes, ended


def test_a_worker_with_a_dead_thread_is_ended() -> None:
    _, codes, ended = watched(worker_of(threading.current_thread(), threading.Thread()))

    assert ended.wait(5)
    assert codes == [CRIPPLED]


def test_a_worker_that_shuts_down_is_left_to_it() -> None:
    looked = threading.Event()
    thread = threading.Thread(target=looked.wait)
    thread.start()
    dog, codes, ended = watched(worker_of(thread))

    dog.before_worker_shutdown(StubBroker(), worker_of(thread))
    looked.set()
    thread.join()

    assert not ended.wait(0.02)
    assert codes == []


def test_an_orphan_is_asked_once_and_ended_when_it_does_not_listen() -> None:
    asked: list[int] = []
    _, codes, ended = watched(
        worker_of(threading.current_thread()),
        master_lives=lambda: False,
        ask_to_end=lambda: asked.append(1),
        orphan_seconds=0.01,
    )

    assert ended.wait(5)
    assert (asked, codes) == ([1], [CRIPPLED])


def test_a_process_that_nobody_started_as_a_worker_has_no_master_to_lose() -> None:
    _, codes, ended = watched(worker_of(threading.current_thread()))

    assert not ended.wait(0.02)
    assert codes == []


def test_a_worker_whose_master_is_killed_ends_by_itself(
    tmp_path: Path, server: str, client: redis.Redis
) -> None:
    (tmp_path / "orphaned.py").write_text(WORKER, encoding="utf-8")
    command = [sys.executable, "-m", "dramatiq", "orphaned", "--path", str(tmp_path), "-p", "1", "-t", "1"]
    environ = {**os.environ, "REDIS": server}
    with subprocess.Popen(command, env=environ, start_new_session=True, stderr=subprocess.PIPE) as master:
        try:
            assert master.stderr
            assert any(b"ready for action" in line for line in master.stderr)  # both of its processes are
            assert wait_until(lambda: presence.is_there(client, master.pid), 30)
        finally:
            master.kill()

        assert wait_until(lambda: not presence.is_there(client, master.pid), 30)
