"""The one source of chance: what is drawn depends on the seed and on what it is drawn for, never on the order."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from itertools import count
from random import Random  # noqa: TID251 -- the one place that draws

__all__ = ["Lots", "Random"]


class Lots:
    """Everything that a replay leaves to chance, from one seed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def draw(self, *about: object) -> Random:
        """Return the dice for one question; the same question has the same answer, whenever it is asked."""
        return Random(f"{self.seed}/{'/'.join(map(str, about))}")  # noqa: S311 -- no secret depends on it

    def ids(self) -> Callable[[], str]:
        """Return what makes ids: they count up, in the order in which rows come to be."""
        first = hashlib.sha256(f"ids/{self.seed}".encode()).hexdigest()[:12]
        counter = count(1)
        return lambda: f"{first}{next(counter):020x}"

    def journal_key(self) -> str:
        """Return the key to sign checkpoints with, as ``PIPELINE_JOURNAL_KEY`` holds it; no secret at all."""
        return base64.b64encode(hashlib.sha256(f"key/{self.seed}".encode()).digest()).decode("ascii")
