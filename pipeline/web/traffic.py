"""Who works, and what waits for them: what Redis alone knows."""

from __future__ import annotations

from dataclasses import dataclass

import redis

from pipeline import contract
from pipeline.broker import presence
from pipeline.broker.queues import QUEUES


@dataclass(frozen=True)
class QueueLength:
    """How many messages of a queue no worker has taken yet, and how many are being worked on."""

    queue: str
    waiting: int
    unacked: int


@dataclass(frozen=True)
class Traffic:
    """How many worker processes listen, and the length of every queue at that moment."""

    workers: int
    queues: list[QueueLength]


def look(client: redis.Redis) -> Traffic:
    """Return what goes on in Redis now.

    Raises:
        redis.RedisError: Redis is away or refuses.
    """
    return Traffic(presence.workers(client), _lengths(client))


def _lengths(client: redis.Redis) -> list[QueueLength]:
    with client.pipeline(transaction=True) as pipe:
        for queue in QUEUES:
            pipe.llen(f"{contract.NAMESPACE}:{queue}")
            pipe.hlen(f"{contract.NAMESPACE}:{queue}.msgs")  # waiting or taken: until it is acknowledged
        answers = pipe.execute()
    counts = zip(QUEUES, answers[::2], answers[1::2], strict=True)
    return [QueueLength(queue, waiting, max(0, kept - waiting)) for queue, waiting, kept in counts]
