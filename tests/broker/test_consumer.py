from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import dramatiq
import pytest
import redis
from dramatiq.broker import MessageProxy
from dramatiq.brokers.redis import RedisBroker
from dramatiq.errors import ConnectionClosed

from pipeline.broker import presence, redis_broker
from pipeline.broker.consumer import SILENCE, QueueConsumer
from pipeline.broker.depth import depth, waiting
from pipeline.broker.queues import AGAIN, CASES, INTAKE, LETTERS, QUEUES, ring
from pipeline.broker.redis_broker import HintBroker
from tests.broker.conftest import declare, nobody_keeps, working

SOON = 5.0  # seconds within which everything must have happened; it takes milliseconds


def drop(client: redis.Redis, raw: bytes, redis_id: str = "dropped", queue: str = INTAKE) -> None:
    """Drop ``raw`` as a program does that speaks Redis alone."""
    with client.pipeline() as pipe:
        pipe.hset(f"dramatiq:{queue}.msgs", redis_id, raw)
        pipe.rpush(f"dramatiq:{queue}", redis_id)
        pipe.execute()


def event(name: str = "1") -> dramatiq.Message[None]:
    return dramatiq.Message("intake", "receive", ({"id": name},), {}, {})


def taken(consumer: Any) -> MessageProxy:
    message = next(consumer)
    assert isinstance(message, MessageProxy)
    return message


def becomes(true: Callable[[], bool]) -> bool:
    """Ask until it is true."""
    pause = threading.Event()
    return any(true() or pause.wait(0.005) for _ in range(1000))


class Seen:
    """An actor's work that notes what it got, and fails as often as it is told."""

    def __init__(self, failures: int = 0, wanted: int = 1) -> None:
        self.args: list[object] = []
        self.enough = threading.Event()
        self._failures, self._wanted = failures, wanted

    def __call__(self, arg: object) -> None:
        self.args.append(arg)
        if len(self.args) >= self._wanted:
            self.enough.set()
        if len(self.args) <= self._failures:
            raise ConnectionError("the database is away")


def test_hints_reach_their_actor_in_order_and_are_gone(broker: HintBroker, client: redis.Redis) -> None:
    decide = Seen(wanted=20)
    declare(broker, "decide", decide)

    with working(broker, threads=1):
        for number in range(20):
            ring(broker, "decide", number)
        assert decide.enough.wait(SOON)

    assert decide.args == list(range(20))
    assert waiting(client, QUEUES) == 0


def test_an_idle_consumer_is_blocked_in_redis_and_polls_nothing(
    broker: HintBroker, client: redis.Redis
) -> None:
    declare(broker, "decide", Seen())

    def looking() -> list[str]:
        return [each["cmd"] for each in client.client_list() if presence.LOOKING in each["name"]]

    with working(broker):
        assert becomes(lambda: looking() == ["blmove"] * len(QUEUES))
        assert presence.workers(client) == 1


def test_an_event_that_fails_comes_again_and_keeps_no_other_waiting(
    broker: HintBroker, client: redis.Redis
) -> None:
    receive = Seen(failures=1, wanted=3)
    declare(broker, "receive", receive)

    with working(broker, threads=1):
        broker.enqueue(event("1"))
        broker.enqueue(event("2"))
        assert receive.enough.wait(SOON)

    assert receive.args == ['{"id":"1"}', '{"id":"2"}', '{"id":"1"}']
    assert waiting(client, QUEUES) == 0


def test_a_hint_that_fails_is_gone_since_the_database_knows(broker: HintBroker, client: redis.Redis) -> None:
    decide = Seen(failures=1)
    declare(broker, "decide", decide)

    with working(broker):
        ring(broker, "decide", 1)
        assert becomes(lambda: bool(decide.args) and waiting(client, QUEUES) == 0)

    assert decide.args == [1]
    assert client.keys("dramatiq:cases*") == []


def test_a_hint_for_an_actor_that_is_not_here_is_gone(broker: HintBroker, client: redis.Redis) -> None:
    with working(broker):
        ring(broker, "decide", 1)
        assert becomes(lambda: waiting(client, QUEUES) == 0)


def test_what_is_no_message_is_kept_and_then_removed(
    broker: HintBroker, client: redis.Redis, kept: list[tuple[bytes, str]]
) -> None:
    drop(client, b"\xff\x00")

    assert next(broker.consume(INTAKE)) is None

    assert kept == [(b"\xff\x00", "The message is not UTF-8: byte 0xFF at position 0.")]
    assert waiting(client, QUEUES) == 0


def test_what_is_no_message_stays_queued_until_it_could_be_kept(server: str, client: redis.Redis) -> None:
    tried: list[bytes] = []

    def keep(raw: bytes, _why: str) -> None:
        tried.append(raw)
        if len(tried) == 1:
            raise ConnectionError("the database is away")

    broker = redis_broker.build(server, keep=keep, patience=0.01)
    drop(client, b"nonsense")
    consumer = broker.consume(INTAKE)

    assert next(consumer) is None
    assert waiting(client, QUEUES) == 1
    assert next(consumer) is None  # was woken when it was queued again
    assert becomes(lambda: next(consumer) is None and waiting(client, QUEUES) == 0)
    assert tried == [b"nonsense"] * 2
    broker.close()


def test_what_is_no_hint_is_removed_and_not_kept(
    broker: HintBroker, client: redis.Redis, kept: list[tuple[bytes, str]]
) -> None:
    drop(client, b"nonsense", queue=CASES)

    assert next(broker.consume(CASES)) is None

    assert kept == []
    assert waiting(client, QUEUES) == 0


def test_bad_messages_hold_up_no_good_one(broker: HintBroker, client: redis.Redis) -> None:
    drop(client, b"nonsense", "1")
    drop(client, b"[" * 100_000, "2")
    broker.enqueue(event())

    assert taken(broker.consume(INTAKE, prefetch=5)).args == ('{"id":"1"}',)


def test_the_id_in_redis_counts_and_not_what_the_message_says(
    broker: HintBroker, client: redis.Redis
) -> None:
    fields = event().asdict() | {"options": {"redis_message_id": "other"}}
    client.hset("dramatiq:intake.msgs", b"\xfe", json.dumps(fields))
    client.rpush("dramatiq:intake", b"\xfe")
    consumer = broker.consume(INTAKE)

    consumer.ack(taken(consumer))

    assert waiting(client, QUEUES) == 0
    assert client.keys("dramatiq:__acks__*") == []


def test_an_id_without_a_message_is_passed_over(broker: HintBroker, client: redis.Redis) -> None:
    client.rpush("dramatiq:cases", "nothing")
    ring(broker, "decide", 1)

    assert taken(broker.consume(CASES, prefetch=2)).args == (1,)


def test_what_was_taken_while_the_answer_was_lost_is_found_again(broker: HintBroker) -> None:
    ring(broker, "decide", 1)
    broker.ours.take(CASES, 1)

    assert taken(broker.consume(CASES)).args == (1,)


def test_what_is_in_hand_is_not_taken_for_lost(broker: HintBroker, client: redis.Redis) -> None:
    ring(broker, "decide", 1)
    ring(broker, "decide", 2)
    taken(broker.consume(CASES))

    assert taken(broker.consume(CASES, prefetch=2)).args == (2,)
    assert depth(client, CASES) == 0


@pytest.fixture
def dead(broker: HintBroker, server: str) -> Iterator[HintBroker]:
    """A worker that takes messages and is not heard of again."""
    made = redis_broker.build(server, keep=nobody_keeps)
    yield made
    made.close()


def die(worker: HintBroker, client: redis.Redis) -> None:
    client.zadd("dramatiq:__heartbeats__", {worker.broker_id: 1})


def test_what_a_dead_worker_had_is_taken_by_another_as_coming_again(
    broker: HintBroker, dead: HintBroker, client: redis.Redis
) -> None:
    ring(broker, "decide", 1)
    taken(dead.consume(CASES))
    die(dead, client)

    assert taken(broker.consume(CASES)).args == (1, AGAIN)
    assert client.zscore("dramatiq:__heartbeats__", dead.broker_id) is None


def test_an_event_that_a_dead_worker_had_comes_again_as_its_text_did(
    broker: HintBroker, dead: HintBroker, client: redis.Redis
) -> None:
    broker.enqueue(event())
    taken(dead.consume(INTAKE))
    die(dead, client)

    assert taken(broker.consume(INTAKE)).args == ('{"id":"1"}', AGAIN)


def test_what_says_already_that_it_comes_again_says_so_once(
    broker: HintBroker, dead: HintBroker, client: redis.Redis
) -> None:
    ring(broker, "decide", 1, AGAIN)
    taken(dead.consume(CASES))
    die(dead, client)

    assert taken(broker.consume(CASES)).args == (1, AGAIN)


def test_what_was_put_back_in_order_does_not_come_again(broker: HintBroker, client: redis.Redis) -> None:
    ring(broker, "decide", 1)
    consumer = broker.consume(CASES)
    consumer.requeue([taken(consumer)])

    assert taken(consumer).args == (1,)
    assert client.exists("dramatiq:cases.lost") == 0


def test_what_the_dead_had_is_marked_for_one_delivery_only(
    broker: HintBroker, dead: HintBroker, client: redis.Redis
) -> None:
    ring(broker, "decide", 1)
    taken(dead.consume(CASES))
    die(dead, client)
    consumer = broker.consume(CASES)
    consumer.requeue([taken(consumer)])

    assert taken(consumer).args == (1,)
    assert client.exists("dramatiq:cases.lost") == 0


def test_a_worker_that_lives_keeps_what_it_has(broker: HintBroker, dead: HintBroker) -> None:
    ring(broker, "decide", 1)
    taken(dead.consume(CASES))

    assert broker.ours.bury(CASES, SILENCE) == 0


def test_a_redis_without_memory_loses_nothing(broker: HintBroker, client: redis.Redis) -> None:
    ring(broker, "decide", 1)
    consumer = broker.consume(CASES)
    client.config_set("maxmemory", 1)
    try:
        with pytest.raises(ConnectionClosed):
            next(consumer)
    finally:
        client.config_set("maxmemory", 0)

    assert taken(consumer).args == (1,)


def test_a_broken_connection_is_told_as_such_and_made_anew(broker: HintBroker, client: redis.Redis) -> None:
    ring(broker, "decide", 1)
    consumer = broker.consume(CASES, prefetch=2)
    message = taken(consumer)

    def cut() -> None:
        assert becomes(lambda: any(each["cmd"] == "blmove" for each in client.client_list()))
        client.client_kill_filter(_type="normal", skipme=True)

    cutting = threading.Thread(target=cut)
    cutting.start()
    with pytest.raises(ConnectionClosed):
        next(consumer)
    cutting.join()
    with suppress(ConnectionClosed):  # each connection notices for itself
        consumer.ack(message)
    consumer.ack(message)

    assert waiting(client, QUEUES) == 0


def test_a_redis_that_is_away_is_told_as_such_by_every_command(tmp_path: Path, broker: HintBroker) -> None:
    ring(broker, "decide", 1)
    message = taken(broker.consume(CASES))
    away = redis_broker.build(f"unix://{tmp_path}/nobody", keep=nobody_keeps)
    consumer = away.consume(CASES)

    commands: list[Callable[[], object]] = [
        lambda: next(consumer),
        lambda: consumer.ack(message),
        lambda: consumer.requeue([message]),
    ]
    for command in commands:
        with pytest.raises(ConnectionClosed):
            command()


def test_with_all_hands_full_a_consumer_waits_for_one_to_be_free(broker: HintBroker) -> None:
    ring(broker, "decide", 1)
    ring(broker, "decide", 2)
    consumer = broker.consume(CASES, prefetch=1)
    first = taken(consumer)
    acking = threading.Thread(target=consumer.ack, args=[first])

    acking.start()

    second = next(message for message in consumer if message is not None)
    acking.join()
    assert second.args == (2,)


def test_a_worker_that_stops_puts_back_what_it_had_not_begun(broker: HintBroker, client: redis.Redis) -> None:
    began, may_end = threading.Event(), threading.Event()

    def dispatch(_: object) -> None:
        began.set()
        may_end.wait(SOON)

    declare(broker, "dispatch", dispatch)
    with working(broker, threads=1):
        for number in range(4):
            ring(broker, "dispatch", number)
        assert began.wait(SOON)
        threading.Timer(0.05, may_end.set).start()

    assert depth(client, LETTERS) == waiting(client, QUEUES) == 3
    assert client.keys("dramatiq:__acks__*") == []


def test_a_consumer_that_is_closed_puts_back_what_it_had_not_handed_on(
    broker: HintBroker, client: redis.Redis
) -> None:
    broker.patience = 60.0
    for name in "123":
        broker.enqueue(event(name))
    consumer = broker.consume(INTAKE, prefetch=3)
    assert isinstance(consumer, QueueConsumer)
    consumer.nack(taken(consumer))

    consumer.close()

    assert depth(client, INTAKE) == waiting(client, QUEUES) == 3


def test_no_queue_is_made_for_delayed_messages(broker: HintBroker) -> None:
    assert broker.get_declared_delay_queues() == set()
    with pytest.raises(ValueError, match="cannot be delayed"):
        broker.enqueue(event(), delay=1)


def test_an_event_dropped_with_a_delay_is_kept_as_no_message(
    broker: HintBroker, server: str, client: redis.Redis, kept: list[tuple[bytes, str]]
) -> None:
    portal = RedisBroker(url=server)  # type: ignore[no-untyped-call]  # as other programs use dramatiq
    portal.enqueue(event(), delay=60_000)

    assert next(broker.consume(INTAKE)) is None

    assert [why for _, why in kept] == ["The message is for queue intake.DQ, but lies on intake."]
    assert waiting(client, [*QUEUES, "intake.DQ"]) == 0
    portal.client.close()


def test_worker_that_ends_puts_back_at_once_what_it_has_not_begun(
    broker: HintBroker, client: redis.Redis
) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def decide(case_id: str) -> None:
        begun.set()
        assert may_end.wait(SOON)

    declare(broker, "decide", decide)
    for number in range(3):
        ring(broker, "decide", f"c{number}")
    worker = dramatiq.Worker(broker, worker_threads=1, worker_timeout=20)
    worker.start()
    assert begun.wait(SOON)
    assert becomes(lambda: depth(client, CASES) == 1)  # two are in hand: one begun, one not
    ending = threading.Thread(target=worker.stop)
    ending.start()
    assert becomes(lambda: depth(client, CASES) == 2)
    assert ending.is_alive()
    may_end.set()
    ending.join(SOON)
    assert (depth(client, CASES), waiting(client, QUEUES)) == (2, 2)
