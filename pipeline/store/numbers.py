"""Case numbers from a small block that a process reserves: unique, with gaps."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Final

from pipeline.domain.lifecycle import Kind
from pipeline.domain.numbers import case_counter, case_number
from pipeline.store.unit import Unit

BLOCK: Final = 10


class CaseNumbers:
    """Hands out case numbers, also to several threads."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._blocks: dict[str, Iterator[int]] = {}
        self._turn = threading.Lock()

    def next(self, kind: Kind, year: int) -> str:
        """Return a number that nobody else gets, of this year of receipt."""
        name = case_counter(kind, year)
        with self._turn:
            serial = next(self._blocks.get(name, iter(())), None)
            if serial is None:
                self._blocks[name] = iter(self._unit.reserve(name, BLOCK))
                serial = next(self._blocks[name])
        return case_number(kind, year, serial)
