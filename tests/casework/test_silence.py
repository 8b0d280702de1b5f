"""A reviewer who stays silent, or goes on leave until after the review is due, is replaced."""

from __future__ import annotations

import json
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from pipeline.casework import intake
from tests.casework.events import SUBMITTED, admitted, at, case, event, verdict
from tests.casework.test_assigning import listed, one, submitted
from tests.stages import System, system

LAST_DAY = "2026-11-24T23:00:00+01:00"  # asked on 20 October, due on 10 November, fourteen days after
LET_GO = "2026-11-25T09:00:00+01:00"  # when the office opens


@pytest.fixture
def asked(tmp_path: Path) -> Iterator[System]:
    """A home in which r1 and r2 were asked on 20 October, and r3 was not."""
    home = system(tmp_path / "home")
    admitted(home)
    at(home, SUBMITTED)
    listed(home, one("r1"), one("r2"), one("r3"))
    submitted(home)
    yield home
    home.app.database.close()


def states(home: System) -> dict[str, str]:
    return {each["reviewer"]: each["state"] for each in _case(home)["assignments"]}


def _case(home: System) -> dict[str, Any]:
    return case(home, "A-2026-000001")


def look(home: System, moment: str) -> None:
    """Let the clock come to a moment, and what is due be done."""
    at(home, moment)
    home.stage.ring()
    home.stage.rest()


def told(home: System, to: str) -> str:
    """Return the text of the last letter to somebody."""
    last: EmailMessage = [letter for letter in home.mailer.letters() if to in str(letter["To"])][-1]
    body = last.get_body(("plain",))
    assert body is not None
    return " ".join(body.get_content().split())


def test_reviewer_who_stays_silent_is_waited_for_some_days(asked: System) -> None:
    assert {each["review_by"] for each in _case(asked)["assignments"]} == {"2026-11-10"}
    look(asked, LAST_DAY)
    assert states(asked) == {"r1": "asked", "r2": "asked"}


def test_reviewer_who_stays_silent_is_replaced_and_told(asked: System) -> None:
    verdict(
        asked,
        "A-2026-000001",
        "approve",
        "2026-10-21T10:00:00+02:00",
        hours={"contact": "6", "self_study": "0"},
    )
    look(asked, LET_GO)
    assert states(asked) == {"r1": "answered", "r2": "released", "r3": "asked"}
    assert "Wij ontvingen het niet en vragen iemand anders." in told(asked, "r2@")


def test_reviewer_who_stays_silent_stays_asked_where_there_is_nobody_else(asked: System) -> None:
    look(asked, LET_GO)
    assert sorted(states(asked).values()) == ["asked", "asked", "released"]
    look(asked, "2026-11-26T09:00:00+01:00")
    assert sorted(states(asked).values()) == ["asked", "asked", "released"]
    listed(asked, *(one(f"r{each}") for each in range(1, 5)))
    look(asked, "2026-11-27T09:00:00+01:00")
    assert sorted(states(asked).values()) == ["asked", "asked", "released", "released"]


def test_verdict_of_who_was_let_go_is_refused_however_late_that_is_looked_at(asked: System) -> None:
    outcome = verdict(asked, "A-2026-000001", "approve", LET_GO, hours={"contact": "6", "self_study": "0"})
    assert outcome.refusal is not None
    assert outcome.refusal.rule == "not_assigned"
    look(asked, LET_GO)
    assert states(asked)["r1"] == "released"


def test_verdict_that_came_in_time_counts_though_it_is_taken_in_later(asked: System) -> None:
    at(asked, LAST_DAY)
    made = event("ver-010", None, id="in-time", time=LAST_DAY)
    made["data"] |= {"case": "A-2026-000001", "reviewer": "r1", "hours": {"contact": "6", "self_study": "0"}}
    made["data"] |= {"verdict": "approve", "motivation": "Omdat het zo is."}
    intake.store(asked.app, json.dumps(made).encode())
    look(asked, LET_GO)
    asked.stage.ring()
    asked.stage.rest()
    assert states(asked)["r1"] == "answered"


def test_verdict_on_the_last_day_counts(asked: System) -> None:
    verdict(asked, "A-2026-000001", "approve", LAST_DAY, hours={"contact": "6", "self_study": "0"})
    assert states(asked)["r1"] == "answered"


def test_reviewer_away_until_the_review_is_due_is_replaced_and_told(asked: System) -> None:
    listed(asked, one("r1", away="2026-10-21,2026-11-10"), one("r2"), one("r3"))
    assert states(asked) == {"r1": "released", "r2": "asked", "r3": "asked"}
    assert "U bent afwezig" in told(asked, "r1@")


def test_reviewer_who_is_back_before_the_review_is_due_is_kept(asked: System) -> None:
    listed(asked, one("r1", away="2026-10-21,2026-11-09"), one("r2", away="2026-10-22,2026-11-30"), one("r3"))
    assert states(asked) == {"r1": "asked", "r2": "asked"}
