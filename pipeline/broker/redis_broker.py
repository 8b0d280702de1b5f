"""The broker of worker, waker and web: dramatiq's Redis broker, made to survive its Redis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import redis
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import Middleware, Retries, ShutdownNotifications, TimeLimit
from redis.backoff import NoBackoff
from redis.retry import Retry

from pipeline import contract

Keep = Callable[[bytes, str], None]

HEARTBEAT_MS: Final = 15_000
ALWAYS: Final = 1_000_000  # of a million commands, how many look for what a dead worker left behind
CONNECT_SECONDS: Final = 3
ANSWER_SECONDS: Final = 5


def connect(url: str, *, answer_seconds: float = ANSWER_SECONDS) -> redis.Redis:
    """Return a client that fails soon and repeats nothing by itself; it opens no connection yet.

    A command that is repeated because its answer was lost may be carried out twice.
    """
    return redis.Redis.from_url(
        url,
        socket_timeout=answer_seconds,
        socket_connect_timeout=CONNECT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


def build(url: str, *, keep: Keep, middleware: Sequence[Middleware] = ()) -> RedisBroker:  # noqa: ARG001
    """Return the broker on the Redis at ``url``; opens no connection.

    Args:
        keep: stores what lies on ``intake`` and is no message: its bytes, and why. The message is
            removed when this returns; when it raises, the message stays queued.
        middleware: comes after the broker's own.
    """
    return RedisBroker(  # type: ignore[no-untyped-call]  # dramatiq types it only in part
        client=connect(url),
        middleware=[TimeLimit(), ShutdownNotifications(), Retries(max_retries=0), *middleware],
        namespace=contract.NAMESPACE,
        heartbeat_timeout=HEARTBEAT_MS,
        maintenance_chance=ALWAYS,
    )
