"""The network of cases, reviewers and places, and its flow of least cost.

Only who solves reads this module: its libraries take longer to read than most commands to do their work.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import min_cost_flow  # type: ignore[import-untyped]  # has stubs, and no py.typed

if TYPE_CHECKING:
    from pipeline.domain.weighing import Points

Places = NDArray[np.int64]  # of reviewers on their panel


def places_of(those: int, people: int) -> Places:
    """Return the places of a set of reviewers on a panel of so many, the lowest first."""
    octets = np.frombuffer(those.to_bytes((people + 7) // 8, "little"), dtype=np.uint8)
    return np.flatnonzero(np.unpackbits(octets, bitorder="little"))


class Flow:
    """A network: one node for each case, then one for each reviewer, then the end.

    Every point counts so much that the places of the chosen, added up, only decide between what costs the same.
    """

    def __init__(self, needed: Sequence[int], people: int) -> None:
        self._needed, self._people = needed, people
        self._point = sum(needed) * people + 1
        self._end = len(needed) + people
        self._tails: list[Places] = []
        self._heads: list[Places] = []
        self._costs: list[Points] = []

    def offer(self, case: int, able: Places, costs: Points) -> None:
        """Let a case have each of these reviewers once, at these costs of all on the panel."""
        self._add(np.full(len(able), case), len(self._needed) + able, costs[able] * self._point + able)

    def open(self, place: int, costs: Sequence[int]) -> None:
        """Let a reviewer take as many cases as there are costs, which must not fall."""
        tails = np.full(len(costs), len(self._needed) + place)
        self._add(tails, np.full(len(costs), self._end), np.array(costs, dtype=np.int64) * self._point)

    def _add(self, tails: Places, heads: Places, costs: Points) -> None:
        self._tails.append(tails)
        self._heads.append(heads)
        self._costs.append(costs)

    def solve(self) -> list[list[int]]:
        """Return for each case the places of its reviewers.

        Raises:
            ArithmeticError: the costs are too large for so many cases and reviewers; policy bounds them.
        """
        if not self._needed:
            return []
        solver = min_cost_flow.SimpleMinCostFlow()
        tails, heads = np.concatenate(self._tails), np.concatenate(self._heads)
        arcs = solver.add_arcs_with_capacity_and_unit_cost(
            tails, heads, np.ones(len(tails), dtype=np.int64), np.concatenate(self._costs)
        )
        solver.set_nodes_supplies(np.arange(len(self._needed)), np.array(self._needed))
        solver.set_node_supply(self._end, -sum(self._needed))
        if (status := solver.solve()) != solver.OPTIMAL:
            raise ArithmeticError(f"The flow of least cost was not found: {status}.")
        used = (solver.flows(arcs) > 0) & (tails < len(self._needed))
        found: list[list[int]] = [[] for _ in self._needed]
        for case, head in zip(tails[used].tolist(), heads[used].tolist(), strict=True):
            found[case].append(head - len(self._needed))
        return [sorted(seats) for seats in found]
