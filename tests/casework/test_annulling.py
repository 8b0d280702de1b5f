"""Before the decision a verdict can be annulled: it stays on record, counts no more, and another may be given."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update

from pipeline.casework import annulling, bouncing, deciding, suppressing
from pipeline.domain.verdicts import Verdict
from pipeline.errors import UsageError
from pipeline.store import tables
from tests.casework.events import SUBMITTED, admitted, at, case, verdict
from tests.casework.test_cases import approve, escalated, kinds, submitted
from tests.mail.dsn import dsn
from tests.stages import System

WHY = "Het oordeel was voor een andere zaak bedoeld."


def annul(home: System, number: str, reviewer: str) -> dict[str, Any]:
    annulling.annul(home.app, number, reviewer, WHY, "Ineke Vermeer")
    home.stage.rest()
    return case(home, number)


def one_given(home: System) -> tuple[str, str]:
    """Submit an activity on which one of two reviewers approves 6 hours; return it and their id."""
    number = submitted(home)
    approve(home, number, "6", "2026-10-21T10:00:00+02:00")
    return number, case(home, number)["verdicts"][0]["reviewer"]


def test_annulled_verdict_stays_on_record_and_another_of_the_same_reviewer_counts(home: System) -> None:
    admitted(home)
    at(home, SUBMITTED)
    number, reviewer = one_given(home)
    annul(home, number, reviewer)
    for place in (0, 0):
        verdict(home, number, "reject", f"2026-10-22T1{place}:00:00+02:00", place=place, hours=None)
    found = case(home, number)
    assert (found["state"], found["result"]) == ("closed", "rejected")
    assert [(one["verdict"], one["annulled"] is None) for one in found["verdicts"]] == [
        ("approve", False),
        ("reject", True),
        ("reject", True),
    ]
    assert len(found["decision"]["verdicts"]) == 2


def test_it_is_journaled_with_its_reason_and_by_whom(ready: System) -> None:
    number, reviewer = one_given(ready)
    found = annul(ready, number, reviewer)
    row = next(each for each in found["journal"] if each["event"] == "verdict_annulled")
    assert (row["by"], row["facts"]["reason"], row["facts"]["reviewer"]) == ("Ineke Vermeer", WHY, reviewer)
    assert found["verdicts"][0]["annulled"] == {
        "at": ready.app.clock.now().isoformat(),
        "by": "Ineke Vermeer",
        "because": WHY,
    }


def test_reviewer_is_told_why_and_has_time_anew(ready: System) -> None:
    number, reviewer = one_given(ready)
    at(ready, "2026-10-28T10:00:00+01:00")
    found = annul(ready, number, reviewer)
    assert found["letters"][-1]["kind"] == "verdict_annulled"
    text = ready.mailer.letters()[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert WHY in text
    asked = {one["reviewer"]: one for one in found["assignments"]}[reviewer]
    assert (asked["state"], asked["review_by"]) == ("asked", str(date(2026, 11, 18)))


def test_of_two_that_differ_the_third_is_not_needed_once_the_others_agree(ready: System) -> None:
    number, reviewer = one_given(ready)
    verdict(ready, number, "reject", "2026-10-22T10:00:00+02:00", hours=None)
    annul(ready, number, reviewer)
    asked = [one["reviewer"] for one in case(ready, number)["assignments"] if one["state"] == "asked"]
    verdict(ready, number, "reject", "2026-10-23T10:00:00+02:00", place=asked.index(reviewer), hours=None)
    found = case(ready, number)
    assert found["result"] == "rejected"
    assert sorted(one["state"] for one in found["assignments"]) == ["answered", "answered", "not_needed"]


def test_escalated_case_goes_back_to_its_reviewers(ready: System) -> None:
    number = escalated(ready)
    found = annul(ready, number, case(ready, number)["verdicts"][2]["reviewer"])
    assert (found["state"], found["tasks"]) == ("in_review", [])
    verdict(ready, number, "reject", "2026-10-26T10:00:00+01:00", hours=None)
    assert case(ready, number)["result"] == "rejected"


def leave(home: System, reviewer: str) -> None:
    table = tables.reviewers
    with home.app.database.writing() as connection:
        connection.execute(update(table).where(table.c.id == reviewer).values(active=False))


def lose_touch(home: System, reviewer: str) -> None:
    """Let mail to the reviewer have bounced."""
    table = tables.reviewers
    with home.app.database.writing() as connection:
        email = connection.execute(select(table.c.email).where(table.c.id == reviewer)).scalar_one()
        row = {
            "id": "s",
            "address": suppressing.compared(email),
            "since": home.app.clock.now(),
            "reason": "x",
        }
        connection.execute(tables.suppressions.insert().values(**row))


@pytest.mark.parametrize("gone", [leave, lose_touch])
def test_somebody_else_is_asked_where_the_reviewer_cannot_be(
    ready: System, gone: Callable[[System, str], None]
) -> None:
    number, reviewer = one_given(ready)
    gone(ready, reviewer)
    found = annul(ready, number, reviewer)
    states = {one["reviewer"]: one["state"] for one in found["assignments"]}
    assert states.pop(reviewer) == "released"
    assert [*states.values()] == ["asked", "asked"]
    assert (found["tasks"], [one for one in kinds(ready, number) if one == "verdict_annulled"]) == ([], [])


def test_somebody_else_is_asked_where_the_letter_about_it_comes_back(ready: System) -> None:
    number, reviewer = one_given(ready)
    letter = annul(ready, number, reviewer)["letters"][-1]
    bouncing.take_in(ready.app, dsn(letter["message_id"], letter["to"]))
    ready.stage.rest()
    states = {one["reviewer"]: one["state"] for one in case(ready, number)["assignments"]}
    assert (states.pop(reviewer), [*states.values()]) == ("released", ["asked", "asked"])


def test_decision_stands_and_it_is_said_what_to_do_instead(ready: System) -> None:
    number = escalated(ready)
    deciding.decide(ready.app, number, Verdict("Aletta Hoekstra", "reject", None, "Nee."))
    ready.stage.rest()
    with pytest.raises(UsageError, match=r"its verdicts stand.*put right on an objection"):
        annul(ready, number, case(ready, number)["verdicts"][0]["reviewer"])


@pytest.mark.parametrize(
    ("reviewer", "said"),
    [("r999", "has no verdict on case A-2026-000001 that counts"), (None, "gave case A-2026-000001 back")],
)
def test_only_a_verdict_that_counts_is_annulled(ready: System, reviewer: str | None, said: str) -> None:
    number = submitted(ready)
    first = case(ready, number)["assignments"][0]["reviewer"]
    verdict(ready, number, "recuse", "2026-10-21T10:00:00+02:00", hours=None, scores={})
    with pytest.raises(UsageError, match=said):
        annul(ready, number, reviewer or first)


def test_second_annulment_of_the_same_verdict_finds_none(ready: System) -> None:
    number, reviewer = one_given(ready)
    annul(ready, number, reviewer)
    with pytest.raises(UsageError, match="has no verdict"):
        annul(ready, number, reviewer)


def test_nothing_is_annulled_before_anybody_judges(ready: System) -> None:
    number = submitted(ready, "act-08")
    with pytest.raises(UsageError, match="is incomplete: nobody has judged it yet"):
        annul(ready, number, "r001")
