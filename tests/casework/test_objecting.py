"""An objection brings at most a new version under the same number; it is about the decision, or the hours alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from pipeline.casework import overview
from pipeline.mail.smtp import Permanent
from pipeline.store import tables
from tests.casework.events import at, case, verdict
from tests.casework.registers import NUMBER, last_letter
from tests.casework.registers import registered as in_the_register
from tests.casework.test_cases import follow
from tests.stages import System

CASE, OBJECTION = "A-2026-000001", "B-2026-000001"


@pytest.fixture
def contested(tmp_path: Path) -> Iterator[System]:
    """A home in which 4 of 6 hours were granted, and an objection is about those hours."""
    home = in_the_register(tmp_path, contact="4")
    at(home, "2026-10-23T10:00:00+02:00")
    told = {"about": "hours", "grounds": "De voorbereiding telt niet mee."}
    assert follow(home, "objected", CASE, "2026-10-23T10:00:00+02:00", **told) == ""
    yield home
    home.app.database.close()


def judge(home: System, said: str, contact: str | None = None) -> str:
    """Let the objection be judged and return its result."""
    hours = None if contact is None else {"contact": contact, "self_study": "0"}
    verdict(home, OBJECTION, said, "2026-10-26T10:00:00+01:00", hours=hours)
    result: str = case(home, OBJECTION)["result"]
    return result


def stands(home: System) -> list[tuple[str, int, str, str]]:
    found = case(home, CASE)["registrations"]
    return [(one["number"], one["version"], one["state"], one["hours"]["total"]) for one in found]


def logos(home: System) -> list[bytes]:
    with home.app.database.reading() as connection:
        return list(connection.execute(select(tables.logos.c.png).order_by(tables.logos.c.version)).scalars())


def test_partly_founded_brings_a_new_version_and_logo_under_the_same_number(contested: System) -> None:
    assert judge(contested, "approve", "5") == "partly_founded"
    assert stands(contested) == [(NUMBER, 1, "replaced", "4"), (NUMBER, 2, "valid", "5")]
    assert len(set(logos(contested))) == 2
    assert "Uw bezwaar is gedeeltelijk gegrond." in last_letter(contested)
    assert "Vervang het eerdere logo" in last_letter(contested)


def test_founded_grants_the_hours_that_were_asked(contested: System) -> None:
    assert judge(contested, "approve", "6") == "founded"
    assert stands(contested)[-1] == (NUMBER, 2, "valid", "6")
    assert case(contested, CASE)["hours_granted"]["total"] == "6"


def test_unfounded_leaves_number_hours_and_logo(contested: System) -> None:
    assert judge(contested, "reject") == "unfounded"
    assert stands(contested) == [(NUMBER, 1, "valid", "4")]
    assert len(logos(contested)) == 1
    assert "Wij blijven bij het aantal uren." in last_letter(contested)


def test_new_version_is_read_by_nobody_until_its_letter_is_sent(contested: System) -> None:
    contested.mailer.faults = [Permanent("550 no such box")]
    assert judge(contested, "approve", "5") == "partly_founded"
    assert [one[2] for one in stands(contested)] == ["valid", "pending"]
    assert overview.registrations(contested.app)[0]["hours"]["total"] == "4"


def test_objection_is_judged_by_somebody_else_within_its_own_term(contested: System) -> None:
    first = {one["reviewer"] for one in case(contested, CASE)["assignments"]}
    assert not first & set(case(contested, OBJECTION)["reviewers"])
    assert case(contested, OBJECTION)["due_on"] == "2026-12-04"  # 42 days, school holidays counted
