"""The register's rules: the files say what the code takes for granted, and mark what is assumed."""

from __future__ import annotations

import re
from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from pipeline.domain.completeness_rules import ClosingTest
from pipeline.domain.judging import Criteria, Judging
from pipeline.domain.policy import Completeness, Machinery, Policy, Registrations, Terms
from pipeline.settings import load_policy
from tests.domain.readme import CONFIG

# What the FAQ of the register itself says; all else that stands in the file with a number is ours.
PUBLISHED = ("admission_days", "activity_days", "closing_date")


def test_file_says_what_the_code_takes_for_granted(policy: Policy) -> None:
    completeness = policy.completeness.model_copy(update={"rules": Completeness().rules})
    defaults = (Completeness(), Terms(), Judging(), Registrations(), Machinery())
    undescribed = policy.judging.model_copy(update={"criteria": Criteria()})  # Dutch stands in the file alone
    groundless = policy.registrations.model_copy(update={"grounds": []})  # as it does for these
    written = (completeness, policy.terms, undescribed, groundless, policy.machinery)
    assert written == defaults


def test_rules_that_were_kept_are_read_as_they_were(policy: Policy) -> None:
    assert Policy.model_validate_json(policy.model_dump_json(by_alias=True)) == policy


def test_policy_of_2017_differs_in_its_closing_date_only(policy: Policy) -> None:
    closing = load_policy(CONFIG / "policy-2017.toml")
    intake = policy.intake.model_copy(update={"closing_date": date(2017, 8, 1)})
    assert closing == policy.model_copy(update={"version": "2017.4", "intake": intake})
    assert policy.intake.closing_date is None


@pytest.mark.parametrize("name", ["policy.toml", "policy-2017.toml"])
@pytest.mark.parametrize(
    "table",
    ["intake", "completeness", "terms", "terms.extending", "judging", "judging.agreement", "duplicates"],
)
def test_each_value_that_no_source_gives_is_marked_as_assumed(name: str, table: str) -> None:
    text = (CONFIG / name).read_text(encoding="utf-8")
    body = text.split(f"\n[{table}]")[1].split("\n[")[0]
    values = [line for line in body.splitlines() if re.match(r"[a-z_]+ = ", line)]
    unmarked = [line for line in values if "our assumption" not in line and not line.startswith(PUBLISHED)]
    assert (bool(values), unmarked) == (True, [])


def test_sources_and_their_rights_are_those_of_the_contract(policy: Policy) -> None:
    sources = policy.intake.sources
    assert {source: len(types) for source, types in sources.items()} == {
        "/portal": 5,
        "/reviewers-desk": 1,
        "/operator": 6,
    }
    assert {*sources["/portal"], *sources["/reviewers-desk"]} == {*sources["/operator"]}


def test_values_are_exact_and_in_the_units_that_are_told(policy: Policy) -> None:
    assert [rule.share for rule in policy.completeness.rules if isinstance(rule, ClosingTest)] == [
        Decimal("0.5")
    ]
    assert policy.reminders.hour == time(9)
    assert policy.judging.review_days.admission == 7


def test_policy_never_changes(policy: Policy) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        policy.version = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Completeness, {"largely_self_study": 0}),
        (Completeness, {"rounds": 0}),
        (Completeness, {"largely_self_study": 1.01}),
        (Completeness, {"answer_days": 0}),
        (Terms, {"region": "oost"}),
        (Judging, {"review_days": {"appeal": 7}}),
        (Registrations, {"valid_days": 0}),
    ],
)
def test_value_out_of_range_is_refused(model: type[Any], values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        model.model_validate(values)
