"""Signals that ask this process to end: its parts are stopped first."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

ASKS: Final = (signal.SIGTERM, signal.SIGHUP)  # Ctrl-C is Python's own KeyboardInterrupt


@contextmanager
def ending_in_order() -> Iterator[None]:
    """Let a request to end unwind the block, so that what it started is stopped."""

    def end(number: int, frame: Any) -> None:
        raise SystemExit(128 + number)

    with _handled(ASKS, end):
        yield


@contextmanager
def staying() -> Iterator[Callable[[], object]]:
    """Yield what waits until somebody asks this process to end, which is then how it is meant to end."""
    asked = threading.Event()
    with _handled((*ASKS, signal.SIGINT), lambda number, frame: asked.set()):
        yield asked.wait


@contextmanager
def _handled(numbers: tuple[signal.Signals, ...], handler: Callable[[int, Any], None]) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)
