"""Rules that are right by themselves may still contradict one another; each such pair is named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from pipeline.domain.criteria import CRITERIA
from pipeline.domain.judging import Criterion
from pipeline.domain.lifecycle import Kind
from pipeline.domain.policy import Policy, Rung
from pipeline.settings import load_policy
from pipeline.settings.checks import absent_duties, contradictions

POLICY = load_policy(Path(__file__).parents[2] / "config" / "policy.toml")


def policy(**changes: Any) -> Policy:
    """Return the register's policy with other values, as in ``terms__activity_days=30``."""
    copy = POLICY
    for path, value in changes.items():
        table, _, key = path.partition("__")
        part = getattr(copy, table)
        new = part | {key: value} if isinstance(part, dict) else part.model_copy(update={key: value})
        copy = copy.model_copy(update={table: new})
    return copy


def with_rung(**values: Any) -> Policy:
    """Return the policy with one more rung."""
    rung: dict[str, Any] = {
        "key": "extra",
        "deadline": "decision",
        "kinds": ["activity"],
        "days_before": 7,
        "letter": "deadline_warning",
        "to": "owner",
    }
    return policy(reminders__rungs=[*POLICY.reminders.rungs, Rung.model_validate(rung | values)])


def test_policy_of_the_register_contradicts_itself_nowhere() -> None:
    assert list(contradictions(POLICY)) == []


def test_extra_rung_is_no_contradiction_by_itself() -> None:
    assert list(contradictions(with_rung())) == []


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"letter": "granted"}, ".letter must be deadline_digest or deadline_warning, got granted."),
        ({"kinds": []}, ".kinds must name a kind of case."),
        ({"days_before": 42}, ".days_before must be less than 42 (activity), got 42."),
        (
            {"kinds": ["admission", "activity"], "days_before": 14},
            ".days_before must be less than 14 (admission), got 14.",
        ),
        ({"days_before": 3}, ".days_before must differ from that of decision_3 (activity)."),
        (
            {"deadline": "answer", "letter": "supplement_reminder", "to": "provider", "kinds": ["objection"]},
            ".kinds must not name objection: an objection is never to be completed.",
        ),
        (
            {"deadline": "answer", "letter": "supplement_reminder", "to": "provider", "days_before": 14},
            ".days_before must be less than 14 (activity), got 14.",
        ),
        (
            {"deadline": "review", "letter": "review_reminder", "to": "reviewer", "days_before": 21},
            ".days_before must be less than 21 (activity), got 21.",
        ),
        (
            {"deadline": "review", "letter": "review_reminder", "to": "reviewer", "kinds": ["admission"]},
            ".days_before must be less than 7 (admission), got 7.",
        ),
        (
            {"deadline": "validity", "letter": "renewal_reminder", "to": "provider", "kinds": ["admission"]},
            ".kinds must not name admission: its last day is the deadline admission.",
        ),
    ],
)
def test_rung_that_can_never_ring_or_rings_in_vain_is_named(values: dict[str, Any], fault: str) -> None:
    assert list(contradictions(with_rung(**values))) == [f"reminders.rungs.extra{fault}"]


def test_reminder_of_before_it_was_granted_is_named() -> None:
    assert list(contradictions(policy(registrations__valid_days=90))) == [
        f"reminders.rungs.validity_90.days_before must be less than 90 ({kind}), got 90."
        for kind in ("activity", "objection")
    ]


def test_key_of_two_grounds_is_named() -> None:
    grounds = POLICY.registrations.grounds
    assert list(contradictions(policy(registrations__grounds=[*grounds, grounds[0]]))) == [
        "registrations.grounds: asked must be the key of one ground, not of 2."
    ]


def test_key_of_two_rungs_is_named() -> None:
    assert list(contradictions(with_rung(key="decision_3"))) == [
        "reminders.rungs: decision_3 must be the key of one rung, not of 2."
    ]


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"days_before": None}, " must have days_before or days_after, got neither."),
        (
            {"days_after": 30, "letter": "task_waiting", "to": "owner"},
            " must have days_before or days_after, got both.",
        ),
        ({"to": "provider"}, ".to must be owner or deputy for deadline_warning, got provider."),
        (
            {"letter": "deadline_digest", "to": "deputy"},
            ".to must be owner for deadline_digest, got deputy.",
        ),
        (
            {"deadline": "review", "letter": "review_reminder", "to": "owner", "days_before": 2},
            ".to must be reviewer for review_reminder, got owner.",
        ),
        ({"key": "overdue_2"}, ".key must be another: the system itself remembers reminders by this one."),
        (
            {"key": "answer_passed"},
            ".key must be another: the system itself remembers reminders by this one.",
        ),
        (
            {"days_before": None, "days_after": 14, "letter": "task_waiting", "to": "deputy"},
            ".days_after must differ from that of overdue (activity).",
        ),
    ],
)
def test_rung_that_does_not_fit_its_deadline_or_the_others_is_named(
    values: dict[str, Any], fault: str
) -> None:
    key = values.get("key", "extra")
    assert list(contradictions(with_rung(**values))) == [f"reminders.rungs.{key}{fault}"]


def test_only_a_decision_is_told_of_after_its_deadline() -> None:
    values = {"deadline": "answer", "days_before": None, "days_after": 2, "letter": "deadline_missed"}
    [fault] = contradictions(with_rung(**values, to="provider"))
    assert fault.startswith("reminders.rungs.extra.deadline must be decision where there is a days_after")


def test_escalation_ends_with_a_named_human() -> None:
    before_only = [rung for rung in POLICY.reminders.rungs if not rung.days_after]
    assert list(contradictions(policy(reminders__rungs=before_only))) == [
        f"reminders.rungs: the last with days_after must be a task_waiting to an owner or deputy ({kind}), got none."
        for kind in ("admission", "activity", "objection")
    ]
    told_last = {"days_before": None, "days_after": 30, "letter": "deadline_missed", "to": "provider"}
    assert list(contradictions(with_rung(**told_last))) == [
        "reminders.rungs.overdue.days_after must be the most of all: whoever comes last is a named human (activity)."
    ]


def test_escalation_only_goes_up() -> None:
    earlier = {"days_before": None, "days_after": 7, "letter": "task_waiting", "to": "deputy"}
    assert (
        "reminders.rungs.extra.days_after must be more than 14, that of overdue before it (activity), got 7."
        in list(contradictions(with_rung(**earlier)))
    )


def test_office_closes_after_it_opens() -> None:
    assert list(contradictions(policy(reminders__until=POLICY.reminders.hour))) == [
        "reminders.until must be later than 09:00:00, got 09:00:00."
    ]


def test_reviewer_may_not_have_longer_than_the_register() -> None:
    assert list(contradictions(policy(terms__activity_days=21))) == [
        "judging.review_days.activity must be less than 21, the days to decide in, got 21."
    ]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (
            lambda known: {"gaol" if name == "goal" else name: one for name, one in known.items()},
            [
                "gaol is none that a verdict scores, such as goal.",
                "goal is missing: where some are described, all are.",
            ],
        ),
        (lambda known: {}, []),
    ],
)
def test_criteria_are_those_that_a_verdict_scores(
    change: Callable[[Mapping[str, Criterion]], Mapping[str, Criterion]], fault: list[str]
) -> None:
    criteria = POLICY.judging.criteria
    found = policy(judging__criteria=criteria.model_copy(update={"activity": change(criteria.activity)}))
    assert list(contradictions(found)) == [f"judging.criteria.activity.{one}" for one in fault]


@pytest.mark.parametrize("kind", ["admission", "activity"])
def test_each_criterion_of_the_register_says_what_each_score_means(kind: str) -> None:
    criteria = getattr(POLICY.judging.criteria, kind)
    assert set(criteria) == set(CRITERIA[Kind(kind)])
    assert [len(set(one.anchors)) for one in criteria.values()] == [4] * len(criteria)


def test_deputy_is_somebody_else() -> None:
    duty = POLICY.tasks["late"]
    same = duty.model_copy(
        update={"deputy": duty.owner.model_copy(update={"email": duty.owner.email.upper()})}
    )
    assert list(contradictions(policy(tasks__late=same))) == [
        "tasks.late.deputy must be somebody else than the owner."
    ]


def test_source_may_send_only_what_the_contract_knows() -> None:
    sources = {"/portal": ["nl.registerleraar.case.withdrawn.v2"]}
    assert list(contradictions(policy(intake__sources=sources))) == [
        "intake.sources./portal must list event types, such as nl.registerleraar.case.withdrawn.v1, "
        "got nl.registerleraar.case.withdrawn.v2."
    ]


def test_every_kind_of_task_needs_somebody() -> None:
    tasks: dict[str, Any] = dict.fromkeys(POLICY.tasks)
    assert list(absent_duties({"tasks": tasks})) == []
    del tasks["parked"]
    assert list(absent_duties({"tasks": tasks})) == [
        "tasks.parked is missing: each kind of task needs an owner and a deputy."
    ]
    assert len(list(absent_duties({}))) == len(POLICY.tasks)
    assert list(absent_duties({"tasks": "nobody"})) == []  # pydantic says what is wrong with that
