"""How long a kind of work takes: its hazard, day by day, from work that is over and work that is not yet.

Whoever counts only what is over takes work for faster than it is: the slow is not yet among it. So each day of
an age counts as a day at risk, for all that grew so old, and the hazard of that age is ends by days at risk,
shrunk towards that of all ages while there are few (piecewise exponential; Kaplan and Meier 1958 is its limit).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Final, NamedTuple

PRIOR_WEIGHT: Final = 8.0  # so many ends count as much as what was presumed: our assumption
AGES: Final = 150  # days told apart; what is older is as what is so old


class Spell(NamedTuple):
    """One piece of work: how many days it took, or has taken until now."""

    days: float
    is_over: bool


@dataclass(frozen=True)
class Durations:
    """What is known of one kind of work.

    Attributes:
        presumed_days: how long it takes on average, for as long as little was seen.
    """

    spells: tuple[Spell, ...]
    presumed_days: float

    def within(self, more: float, elapsed: float = 0.0, speed: float = 1.0) -> float:
        """Return the chance that it ends within so many days more, having lasted ``elapsed``."""
        return 1 - math.exp(-speed * self.between(elapsed, elapsed + more))

    def between(self, since: float, until: float) -> float:
        """Return the hazard of all ages between two: how many ends to expect if work began anew after each."""
        return self._up_to(until) - self._up_to(since) if until > since else 0.0

    def expected(self, spell: Spell) -> float:
        """Return how many ends are to be expected of a spell; in the course of its last day it was over."""
        return self.between(0.0, spell.days - 0.5 if spell.is_over else spell.days)

    def _up_to(self, age: float) -> float:
        day = min(int(age), AGES - 1)
        return self._summed[day] + (age - day) * self._hazards[day]

    @cached_property
    def _hazards(self) -> list[float]:
        ends, at_risk = [0.0] * AGES, [0.0] * AGES
        for spell in self.spells:
            last = min(max(math.ceil(spell.days) - 1, 0), AGES - 1)
            ends[last] += spell.is_over
            for day in range(last):
                at_risk[day] += 1.0
            at_risk[last] += (spell.days - last) * (
                0.5 if spell.is_over else 1.0
            )  # it ended in the course of a day
        usual = (sum(ends) + PRIOR_WEIGHT) / (sum(at_risk) + PRIOR_WEIGHT * self.presumed_days)
        return [
            (ended + PRIOR_WEIGHT * usual) / (days + PRIOR_WEIGHT)
            for ended, days in zip(ends, at_risk, strict=True)
        ]

    @cached_property
    def _summed(self) -> list[float]:
        return [*accumulate(self._hazards, initial=0.0)]


def ratio(ends: float, expected: float, usual: float = 1.0) -> float:
    """Return how much faster than expected something goes, shrunk towards what is usual."""
    return (ends + PRIOR_WEIGHT * usual) / (expected + PRIOR_WEIGHT)


def share(found: int, of: int, usual: float) -> float:
    """Return a share, shrunk towards what is usual."""
    return (found + usual * PRIOR_WEIGHT) / (of + PRIOR_WEIGHT)
