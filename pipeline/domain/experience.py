"""What a register's own past tells of how long its reviewers and its commission take, and how often they differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from pipeline.domain.durations import Durations, Spell, ratio
from pipeline.domain.workdays import DAY, WorkDays

# What is presumed as long as little was seen; all of it our assumption.
REVIEW_DAYS: Final = 12.0
REMINDED_DAYS: Final = 5.0
DECISION_DAYS: Final = 7.0
DIFFER: Final = 0.1
UNDECIDED: Final = 0.3
RECUSED: Final = 0.03


@dataclass(frozen=True)
class Review:
    """One review that somebody was asked for; days are local.

    Attributes:
        reminded_on: the day of the first reminder, past or to come; None where there is none.
        ended_on: the day of the answer; None while there is none.
    """

    reviewer: str
    asked_on: date
    reminded_on: date | None = None
    ended_on: date | None = None


@dataclass(frozen=True)
class History:
    """What the past tells.

    Attributes:
        unreminded, reminded: how long a review takes until its reminder, and from then on.
        decisions: how long the commission takes.
        speeds: of each reviewer, how fast they are beside all: 2 is twice as fast.
        differ: the share of cases in which reviewers do not agree, so that one more is asked.
        undecided: the share of those that the commission has to decide in the end.
        recused: the share of reviews that are given back.
    """

    unreminded: Durations
    reminded: Durations
    decisions: Durations
    speeds: Mapping[str, float] = field(default_factory=dict)
    differ: float = DIFFER
    undecided: float = UNDECIDED
    recused: float = RECUSED


@dataclass(frozen=True)
class Stages:
    """One review as spells: until its reminder, and from then on."""

    reviewer: str
    first: Spell | None
    then: Spell | None


def learned(
    reviews: Sequence[Review],
    decisions: Iterable[tuple[date, date | None]],
    today: date,
    closed: Callable[[date], float],
) -> History:
    """Return what reviews and decisions (from when, until when) tell; shares are left as presumed."""
    days = WorkDays(today, closed)
    stages = [_stages(one, days) for one in reviews]
    unreminded = Durations(tuple(one.first for one in stages if one.first), REVIEW_DAYS)
    reminded = Durations(tuple(one.then for one in stages if one.then), REMINDED_DAYS)
    decided = tuple(_spell(since, until, days) for since, until in decisions)
    return History(
        unreminded,
        reminded,
        Durations(decided, DECISION_DAYS),
        speeds(stages, unreminded, reminded),
    )


def _stages(one: Review, days: WorkDays) -> Stages:
    """Split a review at the end of the day before its reminder."""
    split, until = one.reminded_on and max(one.reminded_on - DAY, one.asked_on), one.ended_on
    if split is None or (until or days.today - DAY) <= split:
        return Stages(one.reviewer, _spell(one.asked_on, until, days), None)
    return Stages(one.reviewer, _spell(one.asked_on, split, days, is_over=False), _spell(split, until, days))


def _spell(since: date, until: date | None, days: WorkDays, *, is_over: bool = True) -> Spell:
    """Return what there is to learn until schools close: from then on nobody knows who was on leave."""
    last = until or days.today - DAY
    closes = days.first_closed(since, last)
    if closes is not None:
        return Spell(float((closes - since).days - 1), is_over=False)
    return Spell(float(max((last - since).days, 0)), is_over and until is not None)


def speeds(stages: Iterable[Stages], unreminded: Durations, reminded: Durations) -> dict[str, float]:
    """Return how fast each reviewer answers: ends, by how many are to be expected of what they were asked."""
    ends: dict[str, int] = defaultdict(int)
    expected: dict[str, float] = defaultdict(float)
    for one in stages:
        for spell, usual in _each(one, unreminded, reminded):
            ends[one.reviewer] += spell.is_over
            expected[one.reviewer] += usual.expected(spell)
    return {who: ratio(ends[who], expected[who]) for who in expected}


def _each(one: Stages, unreminded: Durations, reminded: Durations) -> Iterator[tuple[Spell, Durations]]:
    if one.first:
        yield one.first, unreminded
    if one.then:
        yield one.then, reminded
