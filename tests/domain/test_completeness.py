"""What is missing is told at once, and nothing else is asked."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from pipeline.domain import completeness
from pipeline.domain.completeness import GROUNDS, REQUIREMENTS, Finding, is_mailable
from pipeline.domain.lifecycle import Kind
from pipeline.domain.policy import Completeness, Policy
from tests.domain.readme import expectations, stories

LONG_TEXTS = ("goal", "relevance", "programme", "staff", "evaluation")
ROUNDS = [(id_, data) for story in stories().values() for id_, _, data in story.rounds]

ACTIVITY: dict[str, Any] = {
    "provider_kvk": "69599068",
    "activity": {
        "title": "Zingen met je groep",
        "sectors": ["po"],
        **dict.fromkeys(LONG_TEXTS, "x" * 40),
        "planning": "x" * 20,
        "grounds": {"linked_to_practice": "Ja."},
        "hours": {"contact": "4", "self_study": "0", "justification": "x" * 40},
        "closing_test": None,
    },
}
APPLICATION: dict[str, Any] = {
    "provider": {
        "name": "Stichting Muziek",
        "kvk_number": "69599068",
        "postcode": "3511 AA",
        "contact": {"email": "aanbod@muziek.example"},
    },
    "requirements": {name: {"met": True, "evidence": "x" * 10} for name in REQUIREMENTS},
}


def changed(document: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """Return a copy with another value at the dotted path; ``...`` takes it away."""
    copy = deepcopy(document)
    *way, last = path.split(".")
    part = copy
    for step in way:
        part = part[step]
    if value is ...:
        del part[last]
    else:
        part[last] = value
    return copy


def findings(document: dict[str, Any], policy: Completeness) -> tuple[Finding, ...]:
    kind = Kind.ACTIVITY if "activity" in document else Kind.ADMISSION
    return completeness.musts(completeness.findings(kind, document, policy))


def missing(document: dict[str, Any], policy: Policy) -> list[tuple[str, str]]:
    return [(finding.field, finding.rule) for finding in findings(document, policy.completeness)]


def test_every_row_of_the_readme_is_tried() -> None:
    assert {id_ for id_, _ in ROUNDS} == {
        row.id for row in expectations().values() if row.missing is not None
    }
    assert len(ROUNDS) == 52


@pytest.mark.parametrize(("id_", "data"), ROUNDS, ids=[id_ for id_, _ in ROUNDS])
def test_sample_misses_what_the_readme_says(policy: Policy, id_: str, data: dict[str, Any]) -> None:
    found = tuple(finding.field for finding in findings(data, policy.completeness))
    assert found == expectations()[id_].missing


@pytest.mark.parametrize("document", [ACTIVITY, APPLICATION])
def test_what_is_just_enough_is_complete(policy: Policy, document: dict[str, Any]) -> None:
    assert findings(document, policy.completeness) == ()


@pytest.mark.parametrize("absent", [..., None, "", " \t\n"])
@pytest.mark.parametrize(
    ("path", "minimum"),
    [*((f"activity.{name}", 40) for name in LONG_TEXTS), ("activity.planning", 20),
     ("activity.hours.justification", 40)],
)  # fmt: skip
def test_text_that_is_absent_null_or_blank_is_missing(
    policy: Policy, path: str, minimum: int, absent: object
) -> None:
    found = findings(changed(ACTIVITY, path, absent), policy.completeness)
    assert found == (Finding(path, "missing", minimum, 0),)


@pytest.mark.parametrize(
    ("path", "minimum"),
    [*((f"activity.{name}", 40) for name in LONG_TEXTS), ("activity.planning", 20),
     ("activity.hours.justification", 40)],
)  # fmt: skip
def test_text_is_measured_without_white_space_around(policy: Policy, path: str, minimum: int) -> None:
    found = findings(changed(ACTIVITY, path, f"  {'x' * (minimum - 1)} \n"), policy.completeness)
    assert found == (Finding(path, "too_short", minimum, minimum - 1),)


@pytest.mark.parametrize("ground", GROUNDS)
def test_any_one_ground_is_enough(policy: Policy, ground: str) -> None:
    assert missing(changed(ACTIVITY, "activity.grounds", {ground: "Ja."}), policy) == []


@pytest.mark.parametrize("grounds", [..., None, {}, {"linked_to_practice": " "}])
def test_grounds_without_any_text_are_missing(policy: Policy, grounds: object) -> None:
    assert missing(changed(ACTIVITY, "activity.grounds", grounds), policy) == [
        ("activity.grounds", "grounds_missing")
    ]


@pytest.mark.parametrize("sectors", [..., None, []])
def test_activity_without_a_sector_misses_it(policy: Policy, sectors: object) -> None:
    assert missing(changed(ACTIVITY, "activity.sectors", sectors), policy) == [
        ("activity.sectors", "sectors_missing")
    ]


@pytest.mark.parametrize(
    ("contact", "self_study", "total"),
    [("3", "0", "3"), ("3.0", "0.00", "3"), ("0", "0", "0"), (None, "2.5", "2.5"), ("2", None, "2")],
)
def test_three_hours_or_fewer_are_too_few(
    policy: Policy, contact: str | None, self_study: str | None, total: str
) -> None:
    hours = {"contact": contact, "self_study": self_study, "justification": "x" * 80}
    document = changed(ACTIVITY, "activity.hours", hours)
    document = changed(document, "activity.closing_test", {"kind": "test"})
    assert findings(document, policy.completeness) == (Finding("activity.hours", "hours_too_few", 3, total),)


def test_smallest_amount_above_three_hours_is_enough(policy: Policy) -> None:
    assert missing(changed(ACTIVITY, "activity.hours.contact", f"3.{'0' * 60}1"), policy) == []


def test_submission_without_hours_misses_hours_and_their_justification(policy: Policy) -> None:
    assert missing(changed(ACTIVITY, "activity.hours", None), policy) == [
        ("activity.hours", "hours_too_few"),
        ("activity.hours.justification", "missing"),
    ]


@pytest.mark.parametrize(
    ("length", "rules"), [(79, ["self_study_justification"]), (80, []), (0, ["missing"])]
)
def test_any_self_study_must_be_accounted_for(policy: Policy, length: int, rules: list[str]) -> None:
    hours = {"contact": "9", "self_study": "0.5", "justification": "x" * length}
    assert [rule for _, rule in missing(changed(ACTIVITY, "activity.hours", hours), policy)] == rules


@pytest.mark.parametrize(
    ("contact", "self_study", "asked"),
    [
        ("5", "5", True),
        ("0", "4", True),
        ("6", "0", False),
        ("32", "31", False),
        ("10.1", "10.1", True),  # half, to the last digit: no number of a computer is near enough
        (f"5.{'0' * 40}1", "5", False),
        (f"{'9' * 40}", f"{'9' * 40}", True),
    ],
)
def test_closing_test_is_needed_when_self_study_is_half_or_more(
    policy: Policy, contact: str, self_study: str, asked: bool
) -> None:
    hours = {"contact": contact, "self_study": self_study, "justification": "x" * 80}
    for test in (None, {"kind": None}):
        document = changed(changed(ACTIVITY, "activity.hours", hours), "activity.closing_test", test)
        expected = [("activity.closing_test.kind", "test_missing")] if asked else []
        assert missing(document, policy) == expected


@pytest.mark.parametrize("name", REQUIREMENTS)
@pytest.mark.parametrize("given", [..., None, {}, {"met": False, "evidence": "x" * 10}, {"met": None}])
def test_requirement_that_is_not_met_is_missing(policy: Policy, name: str, given: object) -> None:
    assert missing(changed(APPLICATION, f"requirements.{name}", given), policy) == [
        (f"requirements.{name}", "not_met")
    ]


@pytest.mark.parametrize(
    ("name", "evidence", "expected"),
    [
        ("quality_of_offer", "x" * 9, ("evidence_too_short", 10, 9)),
        ("quality_of_offer", None, ("evidence_missing", 10, 0)),
        ("chamber_of_commerce", " ", ("evidence_missing", 1, 0)),
        ("chamber_of_commerce", "x", None),
    ],
)
def test_evidence_has_its_length_but_for_the_chambers(
    policy: Policy, name: str, evidence: str | None, expected: tuple[str, int, int] | None
) -> None:
    document = changed(APPLICATION, f"requirements.{name}.evidence", evidence)
    found = [
        (finding.rule, finding.minimum, finding.got) for finding in findings(document, policy.completeness)
    ]
    assert found == ([] if expected is None else [expected])


@pytest.mark.parametrize(
    ("number", "rules"),
    [
        (..., ["kvk_missing"]),
        (None, ["kvk_missing"]),
        ("  ", ["kvk_missing"]),
        ("KvK 695.990.68", []),
        ("000012345678", ["kvk_is_establishment_number"]),
        ("00000000", ["kvk_invalid"]),
        ("1234567", ["kvk_invalid"]),
        ("٦٩٥٩٩٠٦٨", ["kvk_invalid"]),
    ],
)
def test_chamber_number_has_eight_digits(policy: Policy, number: object, rules: list[str]) -> None:
    found = missing(changed(APPLICATION, "provider.kvk_number", number), policy)
    assert found == [("provider.kvk_number", rule) for rule in rules]


@pytest.mark.parametrize("postcode", ["1234AB", "1234 AB", " 1234 AB ", "1234 ab"])
def test_postcode_may_have_a_space(policy: Policy, postcode: str) -> None:
    assert missing(changed(APPLICATION, "provider.postcode", postcode), policy) == []


@pytest.mark.parametrize(
    "postcode",
    [..., None, "", "0123 AB", "35 11A", "12 34AB", "1234-AB", "1234 SS", "1234  AB", "NL1234AB", "1234 A"],
)
def test_other_postcode_is_asked_for_again(policy: Policy, postcode: object) -> None:
    assert missing(changed(APPLICATION, "provider.postcode", postcode), policy) == [
        ("provider.postcode", "postcode_invalid")
    ]


@pytest.mark.parametrize(
    ("address", "usable"),
    [
        ("aanbod@muziek.example", True),
        ("zoë@muziek.example", True),
        ("aanbod@café.example", True),
        (None, False),
        ("", False),
        ("aanbod@localhost", False),
        ("aan bod@muziek.example", False),
        ("a@@muziek.example", False),
        ("a@muziek.example, b@muziek.example", False),
        ("Muziek <a@muziek.example>", False),
        ("a@[127.0.0.1]", False),
        ("a@muziek.example\r\nBcc: b@muziek.example", False),
    ],
)
def test_letter_needs_one_address_with_a_dotted_domain(
    policy: Policy, address: str | None, usable: bool
) -> None:
    found = missing(changed(APPLICATION, "provider.contact.email", address), policy)
    assert (is_mailable(address), found) == (
        usable,
        [] if usable else [("provider.contact.email", "email_unusable")],
    )


def test_empty_application_is_asked_for_everything_at_once(policy: Policy) -> None:
    assert [field for field, _ in missing({"provider": None}, policy)] == [
        "provider.kvk_number",
        "provider.postcode",
        "provider.contact.email",
        *(f"requirements.{name}" for name in REQUIREMENTS),
    ]


def test_keys_of_another_kind_of_submission_are_ignored(policy: Policy) -> None:
    application = {**APPLICATION, "activity": [None], "provider_kvk": 7}
    assert completeness.findings(Kind.ADMISSION, application, policy.completeness) == ()
