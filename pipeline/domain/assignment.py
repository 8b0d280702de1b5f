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

from pipeline.domain.eligibility import Panel, Reviewer, Waiting
from pipeline.domain.policy import Assigning
from pipeline.domain.serving import Wish, served
from pipeline.domain.weighing import Weighing, of_load


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
        from pipeline.domain.flow import (
            Flow,
            places_of,
        )  # what it stands on takes a fifth of a second to read

        flow = Flow([self.cases[place].places for place in which], len(room))
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
