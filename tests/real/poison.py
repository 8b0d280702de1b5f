"""What ends a worker that can be poisoned, and how."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

LOGO = "Poison for the draughtsman"  # title of an activity
EVENT = "Poison for the reader"  # name of a provider
LETTER = "poison@example.org"  # address of a provider


def dying(of: str, work: Callable[..., Any]) -> Callable[..., Any]:
    """Return the same work, which ends the process when it meets the poison."""

    def work_or_die(*args: Any, **more: Any) -> Any:
        if any(of in repr(arg) for arg in args[:3]):
            os._exit(9)
        return work(*args, **more)

    return work_or_die
