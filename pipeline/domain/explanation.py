"""Why these reviewers and not others: what stood in whose way, what who would have cost, what would change it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pipeline.domain.assignment import Round
from pipeline.domain.eligibility import Fact, Rule, Waiting, places
from pipeline.domain.weighing import of_load

if TYPE_CHECKING:
    from pipeline.domain.weighing import Points

NEAREST: Final = 5  # of those who might have been asked too that are told with all their costs

Price = Mapping[
    str, int
]  # points by reason, which is the name of a weight in the policy; none that are nothing


@dataclass(frozen=True)
class Other:
    """Somebody who might have been asked in the place of a chosen one: at how many points more, for each reason."""

    instead_of: str
    more: Price


@dataclass(frozen=True)
class Explanation:
    """What came out for one case, and why; reviewers by id.

    Attributes:
        why: for each chosen reviewer what they cost.
        confirm: for each chosen reviewer what has to be asked of them, since it is not known.
        why_not: for each rule those in whose way it stood first.
        nearest: of the others those who would have cost least more.
        others: those who might have been asked as well, in the order of their ids.
        gains: where nobody was chosen: for each rule whom the case would gain if that rule alone did not hold.
    """

    why: Mapping[str, Price]
    confirm: Mapping[str, Sequence[Fact]]
    why_not: Mapping[Rule, Sequence[str]]
    nearest: Mapping[str, Other]
    others: Sequence[str]
    gains: Mapping[Rule, Sequence[str]]

    @property
    def in_the_way(self) -> Rule | None:
        """The rule without which most would be gained; of equals the one that passes sooner."""
        if self.why or not self.why_not:
            return None
        order = list(Rule)
        return max(
            self.why_not,
            key=lambda rule: (len(self.gains.get(rule, ())), len(self.why_not[rule]), order.index(rule)),
        )

    def told(self) -> dict[str, Any]:
        """Return it as the journal keeps it; keys are as docs/json.md names them."""
        nearest = {key: {"instead_of": one.instead_of, "more": one.more} for key, one in self.nearest.items()}
        told = {
            "why": self.why,
            "confirm": {key: list(facts) for key, facts in self.confirm.items()},
            "why_not": {rule.value: ids for rule, ids in self.why_not.items()},
            "nearest": nearest,
            "others": self.others,
            "gains": {rule.value: ids for rule, ids in self.gains.items()},
        }
        return {name: value for name, value in told.items() if value}


def explain(solved: Round, case_id: str) -> Explanation:
    """Explain what came out of a round for one of its cases."""
    return _Look(solved, case_id).explained()


class _Look:
    """One case of a round."""

    def __init__(self, solved: Round, case_id: str) -> None:
        at = solved.place_of[case_id]
        self._solved, self._panel = solved, solved.panel
        self._case: Waiting = solved.cases[at]
        self._seats = solved.seated[at]
        self._parts: Mapping[str, Points] = solved.weighing.parts(self._case)
        self._obstacles = {**self._panel.obstacles(self._case), Rule.TAKEN: self._taken(solved.able[at])}

    def explained(self) -> Explanation:
        people = self._panel.reviewers
        left = self._panel.everyone & ~sum(1 << seat for seat in self._seats)
        why_not = {}
        for rule, those in self._obstacles.items():
            if those & left:
                why_not[rule] = self._panel.ids(those & left)
            left &= ~those
        confirm = {people[seat].id: people[seat].unconfirmed() for seat in self._seats}
        nearest = self._nearest(left)
        return Explanation(
            why={people[seat].id: self._price(seat, 0) for seat in self._seats},
            confirm={key: facts for key, facts in confirm.items() if facts},
            why_not=why_not,
            nearest=nearest,
            others=[key for key in self._panel.ids(left) if key not in nearest],
            gains={} if self._seats else self._gains(),
        )

    def _taken(self, able: int) -> int:
        """Return those whose last places went to other cases."""
        people, given = self._panel.reviewers, self._solved.given
        full = (at for at in places(able) if people[at].load + given[at] >= people[at].capacity)
        return sum(1 << at for at in full if at not in self._seats)

    def _gains(self) -> dict[Rule, list[str]]:
        found = {}
        for rule, those in self._obstacles.items():
            besides = (theirs for other, theirs in self._obstacles.items() if other is not rule)
            found[rule] = self._panel.ids(those & ~_all_of(besides))
        return {rule: ids for rule, ids in found.items() if ids}

    def _price(self, seat: int, more: int) -> Price:
        """Return what a reviewer costs for this case, with so many cases more than they got."""
        one = self._panel.reviewers[seat]
        load = of_load(one, one.load + self._solved.given[seat] + more, self._solved.rules)
        parts = {"load": load, **{name: int(points[seat]) for name, points in self._parts.items()}}
        return _without_nothing(parts)

    def _nearest(self, left: int) -> dict[str, Other]:
        """Return who would have cost least more in the place of the dearest who was chosen, if nothing else changed."""
        if not self._seats:
            return {}
        people = self._panel.reviewers
        dearest = max(self._seats, key=lambda seat: (sum(self._price(seat, 0).values()), seat))
        had, instead_of = self._price(dearest, 0), people[dearest].id
        rated = [(_more(self._price(seat, 1), had), seat) for seat in places(left)]
        rated.sort(key=lambda pair: (sum(pair[0].values()), pair[1]))
        return {people[seat].id: Other(instead_of, more) for more, seat in rated[:NEAREST]}


def _all_of(sets: Iterable[int]) -> int:
    found = 0
    for those in sets:
        found |= those
    return found


def _more(one: Price, other: Price) -> Price:
    names = [*one, *(name for name in other if name not in one)]
    return _without_nothing({name: one.get(name, 0) - other.get(name, 0) for name in names})


def _without_nothing(parts: Price) -> Price:
    return {name: points for name, points in parts.items() if points}
