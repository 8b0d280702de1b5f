"""The running processes as `pipeline play` sees them."""

from __future__ import annotations

from pipeline.broker.redis_broker import connect
from pipeline.play import QueueStage
from pipeline.wiring import App


def stage_of(app: App) -> QueueStage:
    """Return the stage that the processes of this home are."""
    return QueueStage(app, connect(app.settings.address("redis")))
