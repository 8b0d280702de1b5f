"""How a stage becomes an actor on its queue."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

import dramatiq
import structlog

from pipeline import logs
from pipeline.broker.queues import ACTORS
from pipeline.domain.policy import LONGEST_MAIL_TIMEOUT_SECONDS
from pipeline.errors import Busy, Stale, Unreachable

TIME_LIMIT_MS: Final = 30_000
# Nothing interrupts a letter on its way: the limit exceeds the lease of any attempt.
LETTER_LIMIT_MS: Final = LONGEST_MAIL_TIMEOUT_SECONDS * 1000 * 4
# No fault of ours: a database that is away, somebody who was faster every time, or is at it now. One line says
# it, no traceback for each of the hundreds of steps that come to nothing meanwhile.
PUT_OFF: Final = (Unreachable, Stale, Busy)

_log = structlog.get_logger()


def actor(stage: Callable[..., None], time_limit: int = TIME_LIMIT_MS) -> dramatiq.Actor[Any, Any]:
    """Bind ``stage`` to its queue; a failed step is rung again by the waker, never by the broker."""
    name = stage.__name__

    @wraps(stage)
    def work(*args: str | dict[str, Any]) -> None:
        logs.begin(actor=name)
        try:
            stage(*args)
        except PUT_OFF as error:
            _log.warning("put_off", error=str(error))
            raise

    bind = dramatiq.actor(
        actor_name=name, queue_name=ACTORS[name], max_retries=0, time_limit=time_limit, throws=PUT_OFF
    )
    bound: dramatiq.Actor[Any, Any] = bind(work)
    return bound
