"""What Redis tells about workers and queues, asked of a real one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from pipeline.broker import presence
from pipeline.broker.queues import QUEUES, ring
from pipeline.broker.redis_broker import HintBroker, build, connect
from pipeline.embedded.valkey import valkey
from pipeline.web import traffic
from pipeline.web.site import build as build_site
from pipeline.web.traffic import QueueLength
from tests.stages import system
from tests.web.browser import Browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with valkey(tmp_path_factory.mktemp("valkey")) as url:
        yield url


@pytest.fixture
def broker(server: str) -> Iterator[HintBroker]:
    made = build(server, keep=_keep)
    made.client.flushall()
    yield made
    made.close()


def _keep(raw: bytes, reason: str) -> None:
    raise AssertionError(reason)


@pytest.fixture
def client(server: str) -> Iterator[redis.Redis]:
    with connect(server) as made:
        yield made


def test_message_waits_until_taken_and_is_in_hand_until_acknowledged(
    broker: HintBroker, client: redis.Redis
) -> None:
    for _ in range(3):
        assert ring(broker, "take_in", "1")
    broker.ours.take("intake", 1)

    queues = traffic.look(client).queues

    assert [each.queue for each in queues] == list(QUEUES)
    assert queues[0] == QueueLength("intake", waiting=2, unacked=1)
    assert queues[1] == QueueLength("cases", waiting=0, unacked=0)


def test_only_processes_that_listen_are_workers(server: str, broker: HintBroker, client: redis.Redis) -> None:
    assert ring(broker, "take_in", "1")
    assert traffic.look(client).workers == 0

    with connect(server, presence.LOOKING) as looking:
        looking.ping()
        assert traffic.look(client).workers == 1


def test_site_asks_the_redis_of_its_settings(server: str, tmp_path: Path) -> None:
    made = system(tmp_path, PIPELINE_REDIS_URL=server)
    made.app.clock.make(None)

    answer = Browser(build_site(made.app)).ask("/healthz")

    assert (answer.status_code, answer.text) == (200, "Alles antwoordt.\n")
    made.app.database.close()
