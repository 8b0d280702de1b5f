"""What a verdict owes to the case it is about."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from pipeline.contract import EventType, HoursDuty, ReviewGiven, check_review, read
from pipeline.errors import Refused

from .samples import REVIEW, event, verdict_on

ASKED = (Decimal("36"), Decimal("10"))
CRITERIA = ("goal", "programme", "adds_to_initial_training")
HOURS = REVIEW["hours"]


def check(changes: dict[str, Any], **duties: Any) -> None:
    data = {key: value for key, value in {**REVIEW, **changes}.items() if value != "absent"}
    review = read(event(EventType.REVIEW_GIVEN, data)).data
    assert isinstance(review, ReviewGiven)
    defaults = {"criteria": CRITERIA, "optional": {"adds_to_initial_training"}, "hours": HoursDuty.REQUIRED}
    check_review(review, data, **{**defaults, "hours_asked": ASKED, **duties})


def refused(changes: dict[str, Any], **duties: Any) -> tuple[str, str]:
    with pytest.raises(Refused) as refusal:
        check(changes, **duties)
    return verdict_on(refusal.value)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"motivation": "absent"},
        {"hours": {"contact": "36.0", "self_study": "010"}},
        {"hours": {"contact": "36", "self_study": "9"}, "motivation": "Te ruim geraamd."},
        {"scores": {"goal": 1, "programme": 4, "adds_to_initial_training": None}},
        {"verdict": "defer", "hours": None, "motivation": "Planning ontbreekt."},
        {"verdict": "reject", "hours": "absent", "motivation": "Geen scholing."},
        {"verdict": "recuse", "hours": None, "scores": {}},
    ],
)
def test_check_review_on_an_activity_good_verdict_passes(changes: dict[str, Any]) -> None:
    check(changes)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"hours": None}, ("hours_missing", "hours")),
        ({"hours": {"contact": "36"}}, ("hours_missing", "hours.self_study")),
        ({"hours": {"contact": None, "self_study": "10"}}, ("hours_missing", "hours.contact")),
        ({"hours": {"contact": "35", "self_study": "11"}}, ("motivation", "motivation")),
        ({"hours": {"contact": "35", "self_study": "10"}, "motivation": " \n"}, ("motivation", "motivation")),
        ({"verdict": "defer", "hours": None}, ("motivation", "motivation")),
        ({"verdict": "reject", "hours": None, "motivation": "absent"}, ("motivation", "motivation")),
        ({"verdict": "reject", "motivation": "Geen scholing."}, ("wrong_type", "hours")),
        ({"verdict": "recuse"}, ("wrong_type", "hours")),
        ({"scores": {"goal": 3}}, ("score", "scores.programme")),
        ({"scores": {"goal": None, "programme": 3}}, ("score", "scores.goal")),
    ],
)
def test_check_review_on_an_activity_what_is_owed_is_refused_when_missing(
    changes: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert refused(changes) == expected


def test_check_review_on_an_admission_gives_no_hours() -> None:
    assert refused({}, hours=HoursDuty.NONE, hours_asked=None) == ("wrong_type", "hours")


def test_check_review_on_an_admission_approval_without_hours_passes() -> None:
    check({"hours": None}, hours=HoursDuty.NONE, hours_asked=None)


def test_check_review_on_an_objection_defer_is_refused() -> None:
    deferred = {"verdict": "defer", "hours": None, "motivation": "Nog eens."}

    assert refused(deferred, hours=HoursDuty.ALLOWED, objection=True) == ("no_defer", "verdict")


@pytest.mark.parametrize("hours", [None, HOURS])
def test_check_review_on_an_objection_approval_gives_hours_if_they_change(hours: object) -> None:
    check({"hours": hours}, hours=HoursDuty.ALLOWED, objection=True)


def test_check_review_several_faults_names_the_first_in_the_document() -> None:
    backwards: dict[str, Any] = {"motivation": None, "scores": {}, "hours": None}
    data = {**backwards, "case": "A-2026-000123", "reviewer": "r017", "verdict": "reject"}
    review = ReviewGiven.model_validate(data)

    with pytest.raises(Refused) as refusal:
        check_review(review, data, criteria=CRITERIA, hours=HoursDuty.REQUIRED, hours_asked=ASKED)

    assert verdict_on(refusal.value) == ("motivation", "motivation")


def test_check_review_motivation_refused_says_why_it_is_needed() -> None:
    with pytest.raises(Refused) as refusal:
        check({"hours": {"contact": "9", "self_study": "1"}})

    assert refusal.value.reason == (
        "motivation: expected a motivation for hours other than those asked, got null. "
        "Write it and send the verdict again."
    )


@pytest.mark.parametrize(
    ("changes", "duties"),
    [
        ({"motivation": "absent"}, {"always": True}),
        ({"motivation": " ", "scores": {"goal": 2, "programme": 4}}, {"low_score": 2}),
        ({"motivation": None, "scores": {"goal": 4, "programme": 1}}, {"low_score": 2}),
    ],
)
def test_check_review_policy_may_want_more_motivations(
    changes: dict[str, Any], duties: dict[str, Any]
) -> None:
    check(changes)
    assert refused(changes, **duties) == ("motivation", "motivation")
    check({**changes, "motivation": "Omdat het zo is."}, **duties)


def test_check_review_recusal_owes_no_motivation_whatever_the_policy() -> None:
    recused: dict[str, Any] = {"verdict": "recuse", "hours": None, "scores": {}, "motivation": "absent"}
    check(recused, always=True, low_score=4)
