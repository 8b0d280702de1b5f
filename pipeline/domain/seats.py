"""When the cases that wait for reviewers will get theirs: the rule of assignment, played forward day by day.

A reviewer's capacity comes free as what they were asked leaves the window, and with the end of their leave. As in
``assignment`` the most urgent case goes first and gets all that it lacks on one day or nobody; of those who may, the
least loaded are asked. What else makes one a better choice decides who is asked, hardly when: it is left out here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

from pipeline.domain.eligibility import Panel, Reviewer, Rule, Waiting, places
from pipeline.domain.policy import Assigning
from pipeline.domain.weighing import Weighing, of_load
from pipeline.domain.workdays import DAY

FURTHEST: Final = 120  # days ahead that are played


class Seat(NamedTuple):
    """Who will be asked, and when."""

    day: date
    reviewer: Reviewer


class Seats:
    """The capacity of all reviewers, which waiting cases take up in turn.

    Args:
        asked: for each reviewer the days in the capacity window on which they were asked.
        window: days after which such a day counts no more.
    """

    def __init__(
        self,
        reviewers: Sequence[Reviewer],
        asked: Mapping[str, Sequence[date]],
        window: timedelta,
        today: date,
        rules: Assigning,
    ) -> None:
        self._panel = Panel(reviewers, today, rules)
        self._weighing = Weighing(self._panel, today, rules)
        self._rules = rules
        self._reviewers = self._panel.reviewers
        self._asked = {one.id: sorted(asked.get(one.id, ())) for one in reviewers}
        self._window = window
        self._today = today

    def able(self, case: Waiting) -> list[Seat]:
        """Return who may review a case, with the day from which they can; who would be asked first comes first."""
        costs = self._weighing.of(case)

        def rank(place: int) -> tuple[date, int, int]:
            one = self._reviewers[place]
            day = self.free_on(one)
            return day, self._share(one, day)[0] + int(costs[place]), place

        ranked = sorted(map(rank, places(self._panel.able(case, but_for=(Rule.AWAY, Rule.CAPACITY)))))
        return [Seat(day, self._reviewers[place]) for day, _, place in ranked]

    def _fit(self, case: Waiting) -> list[Reviewer]:
        """Return those in whose way nothing stands but leave and load."""
        fit = self._panel.able(case, but_for=(Rule.AWAY, Rule.CAPACITY))
        return [self._reviewers[place] for place in places(fit)]

    def soonest(self, case: Waiting) -> date | None:
        """Return the first day on which one reviewer can take a case; None where nobody is in sight."""
        return min(map(self.free_on, self._fit(case)), default=None)

    def settle(self, waiting: Iterable[tuple[date, Waiting]]) -> dict[str, list[Seat]]:
        """Give cases, each from a day on, their seats; those for whom there are none in sight stay out."""
        left = [(since, case, self._fit(case)) for since, case in waiting]
        left.sort(key=lambda one: one[1].urgency)
        found: dict[str, list[Seat]] = {}
        for count in range(FURTHEST):
            if not left:
                break
            day = self._today + DAY * count
            free = {one.id for one in self._reviewers if self._is_free(one, day)}
            for since, case, fit in left:
                if since <= day and (chosen := self._chosen(case, fit, free, day)):
                    found[case.case_id] = [Seat(day, one) for one in chosen]
                    free -= {one.id for one in chosen if not self._is_free(one, day)}
            left = [one for one in left if one[1].case_id not in found]
        return found

    def _chosen(self, case: Waiting, fit: list[Reviewer], free: set[str], day: date) -> list[Reviewer]:
        """Ask those with the least to do, if there are enough of them."""
        able = [one for one in fit if one.id in free]
        if len(able) < case.places:
            return []
        able.sort(key=lambda one: self._share(one, day))
        for one in able[: case.places]:
            self._asked[one.id].append(day)
        return able[: case.places]

    def _is_free(self, reviewer: Reviewer, day: date) -> bool:
        return not reviewer.is_away(day) and self._load(reviewer, day) < reviewer.capacity

    def _share(self, reviewer: Reviewer, day: date) -> tuple[int, str]:
        return of_load(reviewer, self._load(reviewer, day) + 1, self._rules), reviewer.id

    def _load(self, reviewer: Reviewer, day: date) -> int:
        return sum(day - self._window < one <= day for one in self._asked[reviewer.id])

    def free_on(self, reviewer: Reviewer) -> date:
        """Return the first day on which a reviewer has capacity and is there."""
        asked, over = self._asked[reviewer.id], len(self._asked[reviewer.id]) - reviewer.capacity
        day = self._today if over < 0 else max(self._today, asked[over] + self._window)
        if reviewer.is_away(day):
            day = (reviewer.away_until or date.max - timedelta(days=1)) + timedelta(days=1)
        return day
