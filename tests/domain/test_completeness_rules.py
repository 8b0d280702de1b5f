"""Rules of completeness are data: what they find follows from the policy, and what cannot be meant is refused."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import pytest

from pipeline.contract import EventType, paths
from pipeline.contract.fields import ActivityType
from pipeline.domain import completeness, former_rules
from pipeline.domain.completeness import GROUNDS, REQUIREMENTS, Finding
from pipeline.domain.completeness_rules import OfferedType, Rule
from pipeline.domain.lifecycle import Kind
from pipeline.domain.policy import Completeness, Policy
from pipeline.mail import words
from pipeline.settings import load_policy
from tests.domain.readme import CONFIG, stories
from tests.domain.test_completeness import ACTIVITY, APPLICATION, changed
from tests.settings.test_files import faults
from tests.settings.test_files import policy as policy_file

SUBMISSIONS = [data for story in stories().values() for _, _, data in story.rounds]
SOURCES = (CONFIG.parent / "docs" / "sources.md").read_text(encoding="utf-8")


def kind(data: dict[str, Any]) -> Kind:
    return Kind.ACTIVITY if "activity" in data else Kind.ADMISSION


def advice(document: dict[str, Any], policy: Completeness) -> list[tuple[str, str]]:
    found = completeness.findings(kind(document), document, policy)
    return [(one.by.id, one.field) for one in found if one.by and not one.is_must]


def with_hours(contact: str, self_study: str = "0", **activity: object) -> dict[str, Any]:
    hours = {"contact": contact, "self_study": self_study, "justification": "x" * 80}
    document = changed(ACTIVITY, "activity.hours", hours)
    for name, value in activity.items():
        document = changed(document, f"activity.{name}", value)
    return document


def only(**rule: object) -> Completeness:
    given = {"id": "one", "kinds": ["activity"], "ground": "ours", **rule}
    return Completeness.model_validate({"rules": [given]}, strict=True)


def days(*spans: tuple[str | None, str | None]) -> list[dict[str, str | None]]:
    return [{"starts_on": first, "ends_on": last} for first, last in spans]


def test_policy_asks_what_was_asked_before_there_were_rules(policy: Policy) -> None:
    for data in [*SUBMISSIONS, {"activity": {}}, {"provider": {}}]:
        now = completeness.findings(kind(data), data, policy.completeness)
        assert completeness.musts(now) == completeness.findings(kind(data), data, Completeness())


def test_policy_says_what_was_said_before_there_were_rules(policy: Policy) -> None:
    told = words.tables()
    for rule in policy.completeness.rules:
        for code, sentence in rule.sentences.items():
            usual = (
                told["finding_empty"].get(code.removesuffix("_empty")) if code.endswith("_empty") else None
            )
            assert sentence == (usual or told["finding"][code])


def test_each_rule_says_a_sentence_for_all_that_it_must_find(policy: Policy) -> None:
    for rule in policy.completeness.rules:
        assert rule.severity == "should" or set(rule.codes) <= set(rule.sentences)


def test_no_sample_of_the_season_gets_advice(policy: Policy) -> None:
    assert [advice(data, policy.completeness) for data in SUBMISSIONS] == [[]] * len(SUBMISSIONS)


def test_lengths_of_an_earlier_policy_are_kept_as_rules() -> None:
    kept = Completeness.model_validate({"text_length": 50, "largely_self_study": 1, "answer_days": 20})
    assert completeness.findings(Kind.ACTIVITY, changed(ACTIVITY, "activity.goal", "x" * 49), kept)[0] == (
        Finding("activity.goal", "too_short", 50, 49)
    )
    assert kept.answer_days == 20


def test_file_of_an_earlier_release_still_says_what_it_said(tmp_path: Path) -> None:
    text = (CONFIG / "policy.toml").read_text(encoding="utf-8")
    before, after = text.split("[completeness]")[0], "[terms]" + text.split("\n[terms]")[1]
    lengths = "[completeness]\ntext_length = 50\nlargely_self_study = 0.25\nanswer_days = 14\n\n"
    (tmp_path / "policy.toml").write_text(before + lengths + after, encoding="utf-8")
    found = load_policy(tmp_path / "policy.toml").completeness
    assert found == Completeness.model_validate({"text_length": 50, "largely_self_study": 0.25})
    assert found.rounds == 3


def test_lengths_beside_rules_are_not_known() -> None:
    with pytest.raises(ValueError, match="text_length"):
        Completeness.model_validate({"rules": [], "text_length": 40})


def test_finding_names_the_rule_that_found_it(policy: Policy) -> None:
    [found] = completeness.findings(
        Kind.ACTIVITY, changed(ACTIVITY, "activity.goal", None), policy.completeness
    )
    assert found.told() == {
        "field": "activity.goal",
        "rule": "missing",
        "minimum": 40,
        "got": 0,
        "by": "content",
    }


def test_rule_says_its_own_sentence_and_another_where_nothing_came() -> None:
    sentences = {"too_short": "Nog {minimum} graag, nu {got}.", "missing": "Vul in."}
    rules = only(check="text", fields=["activity.goal"], minimum=50, sentences=sentences)
    found = [
        *completeness.findings(Kind.ACTIVITY, ACTIVITY, rules),
        *completeness.findings(Kind.ACTIVITY, changed(ACTIVITY, "activity.goal", None), rules),
    ]
    assert [words.satisfying(one) for one in found] == ["Nog 50 tekens graag, nu 40.", "Vul in."]


def test_field_is_asked_about_once_and_what_must_be_goes_first() -> None:
    hint = {"id": "hint", "check": "text", "fields": ["activity.goal"], "minimum": 90, "severity": "should"}
    must = {"id": "must", "check": "text", "fields": ["activity.goal"], "minimum": 50}
    both = {"kinds": ["activity"], "ground": "ours"}
    rules = Completeness.model_validate({"rules": [hint | both, must | both]})
    found = completeness.findings(Kind.ACTIVITY, ACTIVITY, rules)
    assert [one.by.id for one in found if one.by] == ["must"]


@pytest.mark.parametrize(
    ("runs", "contact", "is_found"),
    [
        (days(("2027-03-10", "2027-03-10")), "10", False),
        (days(("2027-03-10", "2027-03-10")), "10.5", True),
        (days(("2027-03-10", "2027-03-11")), "20", False),
        (days(("2027-01-01", "2027-06-30"), ("2027-03-10", "2027-03-11")), "20.01", True),
        (days(("2027-03-10", None), (None, None), ("morgen", "later")), "90", False),
        (days(("2027-03-10", "2027-03-09")), "90", False),
        ([], "90", False),
        (None, "90", False),
    ],
)
def test_hours_fit_the_days_of_the_shortest_run(
    policy: Policy, runs: object, contact: str, is_found: bool
) -> None:
    document = with_hours(contact, runs=runs, programme="x" * 150)
    expected = [("hours_per_day", "activity.planning")] if is_found else []
    assert advice(document, policy.completeness) == expected


@pytest.mark.parametrize(
    ("length", "contact", "is_found"), [(149, "40", True), (150, "40", False), (149, "39.9", False)]
)
def test_many_hours_need_more_than_a_line_of_programme(
    policy: Policy, length: int, contact: str, is_found: bool
) -> None:
    expected = [("programme_of_hours", "activity.programme")] if is_found else []
    assert advice(with_hours(contact, programme="x" * length), policy.completeness) == expected


@pytest.mark.parametrize(
    ("offered", "contact", "rule"),
    [
        ("study_day", "12", None),
        ("study_day", "12.1", "hours_of_study_day"),
        ("programme", "19.9", "hours_of_programme"),
        ("programme", "20", None),
        ("course", "30", None),
    ],
)
def test_type_fits_the_hours(policy: Policy, offered: str, contact: str, rule: str | None) -> None:
    expected = [(rule, "activity.type")] if rule else []
    assert advice(with_hours(contact, type=offered), policy.completeness) == expected


def test_advice_alone_leaves_a_submission_complete(policy: Policy) -> None:
    found = completeness.findings(Kind.ACTIVITY, with_hours("30", type="study_day"), policy.completeness)
    assert (completeness.musts(found), len(completeness.shoulds(found))) == ((), 1)


@pytest.mark.parametrize(
    ("given", "is_absent"), [(None, True), (" ", True), ([], True), ([{}], False), ("x", False)]
)
def test_what_must_be_present_may_be_whatever(given: object, is_absent: bool) -> None:
    rules = only(check="present", fields=["activity.runs"])
    found = completeness.findings(Kind.ACTIVITY, changed(ACTIVITY, "activity.runs", given), rules)
    assert found == ((Finding("activity.runs", "absent"),) if is_absent else ())


def test_every_check_has_a_sentence_for_all_that_it_finds() -> None:
    for check in checks():
        for code in check.codes:
            for got in (None, 2, "12"):
                assert "{" not in words.satisfying(Finding("activity.goal", code, 40, got))


def test_every_check_is_known_to_the_rules_and_to_what_finds() -> None:
    assert set(checks()) == set(completeness._CHECKS)


def checks() -> list[type[Rule]]:
    return list(Rule.__subclasses__())


def test_rules_that_are_taken_for_granted_look_at_fields_of_the_contract() -> None:
    submitted = {"activity": EventType.ACTIVITY_SUBMITTED, "admission": EventType.PROVIDER_APPLIED}
    for rule in Completeness().rules:
        for each in rule.kinds:
            assert set(rule.paths()) <= paths.paths(submitted[each])


def test_every_text_of_a_submission_can_be_looked_at() -> None:
    found = paths.texts(EventType.ACTIVITY_SUBMITTED)
    assert {f"activity.grounds.{ground}" for ground in GROUNDS} | {
        "activity.goal",
        "activity.website",
    } <= found
    assert found.isdisjoint({"activity.runs", "activity.sectors", "activity.closing_test", "activity"})
    evidence = {f"requirements.{name}.evidence" for name in REQUIREMENTS}
    assert evidence | {"provider.contact.email"} <= paths.texts(EventType.PROVIDER_APPLIED)


def test_types_are_those_of_the_contract() -> None:
    offered = {word for word in re.findall(r"\w+", str(ActivityType)) if word in get_args(OfferedType)}
    assert offered == set(get_args(OfferedType))


@pytest.mark.parametrize("name", ["policy.toml", "policy-2017.toml"])
def test_each_rule_has_a_ground_that_the_page_of_sources_tells(name: str) -> None:
    page = SOURCES.split("## Completeness")[1].split("\n## ")[0]
    for rule in load_policy(CONFIG / name).completeness.rules:
        assert f"| `{rule.id}` |" in page
        [line] = [line for line in page.splitlines() if line.startswith(f"| `{rule.id}` |")]
        assert line.endswith(f"| {rule.ground} |")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            'check = "chosen"',
            'check = "choosen"',
            "completeness.rules#1 must have a check that is known: 'text', 'present', 'chosen', 'any_filled', "
            "'more_than_hours', 'self_study_accounted_for', 'test_of_self_study', 'requirement', 'kvk_number', "
            "'postcode', 'mailable', 'hours_per_day', 'text_for_hours', 'hours_of_type'.",
        ),
        ('check = "chosen"\n', "", "completeness.rules#1 must name its check."),
        (
            'fields = ["activity.sectors"]',
            'fields = ["activity.sector"]',
            "completeness.rules#1 (sectors) must look at a field of an activity that this check can judge, such as "
            "activity.sectors, got activity.sector.",
        ),
        (
            'fields = ["activity.planning"]',
            'fields = ["activity.runs"]',
            "completeness.rules#3 (planning) must look at a field of an activity that this check can judge, such as "
            "activity.staff, got activity.runs.",
        ),
        (
            'id = "planning"',
            'id = "content"',
            "completeness.rules: each id stands for one rule, got content 2 times.",
        ),
        (
            "minimum = 20 ",
            "minimum = 20000 ",
            "completeness.rules#3.text.minimum must be less than or equal to 10000, got 20000.",
        ),
        (
            "minimum = 150 ",
            "minimum = 40 ",
            "completeness rule programme_of_hours never finds anything in activity.programme: its minimum must be more "
            "than 40, which rule content asks for, got 40.",
        ),
        (
            "at_most = 12 ",
            "at_most = 3 ",
            "completeness rule hours_of_study_day leaves no hours for a study_day: at_most must be at least 4, since "
            "other rules ask for that, got 3.",
        ),
        (
            "sectors_missing =",
            "sector_missing =",
            "completeness.rules#1.chosen sentences are for sectors_missing, got one for sector_missing.",
        ),
        (
            "Kies ten minste één sector:",
            "Kies ten minste {number} sector:",
            "completeness.rules#1.chosen sectors_missing: only {minimum} and {got} may stand between braces.",
        ),
        (
            "Kies ten minste één sector:",
            "Kies ten minste {minimum:d} sector:",
            "completeness.rules#1.chosen sectors_missing: only {minimum} and {got} may stand between braces.",
        ),
        (
            '  "activity.grounds.linked_to_practice",\n',
            '  "provider.name",\n',
            "completeness.rules#4.any_filled fields must lie in one part of the submission, got "
            "activity.grounds.strengthens_competence, activity.grounds.contributes_to_pupils_learning, provider.name, "
            "activity.grounds.adds_to_initial_training.",
        ),
        ("at_least = 20 ", "at_last = 20 ", None),
    ],
)
def test_rule_that_cannot_be_meant_is_refused(tmp_path: Path, old: str, new: str, fault: str | None) -> None:
    found = faults(policy_file(tmp_path, (old, new)))
    assert (len(found) > 0) if fault is None else (found == [fault])


def test_former_lengths_are_those_that_rules_are_made_of() -> None:
    changed_all = {name: 7 if isinstance(value, int) else 1 for name, value in former_rules.LENGTHS.items()}
    assert all(
        Completeness.model_validate({name: value}).rules != Completeness().rules
        for name, value in changed_all.items()
    )


def test_complete_application_gets_neither_request_nor_advice(policy: Policy) -> None:
    assert completeness.findings(Kind.ADMISSION, APPLICATION, policy.completeness) == ()
