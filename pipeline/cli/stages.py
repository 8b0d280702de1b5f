"""The running processes as `pipeline play` sees them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.broker.redis_broker import connect
from pipeline.play import QueueStage
from pipeline.wiring import App


@contextmanager
def stage_of(app: App) -> Iterator[QueueStage]:
    """Open the stage that the processes of this home are."""
    with connect(app.settings.address("redis")) as connection:
        yield QueueStage(app, connection)
