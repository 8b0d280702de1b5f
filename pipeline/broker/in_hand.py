"""What this process has taken from one queue and not yet given back or acknowledged."""

from __future__ import annotations

import threading


class InHand:
    """A set of Redis ids; several threads add to it, take from it, and wait for room in it.

    It outlives the consumer of its queue, which is made anew after every trouble with Redis, so
    that what an earlier one took is neither forgotten nor worked on twice.
    """

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._changed = threading.Condition()

    def __len__(self) -> int:
        return len(self._ids)

    def ids(self) -> list[str]:
        """Return the ids in hand at this moment."""
        with self._changed:
            return list(self._ids)

    def add(self, redis_id: str) -> None:
        with self._changed:
            self._ids.add(redis_id)

    def discard(self, redis_id: str) -> None:
        with self._changed:
            self._ids.discard(redis_id)
            self._changed.notify_all()

    def wait_for_room(self, most: int, seconds: float) -> None:
        """Wait until fewer than ``most`` are in hand, or until ``seconds`` have passed."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._ids) < most, seconds)
