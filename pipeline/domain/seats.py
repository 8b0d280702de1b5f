"""When reviewers who can take a case will be free, given what they were asked and when they are away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from pipeline.domain.assignment import Reviewer, Waiting, obstacle


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
    ) -> None:
        self._reviewers = reviewers
        self._asked = {one.id: sorted(asked.get(one.id, ())) for one in reviewers}
        self._window = window
        self._today = today

    def able(self, case: Waiting) -> list[tuple[date, Reviewer]]:
        """Return who may review a case, with the day from which they can; the soonest first."""
        found = [(self.free_on(one), one) for one in self._reviewers if _may(case, one, self._today)]
        return sorted(found, key=lambda pair: (pair[0], pair[1].id))

    def take(self, case: Waiting) -> list[tuple[date, Reviewer]]:
        """Give a case the seats that are free soonest; fewer than it needs where so many cannot be found."""
        chosen = self.able(case)[: case.places]
        for day, reviewer in chosen:
            self._asked[reviewer.id] = sorted([*self._asked[reviewer.id], day])
        return chosen

    def free_on(self, reviewer: Reviewer) -> date:
        """Return the first day on which a reviewer has capacity and is there."""
        asked, over = self._asked[reviewer.id], len(self._asked[reviewer.id]) - reviewer.capacity
        day = self._today if over < 0 else max(self._today, asked[over] + self._window)
        if reviewer.is_away(day):
            day = (reviewer.away_until or date.max - timedelta(days=1)) + timedelta(days=1)
        return day


def _may(case: Waiting, reviewer: Reviewer, today: date) -> bool:
    """Say whether nothing but leave and load stands in the way."""
    return obstacle(case, replace(reviewer, away_from=None, away_until=None), 0, today) is None
