"""What was granted is valid as long as the policy says; in time the provider is reminded, and then it is over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from pipeline.casework import dashboard, explaining, issuing, overview, rehearsal, verifying
from pipeline.errors import NotFound
from tests.casework.events import SUBMITTED, admitted, at, case, verdict
from tests.casework.registers import NUMBER, granted, home_with, last_letter, look
from tests.casework.test_cases import follow, kinds
from tests.stages import System

LAST_DAY = "2027-04-20"  # 180 days after 22 October 2026
REMINDED = "2027-01-20T09:00:00+01:00"  # 90 days before, a working day


@pytest.fixture
def lasting(tmp_path: Path) -> Iterator[System]:
    """A home in which what is granted is valid for 180 days."""
    home = home_with(tmp_path, ("# valid_days = 1461 ", "valid_days = 180 "))
    yield home
    home.app.database.close()


def validity(home: System) -> list[tuple[str, str, str | None]]:
    found = case(home, "A-2026-000001")["registrations"]
    return [(one["state"], one["valid_from"], one["valid_until"]) for one in found]


def test_registration_and_letter_say_until_when_it_is_valid(lasting: System) -> None:
    number = granted(lasting)
    assert validity(lasting) == [("valid", "2026-10-22", LAST_DAY)]
    assert "Geldig tot en met: dinsdag 20 april 2027" in last_letter(lasting)
    explained = explaining.explain(lasting.app, number)
    assert (explained["same"], explained["letter"]["same"]) == (True, True)


def test_provider_is_reminded_once_in_time(lasting: System) -> None:
    number = granted(lasting)
    look(lasting, "2027-01-20T08:59:00+01:00")
    assert kinds(lasting, number)[-1] == "granted"
    for moment in (REMINDED, "2027-01-20T09:00:01+01:00", "2027-02-10T09:00:00+01:00"):
        look(lasting, moment)
        assert kinds(lasting, number)[-2:] == ["granted", "renewal_reminder"]
    assert "in het register tot en met dinsdag 20 april 2027" in last_letter(lasting)
    assert verifying.verify(lasting.app).faults == []


def test_reminder_stands_in_a_dry_run(lasting: System) -> None:
    number = granted(lasting)
    found = rehearsal.expected(lasting.app, datetime.fromisoformat("2027-06-01T00:00:00+02:00"))
    assert [(one.case, one.ring.key, one.at) for one in found] == [
        (number, "validity_90", datetime.fromisoformat(REMINDED))
    ]


def test_registration_expires_without_anybody_doing_anything(lasting: System) -> None:
    granted(lasting)
    look(lasting, f"{LAST_DAY}T23:59:00+02:00")
    assert [one["number"] for one in overview.registrations(lasting.app)] == [NUMBER]
    look(lasting, "2027-04-21T00:00:00+02:00")
    assert validity(lasting) == [("expired", "2026-10-22", LAST_DAY)]
    assert overview.registrations(lasting.app) == []
    assert dashboard.look(lasting.app).registered == 0
    with pytest.raises(NotFound):
        issuing.logo(lasting.app, NUMBER, "normal")


def test_objection_to_the_hours_leaves_the_last_day_and_its_reminder(lasting: System) -> None:
    number = granted(lasting, "5")
    assert follow(lasting, "objected", number, "2026-10-23T10:00:00+02:00", about="hours", grounds="6!") == ""
    objection = overview.cases(lasting.app)[-1]["case"]
    verdict(
        lasting, objection, "approve", "2026-10-26T10:00:00+01:00", hours={"contact": "6", "self_study": "0"}
    )
    assert validity(lasting) == [("replaced", "2026-10-22", LAST_DAY), ("valid", "2026-10-26", LAST_DAY)]
    look(lasting, REMINDED)
    assert kinds(lasting, number)[-1] == "granted"
    assert kinds(lasting, objection)[-1] == "renewal_reminder"
    assert explaining.explain(lasting.app, number)["letter"]["same"]


def test_without_an_end_there_is_nothing_to_tell(home: System) -> None:
    admitted(home)
    at(home, SUBMITTED)
    number = granted(home)
    assert validity(home) == [("valid", "2026-10-22", None)]
    assert "Geldig" not in last_letter(home)
    assert rehearsal.expected(home.app, datetime.fromisoformat("2027-06-01T00:00:00+02:00")) == []
    assert kinds(home, number)[-1] == "granted"
