"""What two providers have in common, and by what an activity is known again."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from pipeline.domain.likeness import Identity, Trait, answered, content_key, in_common
from pipeline.domain.policy import Duplicates

ONE = Identity(frozenset({"90000102"}), "rekenrijk", "8011AB", "rekenrijk.example")
NOBODY = Identity(frozenset(), "taalhuis", "", "")
SUBMITTED: dict[str, Any] = {
    "provider_kvk": "90000102",
    "previous_case": None,
    "activity": {
        "title": "Rekenen met hoofd en hand",
        "goal": "Leraren leren rekenen.",
        "website": None,
        "runs": [{"starts_on": "2027-02-03", "city": "Zwolle"}],
    },
}


@pytest.mark.parametrize(
    ("other", "common"),
    [
        (NOBODY, ()),
        (Identity(frozenset({"90000102", "69599068"}), "anders", "1000AA", "anders.example"), (Trait.KVK,)),
        (Identity(frozenset(), "rekenrijk", "8011AB", ""), (Trait.NAME_POSTCODE,)),
        (Identity(frozenset(), "rekenrijk", "1000AA", ""), ()),
        (Identity(frozenset(), "anders", "8011AB", "rekenrijk.example"), (Trait.MAIL_DOMAIN,)),
        (ONE, tuple(Trait)),
    ],
)
def test_two_providers_have_in_common_what_is_the_same_and_known(
    other: Identity, common: tuple[Trait, ...]
) -> None:
    assert in_common(ONE, other) == common


def test_two_providers_without_postcode_or_domain_have_nothing_in_common() -> None:
    assert in_common(NOBODY, NOBODY) == ()


def test_each_trait_has_the_answer_of_the_policy() -> None:
    rules = Duplicates(kvk="refuse", name_postcode="ask", mail_domain="ignore")
    assert answered(tuple(Trait), rules, "refuse") == (Trait.KVK,)
    assert answered(tuple(Trait), rules, "ask") == (Trait.NAME_POSTCODE,)
    assert answered((Trait.MAIL_DOMAIN,), rules, "ask") == ()


def changed(**changes: Any) -> dict[str, Any]:
    made = copy.deepcopy(SUBMITTED)
    made["activity"] |= changes
    return made


@pytest.mark.parametrize(
    "again",
    [
        changed(title="  REKENEN met  hoofd en hand"),
        changed(goal="Leraren leren\n  rekenen. "),
        changed(website="", evaluation=None, grounds={"linked_to_practice": None}),
        {**SUBMITTED, "previous_case": "A-2026-000001", "provider_kvk": "900.001.02"},
    ],
)
def test_activity_is_known_again_whatever_its_case_space_and_empty_fields(again: dict[str, Any]) -> None:
    assert content_key(again) == content_key(SUBMITTED)


@pytest.mark.parametrize(
    "other",
    [
        changed(title="Rekenen met hoofd en hart"),
        changed(goal="Leraren leren Rekenen."),
        changed(runs=[{"starts_on": "2027-09-01", "city": "Zwolle"}]),
    ],
)
def test_activity_with_another_title_content_or_run_is_another(other: dict[str, Any]) -> None:
    assert content_key(other) != content_key(SUBMITTED)
