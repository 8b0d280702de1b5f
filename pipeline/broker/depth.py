"""How much waits in Redis: for the waker, which rings no queue that is deep, and for the system at rest."""

from __future__ import annotations

from collections.abc import Iterable

import redis

from pipeline import contract


def waiting(client: redis.Redis, queues: Iterable[str]) -> int:
    """Return how many messages are queued or being worked on, counted at one moment in one round trip.

    Raises:
        redis.RedisError: Redis is away or refuses.
    """
    with client.pipeline(transaction=True) as pipe:
        for queue in queues:
            # A message keeps its entry here from the moment it is dropped until it is acknowledged.
            pipe.hlen(f"{contract.NAMESPACE}:{queue}.msgs")
        return sum(pipe.execute())


def depth(client: redis.Redis, queue: str) -> int:
    """Return how many messages of ``queue`` no worker has taken yet.

    Raises:
        redis.RedisError: Redis is away or refuses.
    """
    length: int = client.llen(f"{contract.NAMESPACE}:{queue}")
    return length
