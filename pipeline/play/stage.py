"""Where a season is played: what drops events, rings, and knows when everything is at rest."""

from __future__ import annotations

import threading
import time
from itertools import count
from typing import Final, Protocol

import redis
from dramatiq import Message

from pipeline.broker.depth import waiting
from pipeline.broker.queues import INTAKE, QUEUES, RECEIVE
from pipeline.casework import intake
from pipeline.casework.ringing import is_pending, ring_due
from pipeline.errors import PipelineError
from pipeline.wiring import App

POLL_SECONDS: Final = 0.004
RING_EVERY: Final = 100  # polls
PATIENCE_SECONDS: Final = 180.0


class PlayError(PipelineError):
    """The system does not come to rest, or a moment does not pass."""


class Stage(Protocol):
    """What a season needs of the system."""

    def drop(self, raw: bytes) -> None:
        """Drop one event on the queue."""

    def ring(self) -> None:
        """Ring for what is due by the home's clock."""

    def rest(self) -> None:
        """Wait until nothing is queued, being worked on, or pending.

        Raises:
            PlayError: it does not come to that.
        """


class QueueStage:
    """The real processes, seen through Redis and the database."""

    def __init__(self, app: App, connection: redis.Redis) -> None:
        self._app = app
        self._connection = connection
        self._pause = threading.Event()

    def drop(self, raw: bytes) -> None:
        """Drop an event on the queue as text; what no message can carry is stored first."""
        broker = self._app.broker
        assert broker is not None  # a stage is made with one
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            self._app.ring("take_in", intake.store(self._app, raw).id)
            return
        broker.enqueue(Message(INTAKE, RECEIVE, (text,), {}, {}))

    def ring(self) -> None:
        """Ring for what is due by the home's clock."""
        ring_due(self._app)

    def rest(self) -> None:
        """Wait for rest; a hint that was lost is rung again meanwhile."""
        ends_at = time.monotonic() + PATIENCE_SECONDS
        for poll in count(1):
            if waiting(self._connection, QUEUES) == 0 and not is_pending(self._app):
                return
            if time.monotonic() >= ends_at:
                break
            if poll % RING_EVERY == 0:
                ring_due(self._app)
            self._pause.wait(POLL_SECONDS)
        raise PlayError(
            f"After {PATIENCE_SECONDS:.0f} seconds something is still queued or pending; "
            "`pipeline doctor` and the logs of worker and waker say what."
        )
