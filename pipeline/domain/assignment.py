"""Who reviews what: all waiting cases and all reviewers together, at the lowest cost that there is.

First the hard rules; then which cases get reviewers, the most urgent first (``serving``); then who, so that all
costs together are lowest: a minimum cost flow from cases by reviewers to places, each place of a reviewer dearer
than the one before. It is exact: where capacities are whole, so is a flow of least cost. At equal cost those
first by id are asked; nothing depends on the order in which cases and reviewers come. See ADR 22.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray
from ortools.graph.python import min_cost_flow  # type: ignore[import-untyped]  # has stubs, and no py.typed

from pipeline.domain.eligibility import Panel, Reviewer, Waiting
from pipeline.domain.policy import Assigning
from pipeline.domain.serving import Wish, served
from pipeline.domain.weighing import Points, Weighing, of_load

Places = NDArray[np.int64]  # of reviewers on their panel


class Round:
    """All waiting cases and all reviewers, solved together.

    Attributes:
        cases: the most urgent first.
        able: for each of these the set of those who may review it and had room before the round.
        seated: for each of these the places of its reviewers on the panel; none where too few were left.
    """

    def __init__(
        self, cases: Iterable[Waiting], reviewers: Iterable[Reviewer], on: date, rules: Assigning
    ) -> None:
        self.rules: Final = rules
        self.panel: Final = Panel(reviewers, on, rules)
        self.weighing: Final = Weighing(self.panel, on, rules)
        self.cases: Final[Sequence[Waiting]] = sorted(cases, key=lambda case: case.urgency)
        self.able: Final = [self.panel.able(case) for case in self.cases]
        self.seated: Final = self._solve()

    def _solve(self) -> list[list[int]]:
        wishes = [Wish(able, case.places) for case, able in zip(self.cases, self.able, strict=True)]
        room = [max(one.capacity - one.load, 0) for one in self.panel.reviewers]
        gets = served(wishes, room)
        seated = iter(self._cheapest([place for place, one in enumerate(gets) if one], room))
        return [next(seated) if one else [] for one in gets]

    def _cheapest(self, which: Sequence[int], room: Sequence[int]) -> list[list[int]]:
        """Seat these cases, of which it is known that all can be, at the lowest cost."""
        flow = _Flow([self.cases[place].places for place in which], len(room))
        for case, place in enumerate(which):
            flow.offer(case, places_of(self.able[place], len(room)), self.weighing.of(self.cases[place]))
        for place, one in enumerate(self.panel.reviewers):
            counts = range(1, min(room[place], len(which)) + 1)
            flow.open(place, [of_load(one, one.load + count, self.rules) for count in counts])
        return flow.solve()

    @cached_property
    def chosen(self) -> Mapping[str, tuple[str, ...]]:
        """For each case the ids of its reviewers; empty where too few were left."""
        people = self.panel.reviewers
        return {
            case.case_id: tuple(people[seat].id for seat in seats)
            for case, seats in zip(self.cases, self.seated, strict=True)
        }

    @cached_property
    def place_of(self) -> Mapping[str, int]:
        """For each case its place among the cases."""
        return {case.case_id: place for place, case in enumerate(self.cases)}

    @cached_property
    def given(self) -> Sequence[int]:
        """How many cases each reviewer gets in this round."""
        given = [0] * len(self.panel.reviewers)
        for seats in self.seated:
            for seat in seats:
                given[seat] += 1
        return given

    def given_to(self, reviewer: str) -> int:
        """Return how many cases the reviewer with this id gets in this round."""
        place = self.panel.place(reviewer)
        return 0 if place is None else self.given[place]

    @property
    def cost(self) -> int:
        """What all that was chosen costs, in points."""
        weighed = sum(
            int(self.weighing.of(case)[seats].sum())
            for case, seats in zip(self.cases, self.seated, strict=True)
            if seats
        )
        return weighed + sum(
            of_load(one, one.load + count, self.rules)
            for one, given in zip(self.panel.reviewers, self.given, strict=True)
            for count in range(1, given + 1)
        )


def solve(cases: Iterable[Waiting], reviewers: Iterable[Reviewer], on: date, rules: Assigning) -> Round:
    """Choose reviewers for every waiting case, on this local date."""
    return Round(cases, reviewers, on, rules)


def places_of(those: int, people: int) -> Places:
    """Return the places of a set of reviewers on a panel of so many, the lowest first."""
    octets = np.frombuffer(those.to_bytes((people + 7) // 8, "little"), dtype=np.uint8)
    return np.flatnonzero(np.unpackbits(octets, bitorder="little"))


class _Flow:
    """The network: one node for each case, then one for each reviewer, then the end.

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
