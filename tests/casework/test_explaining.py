"""A decision comes out the same again from the record, its letter to the byte; and what other rules would have done."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update

from pipeline.casework import deciding, explaining, overview, rejudging
from pipeline.domain.completeness_rules import Text
from pipeline.domain.hours import Hours
from pipeline.domain.judging import Agreement
from pipeline.domain.policy import Policy
from pipeline.domain.verdicts import Verdict
from pipeline.errors import UsageError
from pipeline.store import tables
from tests.casework.events import case
from tests.casework.test_cases import approve, escalated, submitted
from tests.stages import System


def granted(home: System, contact: str = "5") -> str:
    number = submitted(home)
    approve(home, number, contact, "2026-10-21T10:00:00+02:00")
    approve(home, number, contact, "2026-10-22T10:00:00+02:00")
    return number


def test_every_decision_of_the_season_and_its_letter_come_out_the_same(season: System) -> None:
    decided = [row for row in overview.cases(season.app) if row["decided_on"]]
    told = [explaining.explain(season.app, row["case"]) for row in decided]
    weighed = [one for one in told if one["again"] is not None]
    letters = [one["letter"] for one in told if one["letter"]]
    assert [one["case"] for one in told if not one["same"]] == []
    assert [one["case"] for one in weighed if not one["same_trail"]] == []
    assert [one for one in letters if not one["same"]] == []
    assert {one["kind"] for one in letters} == {
        "admitted", "not_admitted", "granted", "deferred", "rejected", "set_aside", "objection_decided",
    }  # fmt: skip
    assert (len(weighed), len(letters)) == (33, 36)


def test_decision_carries_all_that_it_rests_on(ready: System) -> None:
    number = granted(ready)
    found = case(ready, number)
    decision = found["decision"]
    reviewers = [one["reviewer"] for one in found["verdicts"]]
    assert decision["policy"] == ready.app.policy.version
    assert len(decision["verdicts"]) == 2
    assert [one["rule"] for one in decision["trail"]] == ["count", "equal", "hours", "outcome"]
    assert (decision["asked"]["total"], decision["hours"]["total"], decision["score"]) == (
        "6",
        "5",
        "3.54",
    )  # 46 of 13 weights
    assert decision["differs"] == {
        "contact": "-1",
        "self_study": "0",
        "because": f"the verdicts that agree give these ({reviewers[0]} 5 + 0; {reviewers[1]} 5 + 0)",
    }


def test_decision_by_hand_rests_on_the_verdicts_that_did_not_decide(ready: System) -> None:
    number = escalated(ready)
    hours = Hours(Decimal(5), Decimal(0))
    deciding.decide(ready.app, number, Verdict("Aletta Hoekstra", "approve", hours, "Vijf uur."))
    ready.stage.rest()
    found = explaining.explain(ready.app, number)
    assert (found["same"], found["same_trail"], found["letter"]["same"]) == (True, True, True)
    assert found["decision"]["by"] == "Aletta Hoekstra"
    assert [one["rule"] for one in found["decision"]["trail"]] == [
        "count", "equal", "commission", "by_hand", "hours", "outcome",
    ]  # fmt: skip


def change(home: System, table: Any, where: Any, **values: Any) -> None:
    with home.app.database.writing() as connection:
        connection.execute(update(table).where(where).values(**values))


def test_letter_rests_on_what_the_provider_and_the_register_were_called_then(ready: System) -> None:
    number = granted(ready)
    change(ready, tables.providers, tables.providers.c.id.is_not(None), name="Nieuw", contact_name="N. Ieuw")
    moved = ready.app.policy.register_.model_copy(update={"telephone": "020-1234567"})
    app = replace(ready.app, policy=ready.app.policy.model_copy(update={"register_": moved}))
    assert explaining.explain(app, number)["letter"]["same"]


@pytest.mark.parametrize(
    ("values", "decision", "letter"),
    [
        ({"hours": {"contact": "4", "self_study": "0"}}, False, True),
        ({"verdict": "reject", "hours": None}, False, True),
        ({"scores": {"goal": 1}}, False, True),
    ],
)
def test_verdicts_that_were_tampered_with_do_not_come_to_the_same(
    ready: System, values: dict[str, Any], decision: bool, letter: bool
) -> None:
    number = granted(ready)
    change(ready, tables.verdicts, tables.verdicts.c.place > 0, **values)
    found = explaining.explain(ready.app, number)
    assert (found["same"], found["letter"]["same"]) == (decision, letter)


def test_letter_that_was_tampered_with_is_not_the_same(ready: System) -> None:
    number = granted(ready)
    change(ready, tables.registrations, tables.registrations.c.number == "10000012", title="Iets anders")
    assert explaining.explain(ready.app, number)["letter"]["same"]  # the letter has the title of the case
    change(ready, tables.cases, tables.cases.c.number == number, title="Iets anders")
    assert explaining.explain(ready.app, number)["letter"]["same"] is False


def test_decision_of_before_there_were_trails_is_still_explained(ready: System) -> None:
    number = granted(ready)
    with ready.app.database.reading() as connection:
        kept = connection.execute(
            select(tables.cases.c.decision).where(tables.cases.c.number == number)
        ).scalar_one()
    old = {name: kept[name] for name in ("rule", "motivations", "hours")}
    change(ready, tables.cases, tables.cases.c.number == number, decision=old)
    found = explaining.explain(ready.app, number)
    assert (found["same"], found["same_trail"], found["letter"]["same"]) == (True, False, True)


def test_there_is_nothing_to_explain_before_the_decision(ready: System) -> None:
    with pytest.raises(UsageError, match="is in_review: there is no decision to explain yet"):
        explaining.explain(ready.app, submitted(ready))


def under(policy: Policy, **judging: Any) -> Policy:
    changed = policy.judging.model_copy(update=judging)
    return policy.model_copy(update={"version": "other", "judging": changed})


def test_the_same_rules_come_to_the_same(season: System) -> None:
    rows = [row["case"] for row in overview.cases(season.app)]
    assert [one for one in rows if rejudging.rejudge(season.app, one, season.app.policy)["differs"]] == []


@pytest.mark.parametrize(
    ("judging", "outcome", "differs"),
    [
        ({"activity": 1}, "agreed_to_grant", {"reviewers", "result", "rule", "hours", "score", "outcome"}),
        ({"activity": 3}, "waits", {"reviewers", "result", "rule", "hours", "score", "outcome"}),
        (
            {"agreement": Agreement(contact_margin=Decimal(1), self_study_margin=Decimal(0))},
            "agreed_to_grant",
            {"reviewers", "result", "rule", "hours", "score", "outcome"},
        ),
        ({"sign_off": "human"}, "disagreed", set()),
    ],
)
def test_other_rules_show_what_they_would_have_made_of_it(
    ready: System, judging: dict[str, Any], outcome: str, differs: set[str]
) -> None:
    number = submitted(ready)
    approve(ready, number, "6", "2026-10-21T10:00:00+02:00")
    approve(ready, number, "5", "2026-10-22T10:00:00+02:00")
    before = case(ready, number)
    found = rejudging.rejudge(ready.app, number, under(ready.app.policy, **judging))
    assert (found["own"]["outcome"], found["other"]["outcome"]) == ("disagreed", outcome)
    assert set(found["differs"]) <= differs
    assert case(ready, number) == before


def test_hours_that_another_margin_would_grant_are_told(ready: System) -> None:
    number = submitted(ready)
    approve(ready, number, "6", "2026-10-21T10:00:00+02:00")
    approve(ready, number, "5", "2026-10-22T10:00:00+02:00")
    margin = Agreement(contact_margin=Decimal(1), self_study_margin=Decimal(0))
    other = rejudging.rejudge(ready.app, number, under(ready.app.policy, agreement=margin))["other"]
    assert (other["result"], other["hours"]["total"]) == ("granted", "5")


def test_findings_of_other_rules_are_told(ready: System) -> None:
    number = granted(ready)
    rules = ready.app.policy.completeness
    longer = [
        one.model_copy(update={"minimum": 4000}) if isinstance(one, Text) else one for one in rules.rules
    ]
    completeness = rules.model_copy(update={"rules": longer})
    other = ready.app.policy.model_copy(update={"completeness": completeness})
    found = rejudging.rejudge(ready.app, number, other)
    assert found["differs"] == ["findings"]
    goal = [one for one in found["other"]["findings"] if one["field"] == "activity.goal"]
    assert [(one["rule"], one["severity"]) for one in goal] == [("too_short", "must")]
