"""How a date was counted, in words that a provider reads."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.domain.calendar import Calendar
from pipeline.domain.policy import Region
from pipeline.domain.terms import Ledger, Pause, explain, runs
from pipeline.settings import load_calendar
from tests.domain.readme import CONFIG
from tests.mail.samples import body, facts, letter


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    return load_calendar(CONFIG / "calendar")


def told(calendar: Calendar, received_on: date, days: int, region: Region, *pauses: Pause) -> str:
    """Return what a confirmation says between the date and the closing words."""
    ledger = Ledger(received_on, days, region, pauses)
    term = {"days": days, "region": region, "runs": tuple(runs(explain(ledger, calendar)))}
    text = body(letter("confirmation", facts("confirmation", term=term)))
    return text.split("2026.\n\n")[-1].split("\n\nU hoeft nu niets")[0]


def test_holidays_are_named_with_their_days_and_region(calendar: Calendar) -> None:
    assert told(calendar, date(2026, 12, 18), 42, "zuid") == (
        "Wij hebben zes weken om te beslissen, gerekend vanaf de dag na ontvangst. Deze dagen tellen niet mee:\n\n"
        "- 19 december 2026 tot en met 3 januari 2027: kerstvakantie (regio Zuid);\n"
        "- 13 tot en met 21 februari 2027: voorjaarsvakantie (regio Zuid)."
    )


def test_end_on_a_holiday_is_named_with_what_follows(calendar: Calendar) -> None:
    assert told(calendar, date(2026, 12, 18), 14, "none") == (
        "Wij hebben twee weken om te beslissen, gerekend vanaf de dag na ontvangst.\n\n"
        "De laatste dag valt op vrijdag 1 januari 2027, Nieuwjaarsdag. Daarom wordt het de eerstvolgende werkdag."
    )


def test_holiday_in_any_region_and_days_of_waiting_are_told_apart(calendar: Calendar) -> None:
    waited = Pause(date(2026, 10, 5), date(2026, 10, 19), date(2026, 10, 12))
    lines = told(calendar, date(2026, 10, 5), 20, "union", waited).splitlines()
    assert lines[0].startswith("Wij hebben 20 dagen om te beslissen")
    assert lines[2:4] == [
        "- 6 tot en met 11 oktober 2026: wij wachtten op uw aanvulling;",
        "- 12 tot en met 25 oktober 2026: herfstvakantie (in een of meer regio’s).",
    ]
