"""Who may review what: the hard rules, for all reviewers at once.

Reviewers stand on a panel in the order of their ids; a set of them is a whole number with a bit for each
place, so that what a rule says of hundreds costs as little as what it says of one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from pipeline.domain.lifecycle import Kind
from pipeline.domain.policy import Assigning


class Rule(StrEnum):
    """What keeps a reviewer from a case, in the order in which it is named first; the values are public."""

    FIRST_ROUND = "first_round"  # an objection needs somebody who had no part in the decision
    ASKED_BEFORE = "asked_before"
    EMPLOYER = "employer"
    EARLIER_EMPLOYER = "earlier_employer"
    INTEREST = "interest"
    MAIL_DOMAIN = "mail_domain"
    UNCONFIRMED = "unconfirmed"
    SECTOR = "sector"
    CATEGORY = "category"
    AWAY = "away"
    CAPACITY = "capacity"
    TAKEN = "taken"  # what capacity they had went to other cases of the same round


class Fact(StrEnum):
    """What we may not know of a reviewer: then they are asked, or may not review, as policy says."""

    EMPLOYER = "employer"
    EARLIER_EMPLOYERS = "earlier_employers"
    INTERESTS = "interests"


@dataclass(frozen=True)
class Reviewer:
    """One reviewer as the register knows them.

    Attributes:
        employer_kvk: None where it is not known, empty where they have no employer with a number.
        load: cases in the capacity window.
        domain: of their mail address, in lower case.
        earlier_kvks: KvK numbers of those they worked for before; None where that is not known.
        interest_kvks: of providers in which they have an interest, as they declared; None where they did not.
    """

    id: str
    name: str
    sectors: frozenset[str]
    categories: frozenset[str]
    employer_kvk: str | None
    capacity: int
    away_from: date | None
    away_until: date | None
    load: int
    domain: str = ""
    earlier_kvks: frozenset[str] | None = None
    interest_kvks: frozenset[str] | None = None

    def is_away(self, on: date) -> bool:
        """Say whether the reviewer is away on this day; both ends count."""
        since, until = self.away_from or date.min, self.away_until or date.max
        return (self.away_from is not None or self.away_until is not None) and since <= on <= until

    def unconfirmed(self) -> tuple[Fact, ...]:
        """Return what is not known of them that could tie them to a provider."""
        known = (self.employer_kvk, self.earlier_kvks, self.interest_kvks)
        return tuple(fact for fact, value in zip(Fact, known, strict=True) if value is None)


@dataclass(frozen=True)
class Waiting:
    """One case that waits for reviewers.

    Attributes:
        about_admission: an objection to a decision on an admission, which anyone may judge too.
        places: how many more reviewers it needs.
        provider_kvks: every KvK number the provider has had, normalised.
        excluded: reviewers who may not be asked (again), each with the rule.
        due_on: the last day of its term; the sooner that is, the sooner it gets its reviewers.
        review_by: the day by which a reviewer who is asked today answers.
        provider_domain: of the mail address of the provider's contact, in lower case.
        earlier_round: who judged the round that this case follows on.
        met: how often each reviewer was asked about this provider of late.
    """

    case_id: str
    number: str
    kind: Kind
    about_admission: bool
    sectors: frozenset[str]
    category: str | None
    places: int
    provider_kvks: frozenset[str]
    excluded: Mapping[str, Rule] = field(default_factory=dict)
    due_on: date | None = None
    review_by: date | None = None
    provider_domain: str = ""
    earlier_round: frozenset[str] = frozenset()
    met: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_for_anyone(self) -> bool:
        """Whether it takes no sector or category to judge."""
        return self.kind is Kind.ADMISSION or self.about_admission

    @property
    def urgency(self) -> tuple[date, str]:
        """The order in which cases get their reviewers: fewest days left first, then by number."""
        return self.due_on or date.max, self.number


def domain_of(address: str | None) -> str:
    """Return the domain of a mail address as it is compared; empty where there is none."""
    return (address or "").rpartition("@")[2].strip().casefold()


def tie(reviewer: Reviewer, kvks: frozenset[str]) -> Rule | None:
    """Return which known fact ties a reviewer to the provider with these KvK numbers."""
    ties = {
        Rule.EMPLOYER: {reviewer.employer_kvk or ""},
        Rule.EARLIER_EMPLOYER: reviewer.earlier_kvks or frozenset(),
        Rule.INTEREST: reviewer.interest_kvks or frozenset(),
    }
    return next((rule for rule, theirs in ties.items() if kvks & theirs), None)


class Panel:
    """All reviewers on one day, and what each rule says of them.

    Attributes:
        reviewers: in the order of their ids; a place in it is a bit of every set.
        everyone: the set of them all.
    """

    def __init__(self, reviewers: Iterable[Reviewer], on: date, rules: Assigning) -> None:
        self.reviewers: Final[Sequence[Reviewer]] = sorted(reviewers, key=lambda one: one.id)
        self.everyone: Final = (1 << len(self.reviewers)) - 1
        self._rules = rules
        self._public = {domain.casefold() for domain in rules.public_domains}
        self._places = {one.id: place for place, one in enumerate(self.reviewers)}
        self._by_kvk = {
            Rule.EMPLOYER: self._indexed(lambda one: [one.employer_kvk or ""]),
            Rule.EARLIER_EMPLOYER: self._indexed(lambda one: one.earlier_kvks or ()),
            Rule.INTEREST: self._indexed(lambda one: one.interest_kvks or ()),
        }
        self._by_domain = self._indexed(lambda one: [one.domain])
        self._by_sector = self._indexed(lambda one: one.sectors)
        self._by_category = self._indexed(lambda one: one.categories)
        self._away = self.those(lambda one: one.is_away(on))
        self._full = self.those(lambda one: one.load >= one.capacity)
        self._unconfirmed = self.those(lambda one: bool(one.unconfirmed()))

    def _indexed(self, keys: Callable[[Reviewer], Iterable[str]]) -> Mapping[str, int]:
        found: dict[str, int] = defaultdict(int)
        for place, one in enumerate(self.reviewers):
            for key in keys(one):
                found[key] |= 1 << place
        return found

    def those(self, fits: Callable[[Reviewer], bool]) -> int:
        """Return the set of the reviewers whom this fits."""
        return sum(1 << place for place, one in enumerate(self.reviewers) if fits(one))

    def place(self, key: str) -> int | None:
        """Return the place of the reviewer with this id, if they are on the panel."""
        return self._places.get(key)

    def named(self, ids: Iterable[str]) -> int:
        """Return the set of the reviewers with these ids, as far as they are on the panel."""
        return sum(1 << self._places[one] for one in set(ids) if one in self._places)

    def ids(self, those: int) -> list[str]:
        """Return the ids of a set."""
        return [self.reviewers[place].id for place in places(those)]

    def obstacles(self, case: Waiting) -> dict[Rule, int]:
        """Return for each rule that stands in somebody's way in whose, be there another in their way or not."""
        found = {
            Rule.FIRST_ROUND: self._excluded(case, Rule.FIRST_ROUND),
            Rule.ASKED_BEFORE: self._excluded(case, Rule.ASKED_BEFORE),
            **{rule: _any(index, case.provider_kvks - {""}) for rule, index in self._by_kvk.items()},
            Rule.MAIL_DOMAIN: self._same_domain(case.provider_domain),
            Rule.UNCONFIRMED: self._unconfirmed if self._rules.unconfirmed == "refuse" else 0,
            **({} if case.is_for_anyone else self._strangers(case)),
            Rule.AWAY: self._away,
            Rule.CAPACITY: self._full,
        }
        return {rule: those for rule, those in found.items() if those}

    def able(self, case: Waiting, *, but_for: Iterable[Rule] = ()) -> int:
        """Return the set of those in whose way nothing stands but these rules."""
        left = self.everyone
        for rule, those in self.obstacles(case).items():
            if rule not in but_for:
                left &= ~those
        return left

    def _excluded(self, case: Waiting, rule: Rule) -> int:
        return self.named(key for key, why in case.excluded.items() if why is rule)

    def _same_domain(self, domain: str) -> int:
        is_told = domain and domain not in self._public
        return self._by_domain.get(domain, 0) if is_told else 0

    def _strangers(self, case: Waiting) -> dict[Rule, int]:
        return {
            Rule.SECTOR: self.everyone & ~_any(self._by_sector, case.sectors),
            Rule.CATEGORY: self.everyone & ~self._by_category.get(case.category or "", 0),
        }


def obstacle(case: Waiting, reviewer: Reviewer, on: date, rules: Assigning) -> Rule | None:
    """Return the first hard rule that keeps this reviewer from this case, or None."""
    return next(iter(Panel([reviewer], on, rules).obstacles(case)), None)


def _any(index: Mapping[str, int], keys: Iterable[str]) -> int:
    found = 0
    for key in keys:
        found |= index.get(key, 0)
    return found


def places(those: int) -> Iterator[int]:
    """Yield the places of a set, the lowest first."""
    while those:
        lowest = those & -those
        yield lowest.bit_length() - 1
        those ^= lowest
