"""A reviewer may decline; where everybody was asked a named human looks, and the commission may take the case over."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pipeline.casework import deciding, declining, explaining, taking_over, verifying
from pipeline.domain.hours import Hours
from pipeline.domain.verdicts import Verdict
from pipeline.errors import UsageError
from tests.casework.events import at, case
from tests.casework.test_assigning import listed, one, submitted
from tests.casework.test_cases import approve, follow, kinds
from tests.casework.test_papers import told
from tests.stages import System

OWNER, CHAIR = "Ineke Vermeer", "Aletta Hoekstra"


@pytest.fixture
def ready(ready: System) -> System:
    """The same home with three reviewers and no others."""
    listed(ready, one("r1"), one("r2"), one("r3"))
    return ready


def states(home: System, number: str) -> dict[str, str]:
    return {one["reviewer"]: one["state"] for one in case(home, number)["assignments"]}


def decline(home: System, number: str, reviewer: str) -> None:
    declining.decline(home.app, number, reviewer, "Geen tijd voor half november.", OWNER)
    home.stage.rest()


def take_over(home: System, number: str) -> None:
    taking_over.take_over(home.app, number, "Niemand anders mag deze zaak beoordelen.", CHAIR)
    home.stage.rest()


def without_anybody(home: System) -> str:
    """Submit an activity that one reviewer judges and two decline, and return its case."""
    number = submitted(home)
    approve(home, number, "6", "2026-10-21T10:00:00+02:00")
    decline(home, number, "r2")
    decline(home, number, "r3")
    return number


def test_who_declines_is_told_so_and_somebody_else_is_asked(ready: System) -> None:
    number = submitted(ready)
    decline(ready, number, "r1")
    assert states(ready, number) == {"r1": "released", "r2": "asked", "r3": "asked"}
    [letter] = [one for one in ready.mailer.letters() if "U gaf aan dat u het niet kunt doen" in str(one)]
    assert letter["To"] == "r1@school.example"
    [row] = [row for row in case(ready, number)["journal"] if row["event"] == "released"]
    assert (row["by"], row["facts"]["why"], row["facts"]["reason"]) == (
        OWNER,
        "declined",
        "Geen tijd voor half november.",
    )


def test_who_is_waited_for_no_more_cannot_decline(ready: System) -> None:
    number = submitted(ready)
    approve(ready, number, "6", "2026-10-21T10:00:00+02:00")
    with pytest.raises(UsageError, match="those of r2 are"):
        decline(ready, number, "r1")


def test_case_for_which_everybody_was_asked_is_a_named_humans(ready: System) -> None:
    found = case(ready, without_anybody(ready))
    assert [(task["kind"], task["owner"]) for task in found["tasks"]] == [("no_reviewers", OWNER)]
    assert found["waits_for"] == f"{OWNER}: no_reviewers"
    assert "zij zijn voor deze zaak al gevraagd (3 van 3)" in found["tasks"][0]["detail"]


def test_commission_takes_it_over_and_decides_with_the_verdict_on_record(ready: System) -> None:
    number = without_anybody(ready)
    take_over(ready, number)
    found = case(ready, number)
    assert (found["state"], [task["kind"] for task in found["tasks"]]) == ("escalated", ["escalated"])
    assert found["tasks"][0]["detail"] == (
        "Niemand anders mag deze zaak beoordelen. (Oordelen: goedkeuren (6 + 0 uur))"
    )
    decided = Verdict(CHAIR, "approve", Hours(Decimal(6), Decimal(0)), None)
    deciding.decide(ready.app, number, decided)
    ready.stage.rest()
    found = case(ready, number)
    assert (found["state"], found["result"], found["hours_granted"]["total"]) == ("closed", "granted", "6")
    explained = explaining.explain(ready.app, number)
    assert (explained["same"], explained["same_trail"], explained["letter"]["same"]) == (True, True, True)
    assert verifying.verify(ready.app).faults == []
    quotes = [block for block in told(ready, number)["chapters"]["Besluit"] if block["type"] == "quote"]
    assert [(one["label"], one["text"]) for one in quotes] == [
        (f"Overgenomen door de registercommissie, {CHAIR}", "Niemand anders mag deze zaak beoordelen.")
    ]


def test_who_was_still_asked_is_told_when_a_late_case_is_taken_over(ready: System) -> None:
    number = submitted(ready)
    at(ready, "2026-12-08T10:00:00+01:00")
    ready.stage.ring()
    ready.stage.rest()
    take_over(ready, number)
    assert "asked" not in states(ready, number).values()
    assert kinds(ready, number)[-1] == "review_not_needed"
    assert "heeft de zaak overgenomen" in str(ready.mailer.letters()[-1])
    assert follow(ready, "withdrawn", number, "2026-12-09T10:00:00+01:00", reason="Toch niet.") == ""


def test_case_that_has_its_reviewers_and_is_in_time_is_left_to_them(ready: System) -> None:
    number = submitted(ready)
    with pytest.raises(UsageError, match="has its reviewers and is in time"):
        take_over(ready, number)


def test_case_is_taken_over_once(ready: System) -> None:
    number = without_anybody(ready)
    take_over(ready, number)
    with pytest.raises(UsageError, match="is escalated: no review is waited for"):
        take_over(ready, number)
