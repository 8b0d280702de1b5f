"""Where a provider stands follows from what the office did and from the day."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from pipeline.domain.admissions import ACTS, LEADS_TO, Act, Standing, is_renewal, last_day, standing
from pipeline.domain.lifecycle import RECIPIENTS

UNTIL = date(2030, 10, 6)
PLAIN: dict[str, Any] = {"is_admitted": True, "kept": None, "until": UNTIL, "is_taken_over": False}


@pytest.mark.parametrize(
    ("changes", "on", "stands"),
    [
        ({"is_admitted": False, "until": None}, UNTIL, Standing.NOT_ADMITTED),
        ({}, UNTIL, Standing.ADMITTED),
        ({}, date(2030, 10, 7), Standing.EXPIRED),
        ({"until": None}, date(2099, 1, 1), Standing.ADMITTED),
        ({"kept": "suspended"}, date(2030, 10, 7), Standing.SUSPENDED),
        ({"kept": "withdrawn"}, UNTIL, Standing.WITHDRAWN),
        ({"kept": "withdrawn", "is_taken_over": True}, UNTIL, Standing.TAKEN_OVER),
    ],
)
def test_provider_stands_where_the_office_or_else_the_day_put_it(
    changes: dict[str, Any], on: date, stands: Standing
) -> None:
    assert standing(**{**PLAIN, **changes}, on=on) is stands


@pytest.mark.parametrize(
    ("decided_on", "months", "former", "until"),
    [
        (date(2026, 10, 6), 48, None, date(2030, 10, 6)),
        (date(2024, 2, 29), 12, None, date(2025, 2, 28)),
        (date(2030, 9, 1), 48, UNTIL, date(2034, 10, 6)),  # in time: it goes on where the other ends
        (date(2031, 1, 15), 48, UNTIL, date(2035, 1, 15)),  # too late: from the decision
        (date(2026, 10, 6), None, UNTIL, None),
    ],
)
def test_admission_lasts_so_many_months_and_a_renewal_goes_on_after_it(
    decided_on: date, months: int | None, former: date | None, until: date | None
) -> None:
    assert last_day(decided_on, months, former) == until


def test_application_renews_from_so_many_days_before_the_end_on() -> None:
    days = (date(2030, 6, 7), date(2030, 6, 8), UNTIL, date(2031, 1, 1))
    assert [is_renewal(on, UNTIL, 120) for on in days] == [False, True, True, True]
    assert not is_renewal(UNTIL, None, 120)


def test_each_act_leads_where_it_says_and_tells_the_provider() -> None:
    for (_, act), step in ACTS.items():
        assert (step.kept or Standing.ADMITTED) is LEADS_TO[act]
        assert RECIPIENTS[step.letter] == "provider"
    assert {act for _, act in ACTS} == set(Act)
