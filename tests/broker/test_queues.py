from __future__ import annotations

from pathlib import Path

import redis
from dramatiq.brokers.stub import StubBroker

from pipeline import contract
from pipeline.broker import redis_broker
from pipeline.broker.depth import depth, waiting
from pipeline.broker.queues import ACTORS, CASES, INTAKE, QUEUES, ring
from pipeline.broker.redis_broker import HintBroker
from tests.broker.conftest import nobody_keeps


def test_the_contract_names_the_queue_and_actor_for_other_programs() -> None:
    assert ACTORS[contract.ACTOR] == contract.QUEUE


def test_every_actor_is_on_a_queue_and_every_queue_has_one() -> None:
    assert set(ACTORS.values()) == set(QUEUES)


def test_ringing_puts_the_ids_on_the_actors_queue(broker: HintBroker, client: redis.Redis) -> None:
    assert ring(broker, "decide", "c1", 2)

    assert [depth(client, queue) for queue in QUEUES] == [0, 1, 0, 0]


def test_ringing_a_redis_that_is_away_says_so_and_raises_nothing(tmp_path: Path) -> None:
    broker = redis_broker.build(f"unix://{tmp_path}/nobody", keep=nobody_keeps)

    assert not ring(broker, "decide", "c1")


def test_ringing_the_stub_broker_does_the_same() -> None:
    broker = StubBroker()
    broker.declare_queue(CASES)

    assert ring(broker, "decide", "c1")
    assert broker.queues[CASES].qsize() == 1


def test_what_is_being_worked_on_still_waits_but_makes_no_queue_deep(
    broker: HintBroker, client: redis.Redis
) -> None:
    ring(broker, "decide", 1)
    ring(broker, "dispatch", 2)
    message = next(broker.consume(CASES))

    assert message
    assert depth(client, CASES) == 0
    assert waiting(client, QUEUES) == 2
    assert waiting(client, [INTAKE]) == 0
