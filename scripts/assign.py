"""What it takes to assign reviewers to thousands of waiting cases; prints seconds as JSON. Run by ``scripts/bench``."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import date, timedelta
from random import Random  # noqa: TID251 -- made-up people, the same each time
from typing import Any

from pipeline.domain.assignment import Round, solve
from pipeline.domain.eligibility import Reviewer, Waiting
from pipeline.domain.explanation import explain
from pipeline.domain.lifecycle import Kind
from pipeline.domain.policy import Assigning

TODAY = date(2026, 11, 24)
SECTORS, CATEGORIES = ("po", "vo", "mbo", "so"), ("subject", "didactic", "pedagogic", "general")
CASES, REVIEWERS = 5_000, 500
ROOMY, SCARCE = 25, 8  # capacity: enough for all, and for a third of them


def reviewer(number: int, capacity: int, dice: Random) -> Reviewer:
    """Return a reviewer; one in five goes on leave."""
    away = TODAY + timedelta(dice.randint(-5, 20)) if dice.random() < 0.2 else None
    return Reviewer(
        id=f"r{number:03d}",
        name=f"Reviewer {number}",
        sectors=frozenset(dice.sample(SECTORS, dice.randint(1, 3))),
        categories=frozenset(dice.sample(CATEGORIES, dice.randint(1, 3))),
        employer_kvk=str(90_000_000 + number),
        capacity=capacity + dice.randint(-2, 2),
        away_from=away,
        away_until=away and away + timedelta(dice.randint(5, 25)),
        load=dice.randint(0, 2),
        domain=f"school{number}.example",
        earlier_kvks=frozenset(),
        interest_kvks=frozenset() if dice.random() < 0.5 else None,
    )


def waiting(number: int, dice: Random) -> Waiting:
    """Return a case of one of a thousand providers; one in twenty is a resubmission."""
    due_on = TODAY + timedelta(dice.randint(1, 42))
    return Waiting(
        case_id=f"c{number}",
        number=f"A-2026-{number:06d}",
        kind=Kind.ACTIVITY,
        about_admission=False,
        sectors=frozenset(dice.sample(SECTORS, dice.randint(1, 2))),
        category=dice.choice(CATEGORIES),
        places=2 if dice.random() < 0.9 else 1,
        provider_kvks=frozenset({str(90_000_000 + dice.randrange(1_000))}),
        due_on=due_on,
        review_by=min(due_on, TODAY + timedelta(21)),
        earlier_round=frozenset({_someone(dice), _someone(dice)}) if dice.random() < 0.05 else frozenset(),
        met={_someone(dice): dice.randint(1, 5) for _ in range(dice.randint(0, 8))},
    )


def _someone(dice: Random) -> str:
    return f"r{dice.randrange(REVIEWERS):03d}"


def solved(cases: int, capacity: int) -> tuple[Round, float]:
    """Solve a round, and return it with the seconds that took."""
    dice = Random(cases)  # noqa: S311 -- made-up people
    people = [reviewer(number, capacity, dice) for number in range(REVIEWERS)]
    made = [waiting(number, dice) for number in range(cases)]
    return timed(lambda: solve(made, people, TODAY, Assigning()))


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """Return what a work comes to, and the seconds that it took."""
    start = time.perf_counter()
    return work(), time.perf_counter() - start


def main() -> None:
    """Measure and print."""
    solved(100, ROOMY)  # what is done once is done
    few, few_seconds = solved(CASES // 10, ROOMY)
    many, seconds = solved(CASES, ROOMY)
    scarce, scarce_seconds = solved(CASES, SCARCE)
    some = [case.case_id for case in many.cases[:: CASES // 100]]
    _, explaining = timed(lambda: [explain(many, case) for case in some])
    print(
        json.dumps(
            {
                "few_seconds": few_seconds,
                "seconds": seconds,
                "scarce_seconds": scarce_seconds,
                "explain_ms": explaining * 1000 / len(some),
                "served": sum(map(bool, many.seated)),
                "scarce_served": sum(map(bool, scarce.seated)),
                "few_served": sum(map(bool, few.seated)),
            }
        )
    )


if __name__ == "__main__":
    main()
