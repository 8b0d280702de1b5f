"""Hard rules keep reviewers from a case, and what is not known of them is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from pipeline.domain.eligibility import Fact, Panel, Rule, domain_of, obstacle, tie
from pipeline.domain.lifecycle import Kind
from pipeline.domain.policy import Assigning
from tests.domain.test_assignment import CASE, REVIEWER, TODAY, reviewers

RULES = Assigning()
PROVIDERS = "69599068"


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({}, None),
        ({"employer_kvk": PROVIDERS}, Rule.EMPLOYER),
        ({"employer_kvk": None}, None),
        ({"employer_kvk": ""}, None),
        ({"earlier_kvks": frozenset({PROVIDERS})}, Rule.EARLIER_EMPLOYER),
        ({"earlier_kvks": None}, None),
        ({"interest_kvks": frozenset({PROVIDERS})}, Rule.INTEREST),
        ({"domain": "klankkleur.example"}, Rule.MAIL_DOMAIN),
        ({"sectors": frozenset({"mbo"})}, Rule.SECTOR),
        ({"categories": frozenset({"subject"})}, Rule.CATEGORY),
        ({"away_from": TODAY}, Rule.AWAY),
        ({"away_until": TODAY}, Rule.AWAY),
        ({"away_from": date(2026, 11, 1), "away_until": date(2026, 11, 23)}, None),
        ({"away_from": date(2026, 11, 25)}, None),
        ({"load": 3}, None),
        ({"load": 4}, Rule.CAPACITY),
        ({"capacity": 0}, Rule.CAPACITY),
    ],
)
def test_hard_rule_keeps_a_reviewer_from_a_case(changes: dict[str, Any], rule: Rule | None) -> None:
    case = replace(CASE, provider_domain="klankkleur.example")
    assert obstacle(case, replace(REVIEWER, **changes), TODAY, RULES) == rule


@pytest.mark.parametrize(
    ("kind", "about_admission", "rule"),
    [
        (Kind.ADMISSION, False, None),
        (Kind.ADMISSION, True, None),
        (Kind.OBJECTION, True, None),
        (Kind.OBJECTION, False, Rule.SECTOR),
    ],
)
def test_anyone_may_judge_an_admission_and_an_objection_to_one(
    kind: Kind, about_admission: bool, rule: Rule | None
) -> None:
    case = replace(CASE, kind=kind, about_admission=about_admission, sectors=frozenset(), category=None)
    assert obstacle(case, REVIEWER, TODAY, RULES) == rule


def test_reviewer_who_was_asked_before_is_not_asked_again() -> None:
    case = replace(CASE, excluded={"r1": Rule.ASKED_BEFORE, "r9": Rule.FIRST_ROUND})
    assert obstacle(case, REVIEWER, TODAY, RULES) is Rule.ASKED_BEFORE


def test_mail_address_where_everybody_may_have_one_ties_nobody() -> None:
    case = replace(CASE, provider_domain="gmail.com")
    assert obstacle(case, replace(REVIEWER, domain="gmail.com"), TODAY, RULES) is None


def test_provider_without_a_mail_address_is_not_of_the_same_domain_as_a_reviewer_without_one() -> None:
    assert obstacle(CASE, replace(REVIEWER, domain=""), TODAY, RULES) is None


def test_reviewer_of_whom_not_all_is_known_may_not_review_where_policy_says_so() -> None:
    strict = Assigning(unconfirmed="refuse")
    assert obstacle(CASE, REVIEWER, TODAY, strict) is None
    assert obstacle(CASE, replace(REVIEWER, interest_kvks=None), TODAY, strict) is Rule.UNCONFIRMED


def test_what_is_not_known_is_to_be_confirmed() -> None:
    unknown = replace(REVIEWER, employer_kvk=None, interest_kvks=None)
    assert unknown.unconfirmed() == (Fact.EMPLOYER, Fact.INTERESTS)
    assert replace(REVIEWER, employer_kvk="").unconfirmed() == ()


def test_every_rule_is_named_whatever_else_stands_in_the_way() -> None:
    people = [*reviewers(0, 4), replace(REVIEWER, id="r3", sectors=frozenset({"vo"}), load=4)]
    panel = Panel(people, TODAY, RULES)
    found = {rule: panel.ids(those) for rule, those in panel.obstacles(CASE).items()}
    assert found == {Rule.SECTOR: ["r3"], Rule.CAPACITY: ["r2", "r3"]}
    assert panel.ids(panel.able(CASE)) == ["r1"]
    assert panel.ids(panel.able(CASE, but_for=[Rule.CAPACITY])) == ["r1", "r2"]


def test_tie_to_a_provider_is_a_known_fact() -> None:
    assert tie(REVIEWER, frozenset({PROVIDERS})) is None
    assert (
        tie(replace(REVIEWER, earlier_kvks=frozenset({PROVIDERS})), frozenset({PROVIDERS}))
        is Rule.EARLIER_EMPLOYER
    )


@pytest.mark.parametrize(
    ("address", "domain"),
    [("A.Bos@Rekenrijk.Example", "rekenrijk.example"), ("", ""), (None, ""), ("nobody", "nobody")],
)
def test_domain_of_an_address_is_compared_in_lower_case(address: str | None, domain: str) -> None:
    assert domain_of(address) == domain
