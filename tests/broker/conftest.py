"""A real Valkey for every test of the broker, empty at its start; its user may do what config/valkey.acl says."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dramatiq
import pytest
import redis

from pipeline.broker import redis_broker
from pipeline.broker.queues import ACTORS, QUEUES
from pipeline.broker.redis_broker import HintBroker
from pipeline.embedded.valkey import valkey

ACL = Path(__file__).parents[2] / "config" / "valkey.acl.example"
USERS = {
    line.split()[1]: line.split()[1:]
    for line in ACL.read_text(encoding="utf-8").splitlines()
    if not line.startswith("user default")  # whose owner we are here
}


@pytest.fixture(scope="session")
def owned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a server as its owner has it, who may do everything."""
    with valkey(tmp_path_factory.mktemp("valkey")) as url:
        yield url


@pytest.fixture(scope="session")
def server(owned: str) -> Iterator[str]:
    """The URL of the same as the pipeline gets it, who may do only what it must."""
    with redis_broker.connect(owned) as owner:
        for user in USERS.values():
            owner.execute_command("ACL", "SETUSER", *user)
        yield as_user(owned, "validatiestraat")
        denied = [each["object"] for each in owner.acl_log() if each["username"] == "validatiestraat"]
        assert denied == [], "the ACL that we recommend is too narrow"


def as_user(url: str, name: str) -> str:
    """Return the same address for a user of the ACL."""
    [secret] = [rule[1:] for rule in USERS[name] if rule.startswith(">")]
    return url.replace("unix://", f"unix://{name}:{secret}@")


@pytest.fixture
def client(owned: str, server: str) -> Iterator[redis.Redis]:
    with redis_broker.connect(owned) as client:
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
