"""The broker of worker, waker and web: dramatiq's Redis broker, made to survive its Redis."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Final

import dramatiq
import redis
from dramatiq.broker import Consumer
from dramatiq.brokers.redis import RedisBroker
from dramatiq.common import iter_queue
from dramatiq.middleware import Middleware, Retries, ShutdownNotifications, TimeLimit
from redis.backoff import NoBackoff
from redis.retry import Retry

from pipeline import contract
from pipeline.broker import presence
from pipeline.broker.consumer import LOOK_SECONDS, QueueConsumer
from pipeline.broker.envelope import REDIS_ID
from pipeline.broker.in_hand import InHand
from pipeline.broker.scripts import Scripts
from pipeline.broker.watchdog import Watchdog

Keep = Callable[[bytes, str], None]

NEVER: Final = 0  # of a million commands, how many look for what a dead worker left behind: the consumer does
CONNECT_SECONDS: Final = 3
ANSWER_SECONDS: Final = 5
PATIENCE_SECONDS: Final = 2.0
WAKE_SECONDS: Final = 0.2


def build(
    url: str, *, keep: Keep, middleware: Sequence[Middleware] = (), patience: float = PATIENCE_SECONDS
) -> HintBroker:
    """Return the broker on the Redis at ``url``; opens no connection.

    Args:
        keep: stores what lies on ``intake`` and is no message: its bytes, and why. The message is
            removed when this returns; when it raises, the message stays queued.
        middleware: comes after the broker's own.
        patience: seconds after which an event that could not be worked on is queued again.
    """
    ours = [TimeLimit(), ShutdownNotifications(), Retries(max_retries=0), Watchdog(), _Leaving()]
    return HintBroker(url, keep, [*ours, *middleware], patience)


def connect(url: str, purpose: str = presence.WORKING, *, seconds: float = ANSWER_SECONDS) -> redis.Redis:
    """Return a client that fails soon and repeats nothing by itself; it opens no connection yet.

    A command that is repeated because its answer was lost may be carried out twice.

    Args:
        purpose: the connections' name begins with it.
        seconds: how long an answer may take.
    """
    return redis.Redis.from_url(
        url,
        client_name=presence.name(purpose),
        encoding_errors="surrogateescape",  # an id is whatever bytes a producer chose
        socket_timeout=seconds,
        socket_connect_timeout=CONNECT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


class HintBroker(RedisBroker):
    """Carries hints and dropped events at once, in order of arrival; delays and retries nothing.

    Attributes:
        keep: see ``build``.
        patience: see ``build``.
        ours: the commands on Redis that dramatiq lacks.
        looking: the client on which consumers wait, each on a connection of its own.
    """

    def __init__(self, url: str, keep: Keep, middleware: list[Middleware], patience: float) -> None:
        super().__init__(  # type: ignore[no-untyped-call]  # dramatiq is typed only in part
            client=connect(url),
            middleware=middleware,
            namespace=contract.NAMESPACE,
            maintenance_chance=NEVER,
        )
        self.keep = keep
        self.patience = patience
        self.ours = Scripts(self.client, self.broker_id)
        self.looking = connect(url, presence.LOOKING, seconds=LOOK_SECONDS + CONNECT_SECONDS)
        self._in_hand: dict[str, InHand] = {}
        self._leaving = threading.Event()
        self._gone = threading.Event()
        self._waking: threading.Thread | None = None

    @property
    def leaving(self) -> bool:
        """Whether this process's worker is shutting down."""
        return self._leaving.is_set()

    def in_hand(self, queue: str) -> InHand:
        """Return what this process has in hand of ``queue``."""
        return self._in_hand.setdefault(queue, InHand())

    def consume(self, queue_name: str, prefetch: int = 1, timeout: int = 0) -> Consumer:
        """Return a new consumer of a queue; how long it idles is its own affair, not ``timeout``."""
        return QueueConsumer(self, queue_name, prefetch)

    def declare_queue(self, queue_name: str) -> None:
        """Declare a queue, but none beside it for delayed messages, which nobody would send."""
        if queue_name not in self.queues:
            self.emit_before("declare_queue", queue_name)
            self.queues.add(queue_name)
            self.emit_after("declare_queue", queue_name)

    def enqueue(self, message: dramatiq.Message[None], *, delay: int | None = None) -> dramatiq.Message[None]:
        """Put a message on its queue.

        Raises:
            ValueError: it is to be delayed; what is due later is a row in the database.
            redis.RedisError: Redis is away or refuses.
        """
        if delay is not None:
            raise ValueError(f"{message} cannot be delayed: the database knows when it is due.")
        return super().enqueue(message)

    def put_back(self, queue: str, redis_ids: Iterable[str]) -> None:
        """Requeue what this process has in hand and has not begun.

        Raises:
            redis.RedisError: Redis is away; the next sign of life requeues it.
        """
        ids = list(redis_ids)
        for redis_id in ids:
            self.in_hand(queue).discard(redis_id)  # first: once put back, it may be taken again at any moment
        if ids:
            self.do_requeue(queue, *ids)

    def arrive(self) -> None:
        """Begin to take messages."""
        self._leaving.clear()

    def leave(self) -> None:
        """Take no more messages, and wait no longer for any."""
        self._leaving.set()
        self._gone.clear()
        self._waking = threading.Thread(target=self._wake_until_gone, daemon=True)
        self._waking.start()

    def gone(self) -> None:
        """Know that nothing of this process waits any more."""
        self._gone.set()
        if self._waking is not None:
            self._waking.join()

    def close(self) -> None:
        """Close the connections."""
        self.looking.close()
        self.client.close()

    def _wake_until_gone(self) -> None:
        """Wake the consumers, more than once: one may have been just about to begin to wait."""
        while True:
            with suppress(redis.RedisError):  # then they wait for a few seconds
                presence.wake(self.client)
            if self._gone.wait(WAKE_SECONDS):
                return


class _Leaving(Middleware):
    """Tells the broker when its worker comes and goes."""

    def before_worker_boot(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        if isinstance(broker, HintBroker):
            broker.arrive()

    def before_worker_shutdown(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        if isinstance(broker, HintBroker):
            broker.leave()
            _hand_back(broker, worker)

    def after_worker_shutdown(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:
        if isinstance(broker, HintBroker):
            broker.gone()


def _hand_back(broker: HintBroker, worker: dramatiq.Worker) -> None:
    """Put back at once what no thread has begun: dramatiq would first wait for those that work."""
    waiting: dict[str, list[str]] = {}
    for item in iter_queue(worker.work_queue):  # type: ignore[no-untyped-call]  # dramatiq has no type for it
        waiting.setdefault(item.message.queue_name, []).append(item.message.options[REDIS_ID])
    for queue, ids in waiting.items():
        with suppress(redis.RedisError):
            broker.put_back(queue, ids)
