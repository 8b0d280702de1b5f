"""What stands in the register is revoked on a ground of the policy; the provider may object to that too."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import update

from pipeline.casework import explaining, issuing, overview, retention, revoking, verifying
from pipeline.contract import received_on
from pipeline.errors import NotFound, UsageError
from pipeline.store import tables
from tests.casework.events import at, case, verdict
from tests.casework.registers import NUMBER, last_letter, look
from tests.casework.registers import registered as in_the_register
from tests.casework.test_cases import approve, follow, kinds
from tests.stages import System

CASE = "A-2026-000001"
BY = "Tom de Wit"
REASON = "Op uw website is de dag vervangen door een filmpje."
TODAY = "2026-11-30T10:00:00+01:00"
LAST = "2027-01-11T10:00:00+01:00"  # 42 days later


@pytest.fixture
def registered(tmp_path: Path) -> Iterator[System]:
    """A home with one activity in the register, valid for 180 days, some weeks after."""
    home = in_the_register(tmp_path, ("# valid_days = 1461 ", "valid_days = 180 "))
    at(home, TODAY)
    yield home
    home.app.database.close()


def revoke(home: System, ground: str = "content", from_: date | None = None) -> revoking.Outcome:
    outcome = revoking.revoke(home.app, NUMBER, ground, REASON, BY, from_=from_)
    home.stage.rest()
    return outcome


def stands(home: System) -> list[tuple[int, str]]:
    found = case(home, CASE)["registrations"]
    return [(one["version"], one["state"]) for one in found]


def held(home: System) -> list[str]:
    """Return what holds up that the activity's case is erased."""
    found = retention.due(home.app, received_on(home.app.clock.now()))
    return [why for one in found if one.case.number == CASE for why in one.held_by]


def object_to(home: System, moment: str, about: str = "decision") -> str:
    return follow(
        home, "objected", CASE, moment, about=about, grounds="Het filmpje hoort bij een andere dag."
    )


def test_revoked_registration_is_out_of_the_register_with_its_logo(registered: System) -> None:
    copy = registered.app.settings.home / "logos" / f"registerlogo-{NUMBER}.png"
    assert copy.exists()
    revoke(registered)
    assert stands(registered) == [(1, "revoked")]
    assert case(registered, CASE)["registrations"][0]["ground"] == "content"
    assert overview.registrations(registered.app) == []
    assert not copy.exists()
    with pytest.raises(NotFound):
        issuing.logo(registered.app, NUMBER, "normal")


def test_revocation_is_told_with_ground_reason_and_how_to_object(registered: System) -> None:
    revoke(registered)
    told = last_letter(registered)
    assert "in met ingang van maandag 30 november 2026" in told
    assert "De activiteit wordt niet meer gegeven zoals die is goedgekeurd." in told
    assert REASON in told
    assert "U kunt bezwaar maken tot en met maandag 11 januari 2027" in told
    row = case(registered, CASE)["journal"][-1]
    assert (row["event"], row["by"], row["facts"]["reason"]) == ("revoked", BY, REASON)
    assert explaining.explain(registered.app, CASE)["letter"]["same"]
    assert verifying.verify(registered.app).faults == []


def test_revocation_is_done_once(registered: System) -> None:
    assert not revoke(registered).is_known
    at(registered, "2026-12-01T10:00:00+01:00")
    assert revoke(registered) == revoking.Outcome(date(2026, 11, 30), is_known=True)
    assert kinds(registered, CASE).count("revoked") == 1
    with pytest.raises(UsageError, match="was revoked already, from 2026-11-30"):
        revoke(registered, "logo")


def test_registration_revoked_from_a_later_day_is_valid_until_then(registered: System) -> None:
    revoke(registered, from_=date(2026, 12, 14))
    look(registered, "2026-12-13T23:00:00+01:00")
    assert stands(registered) == [(1, "valid")]
    assert issuing.logo(registered.app, NUMBER, "normal")
    look(registered, "2026-12-14T00:00:00+01:00")
    assert stands(registered) == [(1, "revoked")]
    assert overview.registrations(registered.app) == []


def test_provider_is_not_reminded_of_what_was_revoked(registered: System) -> None:
    revoke(registered)
    look(registered, "2027-01-20T09:00:00+01:00")
    assert kinds(registered, CASE)[-1] == "revoked"


@pytest.mark.parametrize(
    ("ground", "from_", "error"),
    [
        ("weather", None, "--ground is one of asked, content, information, logo, provider, got weather"),
        ("logo", date(2026, 10, 21), "--from is 2026-10-22 at the earliest"),
        ("logo", date(2027, 4, 21), "--from is 2027-04-20 at the latest"),
    ],
)
def test_ground_and_day_that_are_none_are_refused(
    registered: System, ground: str, from_: date | None, error: str
) -> None:
    with pytest.raises(UsageError, match=error):
        revoke(registered, ground, from_)
    assert stands(registered) == [(1, "valid")]


def test_what_expired_is_not_revoked(registered: System) -> None:
    at(registered, "2027-04-21T10:00:00+02:00")
    with pytest.raises(UsageError, match="Registration 10000012 is expired"):
        revoke(registered)


def test_founded_objection_to_a_revocation_restores_the_registration(registered: System) -> None:
    revoke(registered)
    assert object_to(registered, LAST) == ""
    assert "bezwaar tegen de intrekking van de registratie met ingang van maandag 30 november" in last_letter(
        registered
    )
    verdict(registered, "B-2027-000001", "approve", "2027-01-12T10:00:00+01:00", hours=None)
    assert case(registered, "B-2027-000001")["result"] == "founded"
    found = case(registered, CASE)["registrations"]
    assert [(one["state"], one["hours"]["total"], one["valid_until"]) for one in found] == [
        ("revoked", "6", "2027-04-20"),
        ("valid", "6", "2027-04-20"),
    ]
    assert "De registratie is daarmee hersteld" in last_letter(registered)
    for number in (CASE, "B-2027-000001"):
        assert explaining.explain(registered.app, number)["letter"]["same"]


def test_what_is_restored_before_its_revocation_begins_stands_once_in_the_register(
    registered: System,
) -> None:
    revoke(registered, from_=date(2027, 1, 18))
    assert object_to(registered, "2026-12-01T10:00:00+01:00") == ""
    verdict(registered, "B-2026-000001", "approve", "2026-12-02T10:00:00+01:00", hours=None)
    assert stands(registered) == [(1, "revoked"), (2, "valid")]
    assert [one["version"] for one in overview.registrations(registered.app)] == [2]


def test_unfounded_objection_to_a_revocation_changes_nothing(registered: System) -> None:
    revoke(registered)
    assert object_to(registered, "2026-12-01T10:00:00+01:00") == ""
    verdict(registered, "B-2026-000001", "reject", "2026-12-02T10:00:00+01:00", hours=None)
    assert (case(registered, "B-2026-000001")["result"], stands(registered)) == (
        "unfounded",
        [(1, "revoked")],
    )


def test_objection_to_a_revocation_is_late_after_its_own_window(registered: System) -> None:
    revoke(registered)
    assert object_to(registered, "2027-01-12T10:00:00+01:00") == ""
    assert case(registered, "B-2027-000001")["result"] == "inadmissible"


def test_case_is_not_erased_while_one_may_object_to_its_revocation(registered: System) -> None:
    revoke(registered)
    at(registered, "2034-01-01T10:00:00+01:00")  # long after it was due
    assert held(registered) == []
    with registered.app.database.writing() as connection:
        connection.execute(update(tables.registrations).values(decided_on=date(2033, 12, 1)))
    assert held(registered) == ["an objection can come until 2034-01-12"]


def test_objection_to_the_hours_of_before_does_not_undo_a_revocation(registered: System) -> None:
    assert object_to(registered, "2026-11-30T11:00:00+01:00", "hours") == ""
    revoke(registered)
    approve(registered, "B-2026-000001", "7", "2026-12-02T10:00:00+01:00")
    assert (case(registered, "B-2026-000001")["result"], stands(registered)) == ("founded", [(1, "revoked")])
