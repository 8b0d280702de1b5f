"""Waiting for what workers do, with a limit."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

POLL_SECONDS: Final = 0.05
PATIENCE_SECONDS: Final = 120.0


def waited(true: Callable[[], bool]) -> bool:
    """Ask until it is true; False when that takes too long."""
    pause = threading.Event()
    for _ in range(int(PATIENCE_SECONDS / POLL_SECONDS)):
        if true():
            return True
        pause.wait(POLL_SECONDS)
    return False
