"""Who reviews what: hard rules first, then an even spread; every choice says why.

All waiting cases are solved together in the order of their numbers, so that the outcome does
not depend on which of them was looked at first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from pipeline.domain.lifecycle import Kind


@dataclass(frozen=True)
class Reviewer:
    """One reviewer as the register knows them; ``load`` counts cases in the capacity window."""

    id: str
    name: str
    sectors: frozenset[str]
    categories: frozenset[str]
    employer_kvk: str | None
    capacity: int
    away_from: date | None
    away_until: date | None
    load: int

    def is_away(self, on: date) -> bool:
        """Say whether the reviewer is away on this day; both ends count."""
        since, until = self.away_from or date.min, self.away_until or date.max
        return (self.away_from is not None or self.away_until is not None) and since <= on <= until


@dataclass(frozen=True)
class Waiting:
    """One case that waits for reviewers.

    Attributes:
        about_admission: an objection to a decision on an admission, which anyone may judge too.
        places: how many more reviewers it needs.
        provider_kvks: every KvK number the provider has had, normalised.
        excluded: reviewers who may not be asked (again), each with the reason.
    """

    case_id: str
    number: str
    kind: Kind
    about_admission: bool
    sectors: frozenset[str]
    category: str | None
    places: int
    provider_kvks: frozenset[str]
    excluded: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Choice:
    """What came out for one case.

    Attributes:
        reviewers: the chosen, as many as there were places; empty when there were too few.
        why: for each chosen reviewer a sentence.
        why_not: for each other reviewer the rule that stood in the way, or the cost.
    """

    case_id: str
    reviewers: tuple[str, ...]
    why: Mapping[str, str]
    why_not: Mapping[str, str]


def solve(cases: Iterable[Waiting], reviewers: Sequence[Reviewer], on: date) -> list[Choice]:
    """Choose reviewers for every waiting case, on this local date."""
    load = {reviewer.id: reviewer.load for reviewer in reviewers}
    choices = []
    for case in sorted(cases, key=lambda waiting: waiting.number):
        choice = _choose(case, reviewers, load, on)
        for chosen in choice.reviewers:
            load[chosen] += 1
        choices.append(choice)
    return choices


def _choose(case: Waiting, reviewers: Sequence[Reviewer], load: Mapping[str, int], on: date) -> Choice:
    obstacles = {reviewer.id: obstacle(case, reviewer, load[reviewer.id], on) for reviewer in reviewers}
    able = [reviewer for reviewer in reviewers if obstacles[reviewer.id] is None]
    able.sort(key=lambda reviewer: (load[reviewer.id] / reviewer.capacity, reviewer.id))
    chosen = able[: case.places] if len(able) >= case.places else []
    why = {reviewer.id: _share(reviewer, load[reviewer.id]) for reviewer in chosen}
    why_not = {key: reason for key, reason in obstacles.items() if reason}
    why_not |= {
        reviewer.id: _share(reviewer, load[reviewer.id]) for reviewer in able if reviewer not in chosen
    }
    return Choice(case.case_id, tuple(reviewer.id for reviewer in chosen), why, why_not)


def _share(reviewer: Reviewer, load: int) -> str:
    return f"has {load} of {reviewer.capacity} cases in four weeks"


def obstacle(case: Waiting, reviewer: Reviewer, load: int, on: date) -> str | None:
    """Return the hard rule that keeps this reviewer from this case, or None."""
    if reviewer.id in case.excluded:
        return case.excluded[reviewer.id]
    if reviewer.employer_kvk and reviewer.employer_kvk in case.provider_kvks:
        return "works for the provider (KvK number)"
    anyone = case.kind is Kind.ADMISSION or case.about_admission
    if not anyone and not reviewer.sectors & case.sectors:
        return "no sector in common"
    if not anyone and case.category not in reviewer.categories:
        return "not the category of the activity"
    if reviewer.is_away(on):
        return "away"
    return "has no capacity left in these four weeks" if load >= reviewer.capacity else None
