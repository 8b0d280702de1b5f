"""How a stage becomes an actor on its queue."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

import dramatiq

from pipeline import logs
from pipeline.broker.queues import ACTORS
from pipeline.domain.policy import LONGEST_MAIL_TIMEOUT_SECONDS

TIME_LIMIT_MS: Final = 30_000
# Nothing interrupts a letter on its way: the limit exceeds the lease of any attempt.
LETTER_LIMIT_MS: Final = LONGEST_MAIL_TIMEOUT_SECONDS * 1000 * 4


def actor(stage: Callable[..., None], time_limit: int = TIME_LIMIT_MS) -> dramatiq.Actor[Any, Any]:
    """Bind ``stage`` to its queue; a failed step is rung again by the waker, never by the broker."""
    name = stage.__name__

    @wraps(stage)
    def work(*args: str | dict[str, Any]) -> None:
        logs.begin(actor=name)
        stage(*args)

    bind = dramatiq.actor(actor_name=name, queue_name=ACTORS[name], max_retries=0, time_limit=time_limit)
    bound: dramatiq.Actor[Any, Any] = bind(work)
    return bound
