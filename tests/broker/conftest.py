"""A real Valkey for every test of the broker, empty at its start."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import dramatiq
import pytest
import redis

from pipeline.broker import redis_broker
from pipeline.broker.queues import ACTORS, QUEUES
from pipeline.broker.redis_broker import HintBroker
from pipeline.embedded.valkey import valkey


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with valkey(tmp_path_factory.mktemp("valkey")) as url:
        yield url


@pytest.fixture
def client(server: str) -> Iterator[redis.Redis]:
    with redis_broker.connect(server) as client:
        client.flushall()
        yield client


@pytest.fixture
def kept() -> list[tuple[bytes, str]]:
    """What the broker was asked to keep: bytes, and why."""
    return []


@pytest.fixture
def broker(
    server: str,
    client: redis.Redis,  # empties it first
    kept: list[tuple[bytes, str]],
) -> Iterator[HintBroker]:
    broker = redis_broker.build(server, keep=lambda raw, why: kept.append((raw, why)), patience=0.05)
    for queue in QUEUES:
        broker.declare_queue(queue)
    yield broker
    broker.close()


def nobody_keeps(raw: bytes, why: str) -> None:
    """Fail when something is to be kept."""
    raise AssertionError(f"{raw!r}: {why}")


def declare(broker: HintBroker, actor: str, work: Callable[..., object]) -> None:
    """Declare an actor that does ``work``."""

    @dramatiq.actor(broker=broker, actor_name=actor, queue_name=ACTORS[actor])
    def _declared(*args: object) -> None:
        work(*args)


@contextmanager
def working(broker: HintBroker, threads: int = 2) -> Iterator[dramatiq.Worker]:
    worker = dramatiq.Worker(broker, worker_threads=threads, worker_timeout=20)
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Fill no output with what fails on purpose."""
    caplog.set_level(logging.WARNING)
