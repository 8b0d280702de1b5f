"""How a registration stands on a day follows from what was done to it and from the day."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.domain.registrations import last_day, status

UNTIL = date(2030, 11, 27)


@pytest.mark.parametrize(
    ("state", "until", "ended_on", "today", "stands"),
    [
        ("pending", UNTIL, None, date(2026, 11, 27), "pending"),
        ("valid", None, None, date(2126, 11, 27), "valid"),  # without end
        ("valid", UNTIL, None, UNTIL, "valid"),  # its last day
        ("valid", UNTIL, None, date(2030, 11, 28), "expired"),  # nobody wrote anything
        ("replaced", UNTIL, date(2027, 1, 4), date(2030, 11, 28), "replaced"),
        ("revoked", UNTIL, date(2027, 1, 4), date(2027, 1, 3), "valid"),  # revoked from a later day on
        ("revoked", UNTIL, date(2027, 1, 4), date(2027, 1, 4), "revoked"),
        ("revoked", date(2027, 1, 1), date(2027, 1, 4), date(2027, 1, 2), "expired"),  # before that day came
    ],
)
def test_registration_stands_as_its_day_says(
    state: str, until: date | None, ended_on: date | None, today: date, stands: str
) -> None:
    assert status(state, until, ended_on, today) == stands


def test_last_day_is_counted_from_the_decision_and_may_never_come() -> None:
    assert last_day(date(2026, 11, 27), 1461) == UNTIL
    assert last_day(date(2026, 11, 27), None) is None
