"""The consumer of one queue: waits without polling, survives its Redis, and loses nothing it has taken."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, Final

import redis
from dramatiq.broker import Consumer, MessageProxy
from dramatiq.errors import ConnectionClosed

from pipeline import contract
from pipeline.broker.envelope import REDIS_ID, Malformed, unwrap
from pipeline.broker.queues import INTAKE, RECEIVE
from pipeline.broker.scripts import Taken

if TYPE_CHECKING:
    from pipeline.broker.redis_broker import HintBroker

LOOK_SECONDS: Final = 4  # how long one look at an empty queue lasts
BEAT_SECONDS: Final = 4.0  # between two signs of life
SILENCE: Final = timedelta(seconds=15)  # after which others give up on a worker
LEAVING_SECONDS: Final = 0.1  # a worker that shuts down takes nothing more, but stays alive for what runs

_log = logging.getLogger(__name__)


@contextmanager
def closed_on_trouble() -> Iterator[None]:
    """Turn every trouble with Redis into the one error after which dramatiq tries again.

    Any other kills the thread of the consumer or forgets the acknowledgement.
    """
    try:
        yield
    except redis.RedisError as error:
        raise ConnectionClosed(error) from None  # type: ignore[no-untyped-call]  # dramatiq leaves it untyped


class QueueConsumer(Consumer):
    """Hands the messages of one queue to dramatiq's worker threads.

    Belongs to one thread, but for ``ack`` and ``nack``, which the worker threads call.
    """

    def __init__(self, broker: HintBroker, queue: str, prefetch: int) -> None:
        self._broker = broker
        self._queue = queue
        self._prefetch = prefetch
        self._in_hand = broker.in_hand(queue)
        self._taken: deque[Taken] = deque()
        self._waiting: dict[str, threading.Timer] = {}
        self._next_beat = monotonic()  # before anything is taken: only who has been seen can be missed

    def __next__(self) -> MessageProxy | None:
        with closed_on_trouble():
            if self._broker.leaving:
                self._put_back(taken.redis_id for taken in self._emptied())
            if not self._taken:
                self._take()
            while self._taken:
                message = self._opened(self._taken.popleft())
                if message is not None:
                    return message
            return None

    def ack(self, message: MessageProxy) -> None:
        with closed_on_trouble():
            self._remove(message.options[REDIS_ID])

    def nack(self, message: MessageProxy) -> None:
        """Requeue an event after a while; remove a hint, since the database knows what it was about."""
        if message.actor_name == RECEIVE:
            self._requeue_later(message.options[REDIS_ID])
        else:
            self.ack(message)

    def requeue(self, messages: Iterable[MessageProxy]) -> None:
        with closed_on_trouble():
            self._put_back(message.options[REDIS_ID] for message in messages)

    def close(self) -> None:
        """Put back what no worker thread has got."""
        for timer in list(self._waiting.values()):
            timer.cancel()
        with closed_on_trouble():
            self._put_back([*self._waiting, *(taken.redis_id for taken in self._taken)])

    def _emptied(self) -> list[Taken]:
        """Return what was taken and not handed on, which from now on is nobody's here."""
        taken = list(self._taken)
        self._taken.clear()
        return taken

    def _take(self) -> None:
        self._beat()
        room = self._prefetch - len(self._in_hand)
        if self._broker.leaving:
            threading.Event().wait(LEAVING_SECONDS)
        elif room <= 0:
            self._in_hand.wait_for_room(self._prefetch, LOOK_SECONDS)
        else:
            self._taken.extend(self._broker.ours.take(self._queue, room))
            for taken in self._taken:
                self._in_hand.add(taken.redis_id)
            if not self._taken:
                self._look()

    def _beat(self) -> None:
        """Now and then: a sign of life, requeue what dead workers had, and what an answer lost on the way named."""
        if monotonic() >= self._next_beat:
            self._broker.do_fetch(self._queue, 0)  # fetches nothing, but says that we live
            if found := self._broker.ours.bury(self._queue, SILENCE):
                _log.warning("Requeued %d messages on %s that a dead worker had.", found, self._queue)
            if found := self._broker.ours.reclaim(self._queue, self._in_hand.ids()):
                _log.warning("Requeued %d messages on %s whose arrival was lost.", found, self._queue)
            if self._queue == INTAKE and (found := self._broker.ours.undelay(INTAKE)):
                _log.warning("Found %d messages that were dropped with a delay.", found)
            self._next_beat = monotonic() + BEAT_SECONDS

    def _look(self) -> None:
        """Wait until something lies on the queue: moving its first to first place changes nothing."""
        key = f"{contract.NAMESPACE}:{self._queue}"
        self._broker.looking.blmove(key, key, LOOK_SECONDS, "LEFT", "LEFT")

    def _opened(self, taken: Taken) -> MessageProxy | None:
        try:
            return MessageProxy(unwrap(taken.raw, self._queue, taken.redis_id, was_lost=taken.was_lost))
        except Malformed as fault:
            self._set_aside(taken, str(fault))
            return None

    def _set_aside(self, taken: Taken, reason: str) -> None:
        """Remove what is no message: once it is kept, or at once when it can only have been a hint."""
        _log.warning("No message of ours on %s (%d bytes). %s", self._queue, len(taken.raw), reason)
        if self._queue == INTAKE:
            try:
                self._broker.keep(taken.raw, reason)
            except Exception:  # noqa: BLE001 -- whatever keeps it from being stored, it stays queued
                _log.error("What is no message could not be kept; it stays queued.", exc_info=True)
                self._requeue_later(taken.redis_id)
                return
        try:
            self._remove(taken.redis_id)
        except redis.RedisError:
            self._in_hand.discard(taken.redis_id)  # the next sign of life finds it; it is kept twice
            raise

    def _remove(self, redis_id: str) -> None:
        self._broker.do_ack(self._queue, redis_id)
        self._in_hand.discard(redis_id)  # only now: what is not acknowledged yet must not be reclaimed

    def _requeue_later(self, redis_id: str) -> None:
        timer = threading.Timer(self._broker.patience, self._requeue_waited, [redis_id])
        timer.daemon = True
        self._waiting[redis_id] = timer
        timer.start()

    def _requeue_waited(self, redis_id: str) -> None:
        try:
            self._put_back([redis_id])
        except redis.RedisError as error:
            _log.warning("Could not requeue an event, which the next sign of life will do: %s", error)
        self._waiting.pop(redis_id, None)

    def _put_back(self, redis_ids: Iterable[str]) -> None:
        self._broker.put_back(self._queue, redis_ids)
