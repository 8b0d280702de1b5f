"""Where a provider stands: admitted until when, suspended, withdrawn, taken over; no state of any case.

A case ends; what came of an admission goes on, and changes by what the office does or by the day.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from pipeline.domain.retention import months_later


class Standing(StrEnum):
    """Where a provider stands on a day; the values are public."""

    NOT_ADMITTED = "not_admitted"
    ADMITTED = "admitted"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    TAKEN_OVER = "taken_over"


class Act(StrEnum):
    """What the office does to an admission."""

    SUSPEND = "suspend"
    WITHDRAW = "withdraw"
    REINSTATE = "reinstate"


class Step(NamedTuple):
    """One row: what is kept of where the provider then stands, and the letter that it gets."""

    kept: Standing | None
    letter: str


# fmt: off
ACTS: Final[Mapping[tuple[Standing, Act], Step]] = MappingProxyType({
    (Standing.ADMITTED,  Act.SUSPEND):   Step(Standing.SUSPENDED, "admission_suspended"),
    (Standing.ADMITTED,  Act.WITHDRAW):  Step(Standing.WITHDRAWN, "admission_withdrawn"),
    (Standing.SUSPENDED, Act.WITHDRAW):  Step(Standing.WITHDRAWN, "admission_withdrawn"),
    (Standing.SUSPENDED, Act.REINSTATE): Step(None,               "admission_reinstated"),
    (Standing.WITHDRAWN, Act.REINSTATE): Step(None,               "admission_reinstated"),
})
# fmt: on
# Where an act leads; who stands there already needs nothing more.
LEADS_TO: Final[Mapping[Act, Standing]] = MappingProxyType(
    {Act.SUSPEND: Standing.SUSPENDED, Act.WITHDRAW: Standing.WITHDRAWN, Act.REINSTATE: Standing.ADMITTED}
)


def standing(
    *, is_admitted: bool, kept: str | None, until: date | None, is_taken_over: bool, on: date
) -> Standing:
    """Return where a provider stands on a day.

    Args:
        is_admitted: an admission of it ever took effect.
        kept: suspended or withdrawn, if the office did that; it outlasts the last day.
        until: the last day of the admission; None is without end.
    """
    if is_taken_over:
        return Standing.TAKEN_OVER
    if not is_admitted:
        return Standing.NOT_ADMITTED
    if kept is not None:
        return Standing(kept)
    return Standing.EXPIRED if until is not None and until < on else Standing.ADMITTED


def last_day(decided_on: date, months: int | None, former: date | None) -> date | None:
    """Return the last day of an admission; None is without end.

    Args:
        former: the last day of the one that it renews, after which it goes on; None where there is none.
    """
    return None if months is None else months_later(max(decided_on, former or decided_on), months)


def is_renewal(on: date, until: date | None, days: int) -> bool:
    """Say whether an application on this day renews an admission: so many days before its end, or later."""
    return until is not None and (until - on).days <= days
