"""What it costs to ask a reviewer about a case, in points: by the weights of the policy, each for a reason.

Load is apart from the rest: what one more case costs depends on how many a reviewer gets in the same round.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Final

from pipeline.domain.eligibility import Panel, Reviewer, Waiting
from pipeline.domain.policy import Assigning

if TYPE_CHECKING:  # reading it takes longer than most commands, which weigh nothing
    import numpy as np
    from numpy.typing import NDArray

    Points = NDArray[np.int64]  # one amount for each reviewer of a panel

MOST_MEETINGS: Final = 20  # that count; a sum of costs stays within bounds


def of_load(reviewer: Reviewer, count: int, rules: Assigning) -> int:
    """Return what the case with which they have so many in the window adds: more with each, less with more room."""
    return rules.costs.load * (2 * count - 1) // reviewer.capacity


class Weighing:
    """What it costs to ask the reviewers of a panel, but for load."""

    def __init__(self, panel: Panel, on: date, rules: Assigning) -> None:
        self._panel, self._on, self._costs = panel, on, rules.costs
        self._known: dict[object, Points] = {}
        self._unconfirmed = self._each(lambda one: self._costs.unconfirmed * len(one.unconfirmed()))
        self._none = self._each(lambda one: 0)

    def parts(self, case: Waiting) -> Mapping[str, Points]:
        """Return what each reason adds for each reviewer, by the name of its weight."""
        return {
            "sector": self._sector(case),
            "other_category": self._other_category(case),
            "leave": self._leave(case),
            "continuity": self._continuity(case),
            "same_provider": self._same_provider(case),
            "unconfirmed": self._unconfirmed,
        }

    def of(self, case: Waiting) -> Points:
        """Return what each reviewer costs."""
        return reduce(add, self.parts(case).values())

    def _each(self, cost: Callable[[Reviewer], int]) -> Points:
        import numpy as np

        return np.array([cost(one) for one in self._panel.reviewers], dtype=np.int64)

    def _once(self, key: object, cost: Callable[[Reviewer], int]) -> Points:
        """Reckon once what is the same for many cases."""
        if key not in self._known:
            self._known[key] = self._each(cost)
        return self._known[key]

    def _sector(self, case: Waiting) -> Points:
        if case.is_for_anyone:
            return self._none
        return self._once(case.sectors, lambda one: self._costs.sector * len(case.sectors - one.sectors))

    def _other_category(self, case: Waiting) -> Points:
        if case.is_for_anyone:
            return self._none
        key = ("category", case.category)
        return self._once(key, lambda one: self._costs.other_category * len(one.categories - {case.category}))

    def _leave(self, case: Waiting) -> Points:
        if case.review_by is None or case.review_by <= self._on:
            return self._none
        days = [self._on + timedelta(count) for count in range(1, (case.review_by - self._on).days + 1)]
        return self._once(
            case.review_by, lambda one: self._costs.leave * sum(map(one.is_away, days)) // len(days)
        )

    def _continuity(self, case: Waiting) -> Points:
        if not case.earlier_round:
            return self._none
        return self._but_for(self._costs.continuity, dict.fromkeys(case.earlier_round, 0))

    def _same_provider(self, case: Waiting) -> Points:
        if not case.met:
            return self._none
        cost = self._costs.same_provider
        return self._but_for(0, {one: cost * min(met, MOST_MEETINGS) for one, met in case.met.items()})

    def _but_for(self, points: int, others: Mapping[str, int]) -> Points:
        """Return the same for everybody but for some, by id."""
        import numpy as np

        found = np.full(len(self._panel.reviewers), points, dtype=np.int64)
        for one, theirs in others.items():
            if (place := self._panel.place(one)) is not None:
                found[place] = theirs
        return found
