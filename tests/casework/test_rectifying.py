"""What the register itself got wrong is put right: a new version, its logo, a letter, and the reason in the journal."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from pipeline.casework import explaining, issuing, overview, rectifying, verifying
from pipeline.casework.rectifying import Right
from pipeline.domain.hours import Hours
from pipeline.errors import NotFound, UsageError
from pipeline.store import tables
from tests.casework.events import at, case
from tests.casework.registers import NUMBER, last_letter
from tests.casework.registers import registered as in_the_register
from tests.casework.test_cases import approve, follow, kinds
from tests.stages import System

CASE = "A-2026-000001"
BY = "Tom de Wit"
REASON = "Wij namen de uren van een andere activiteit over."
TITLE = "Rekenen in groep 3"
SEVEN = Hours(Decimal(7), Decimal(0))


@pytest.fixture
def registered(tmp_path: Path) -> Iterator[System]:
    """A home with one activity in the register, some days after."""
    home = in_the_register(tmp_path, ("# valid_days = 1461 ", "valid_days = 180 "))
    at(home, "2026-11-02T10:00:00+01:00")
    yield home
    home.app.database.close()


def rectify(home: System, right: Right) -> None:
    rectifying.rectify(home.app, NUMBER, right, REASON, BY)
    home.stage.rest()


def stands(home: System) -> list[tuple[int, str, str, str | None]]:
    found = case(home, CASE)["registrations"]
    return [(one["version"], one["state"], one["hours"]["total"], one["valid_until"]) for one in found]


def logos(home: System) -> list[bytes]:
    with home.app.database.reading() as connection:
        return list(connection.execute(select(tables.logos.c.png).order_by(tables.logos.c.version)).scalars())


def test_rectified_hours_are_a_new_version_with_its_logo_and_letter(registered: System) -> None:
    rectify(registered, Right(hours=SEVEN))
    assert stands(registered) == [(1, "replaced", "6", "2027-04-20"), (2, "valid", "7", "2027-04-20")]
    old, new = logos(registered)
    assert old != new
    assert issuing.logo(registered.app, NUMBER, "normal") == new
    assert (registered.app.settings.home / "logos" / f"registerlogo-{NUMBER}.png").read_bytes() == new
    letter = registered.mailer.letters()[-1]
    assert [part.get_filename() for part in letter.iter_attachments()] == [f"registerlogo-{NUMBER}.png"]
    assert "is 7: 7 contacturen en 0 uur zelfstudie. Er stond 6: 6 contacturen" in last_letter(registered)
    assert REASON in last_letter(registered)


def test_rectification_stands_in_the_journal_and_the_decision_as_it_was(registered: System) -> None:
    rectify(registered, Right(title=TITLE))
    row = case(registered, CASE)["journal"][-1]
    assert (row["event"], row["by"], row["facts"]["reason"]) == ("rectified", BY, REASON)
    assert row["facts"]["corrections"][0]["new"] == TITLE
    assert overview.registrations(registered.app)[0]["title"] == TITLE
    assert explaining.explain(registered.app, CASE)["letter"]["same"]
    assert verifying.verify(registered.app).faults == []


def test_rectified_name_is_that_of_the_provider(registered: System) -> None:
    rectify(registered, Right(provider="Rekenrijk B.V."))
    assert overview.registrations(registered.app)[0]["provider"] == "Rekenrijk B.V."
    assert case(registered, CASE)["provider"] == "Rekenrijk B.V."
    assert explaining.explain(registered.app, CASE)["letter"]["same"]


def test_rectification_is_done_once(registered: System) -> None:
    rectify(registered, Right(hours=SEVEN))
    with pytest.raises(
        UsageError, match="Version 2 of registration 10000012 says so already: nothing differs"
    ):
        rectify(registered, Right(hours=SEVEN))
    assert kinds(registered, CASE).count("rectified") == 1


def test_dry_run_says_what_would_be_put_right_and_changes_nothing(registered: System) -> None:
    planned = rectifying.plan(registered.app, NUMBER, Right(title=TITLE, hours=SEVEN))
    assert [one.field for one in planned.corrections] == ["title", "hours"]
    assert stands(registered) == [(1, "valid", "6", "2027-04-20")]


def test_what_an_objection_brought_is_rectified_in_the_case_of_the_activity(registered: System) -> None:
    told = {"about": "hours", "grounds": "Het waren er zeven."}
    assert follow(registered, "objected", CASE, "2026-11-03T10:00:00+01:00", **told) == ""
    approve(registered, "B-2026-000001", "7", "2026-11-04T10:00:00+01:00")
    rectify(registered, Right(title=TITLE))
    assert [one[:3] for one in stands(registered)] == [
        (1, "replaced", "6"),
        (2, "replaced", "7"),
        (3, "valid", "7"),
    ]
    assert case(registered, CASE)["journal"][-1]["event"] == "rectified"
    for number in (CASE, "B-2026-000001"):
        assert explaining.explain(registered.app, number)["letter"]["same"]


def test_only_what_is_in_force_is_rectified(registered: System) -> None:
    with pytest.raises(NotFound, match="There is no registration 99999999"):
        rectifying.plan(registered.app, "99999999", Right(title=TITLE))
    at(registered, "2027-04-21T10:00:00+02:00")
    with pytest.raises(UsageError, match="Registration 10000012 is expired"):
        rectify(registered, Right(title=TITLE))


def test_one_may_object_to_rectified_hours_from_their_day_on(registered: System) -> None:
    at(registered, "2026-11-30T10:00:00+01:00")
    rectify(registered, Right(title=TITLE, hours=Hours(Decimal(4), Decimal(0))))
    told = {"about": "hours", "grounds": "Het zijn er zes."}
    assert follow(registered, "objected", CASE, "2027-01-11T10:00:00+01:00", **told) == ""  # 42 days later
    approve(registered, "B-2027-000001", "6", "2027-01-12T10:00:00+01:00")
    assert case(registered, "B-2027-000001")["result"] == "founded"
    assert [one[:3] for one in stands(registered)] == [
        (1, "replaced", "6"),
        (2, "replaced", "4"),
        (3, "valid", "6"),
    ]
    assert overview.registrations(registered.app)[0]["title"] == TITLE
