"""What looks like something that is there is refused, asked about or ignored, as the policy says."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.casework import checking, directory, distinguishing
from pipeline.casework.duplicates import MOST
from pipeline.domain.policy import Answer, Duplicates
from pipeline.errors import UsageError
from tests.casework.events import admitted, at, case, event, take_in, verdict
from tests.stages import System, system

APPLIED = "2026-10-20T10:00:00+02:00"
WHY = "Gebeld met de directeur."
BY = "Aletta Hoekstra"
SAME_NAME = {"name": "Rekenrijk  onderwijsadvies B.V.", "kvk_number": "69599068", "postcode": "8011 ab"}


@pytest.fixture
def known(tmp_path: Path) -> System:
    """A home in which the provider of app-02 is admitted, by T-2026-000001."""
    made = system(tmp_path / "home")
    admitted(made)
    at(made, APPLIED)
    return made


def under(home: System, **rules: Answer) -> None:
    """Let other rules hold from now on."""
    policy = home.app.policy.model_copy(update={"duplicates": Duplicates(**rules), "version": "other"})
    home.app = home.stage.app = replace(home.app, policy=policy)


def application(**provider: Any) -> dict[str, Any]:
    """Return an application by somebody quite different, but for these fields."""
    contact = {"email": provider.pop("email", "post@taalhuis.example")}
    other = {"name": "Taalhuis", "kvk_number": "69599084", "postcode": "3511 PM", "contact": contact}
    made = {**other, **provider}
    return event("app-01", {"provider": made}, id=f"of {made['kvk_number']}", time=APPLIED)


def applied(home: System, **provider: Any) -> str:
    number = take_in(home, application(**provider)).case
    assert number is not None
    return number


@pytest.mark.parametrize(
    ("provider", "told"),
    [
        ({"kvk_number": "KvK 9000 0102"}, "hetzelfde KvK-nummer"),
        (SAME_NAME, "dezelfde naam en postcode"),
        ({"email": "post@REKENRIJK.example"}, "hetzelfde maildomein"),
    ],
)
def test_application_that_looks_like_anothers_is_asked_about_and_runs_on(
    known: System, provider: Mapping[str, Any], told: str
) -> None:
    number = applied(known, **provider)

    found = case(known, number)
    assert (found["flags"], found["state"]) == (["duplicate of T-2026-000001"], "in_review")
    [task] = found["tasks"]
    assert task["detail"] == f"Lijkt op T-2026-000001 (Rekenrijk Onderwijsadvies B.V.): {told}."
    [letter] = [one for one in known.mailer.letters() if one["Subject"].startswith("Taak: Mogelijk dubbel")]
    body = letter.get_body(("plain",))
    assert body is not None
    assert "KvK-nummers: " in body.get_content()
    assert "schol" not in body.get_content()  # nor the contact of the other


@pytest.mark.parametrize(
    ("provider", "refused", "to"),
    [
        (
            {"kvk_number": "KvK 9000 0102"},
            ("known_kvk", "provider.kvk_number", "90000102"),
            "scholing@rekenrijk.example",  # whom the number leads to
        ),
        (SAME_NAME, ("known_name", "provider.name", SAME_NAME["name"]), "post@taalhuis.example"),
        (
            {"email": "p@rekenrijk.example"},
            ("known_domain", "provider.contact.email", "p@rekenrijk.example"),
            "p@rekenrijk.example",
        ),
    ],
)
def test_application_that_looks_like_anothers_is_refused_and_told_only_what_it_brought(
    known: System, provider: Mapping[str, Any], refused: tuple[str, str, str], to: str
) -> None:
    under(known, kvk="refuse", name_postcode="refuse", mail_domain="refuse")

    outcome = take_in(known, application(**provider))

    [letter] = [one for one in known.mailer.letters() if one["Subject"].startswith("Niet verwerkt")]
    assert letter["To"] == to
    body = letter.get_body(("plain",))
    assert body is not None
    assert "al een organisatie" in body.get_content()
    assert "T-2026" not in body.get_content()
    refusal = outcome.refusal
    assert refusal is not None
    assert (refusal.rule, refusal.field, refusal.got) == refused
    assert "T-2026" not in refusal.reason


def test_application_is_taken_in_where_the_policy_ignores_what_is_the_same(known: System) -> None:
    under(known, kvk="ignore", name_postcode="ignore", mail_domain="ignore")
    assert case(known, applied(known, kvk_number="90000102"))["flags"] == []


def test_general_mail_domain_says_nothing(known: System) -> None:
    first = applied(known, email="taalhuis@ziggo.nl")
    second = applied(known, name="Rekenhuis", kvk_number="69599076", email="rekenhuis@ziggo.nl")
    assert (case(known, first)["flags"], case(known, second)["flags"]) == ([], [])


def test_application_that_came_to_nothing_is_no_reason_to_ask(known: System) -> None:
    first = applied(known)
    take_in(known, event("wd-01", {"case": first, "reason": "Te vroeg."}, id="wd-x", time=APPLIED))
    again = take_in(known, {**application(), "id": "app-again"}).case
    assert case(known, again)["flags"] == []


def test_number_that_comes_with_a_supplement_is_looked_at_too(known: System) -> None:
    number = applied(known, kvk_number="")
    assert case(known, number)["flags"] == []
    changes = {"provider": {"kvk_number": "90000102"}}
    take_in(known, event("sup-01", {"case": number, "changes": changes}, id="sup-x", time=APPLIED))
    assert case(known, number)["flags"] == ["duplicate of T-2026-000001"]


def test_what_is_different_is_settled_once_and_asked_no_more(known: System) -> None:
    number = applied(known, kvk_number="90000102")

    assert distinguishing.settle(known.app, number, "T-2026-000001", "different", WHY, BY)
    assert not distinguishing.settle(known.app, number, "T-2026-000001", "different", WHY, BY)

    found = case(known, number)
    assert (found["flags"], found["tasks"]) == (["other than T-2026-000001"], [])
    [row] = [one for one in found["journal"] if one["event"] == "likeness_settled"]
    assert row["by"] == BY
    assert row["facts"] == {"other": "T-2026-000001", "answer": "different", "reason": WHY}
    assert distinguishing.open_questions(known.app) == []


def test_same_applicant_becomes_one_provider_and_its_case_runs_on(known: System) -> None:
    number = applied(known, name="Rekenrijk", kvk_number="69599068", email="x@rekenrijk.example")
    [question] = distinguishing.open_questions(known.app)
    assert (question.case.number, question.other.number) == (number, "T-2026-000001")

    distinguishing.settle(known.app, number, "T-2026-000001", "same", WHY, BY)

    found = directory.one(known.app, "69599068")
    assert found["name"] == "Rekenrijk Onderwijsadvies B.V."
    assert [one["case"] for one in found["cases"]] == ["T-2026-000001", number]
    assert case(known, number)["flags"] == ["same as T-2026-000001"]
    with pytest.raises(UsageError, match="cannot be undone"):
        distinguishing.settle(known.app, number, "T-2026-000001", "different", WHY, BY)


def test_question_outlasts_the_case_that_is_granted(known: System) -> None:
    number = applied(known, kvk_number="90000102")
    verdict(known, number, "approve", "2026-10-21T10:00:00+02:00", hours=None)
    found = case(known, number)
    assert (found["state"], [task["kind"] for task in found["tasks"]]) == ("closed", ["duplicate"])


def test_case_that_looks_like_nothing_has_nothing_to_settle(known: System) -> None:
    with pytest.raises(UsageError, match="was not found to look like"):
        distinguishing.settle(known.app, applied(known), "T-2026-000001", "same", WHY, BY)


def submission(key: str, **data: Any) -> dict[str, Any]:
    return event("act-02", {"provider_kvk": "90000102", **data}, id=key, time=APPLIED)


def test_activity_sent_twice_under_two_ids_is_asked_about_and_told_to_reviewers(known: System) -> None:
    first = take_in(known, submission("one")).case
    second = take_in(known, submission("two")).case

    found = case(known, second)
    assert (found["flags"], [task["kind"] for task in found["tasks"]]) == (
        [f"duplicate of {first}"],
        ["duplicate"],
    )
    sent = [letter["subject"] for letter in found["letters"] if letter["kind"] == "review_asked"]
    assert sent
    bodies = [letter.get_body(("plain",)) for letter in known.mailer.letters()]
    told = f"dezelfde titel en inhoud als die in zaak {first} van dezelfde aanbieder"
    said = [" ".join(body.get_content().split()) for body in bodies if body is not None]
    assert sum(told in one for one in said) == len(sent)
    assert distinguishing.settle(known.app, str(second), str(first), "same", WHY, BY)
    assert case(known, second)["flags"] == [f"same as {first}"]


def test_activity_sent_twice_is_refused_with_the_number_of_its_case(known: System) -> None:
    under(known, activity="refuse")
    first = take_in(known, submission("one")).case

    refusal = take_in(known, submission("two")).refusal

    assert refusal is not None
    assert (refusal.rule, refusal.field, refusal.got) == ("same_activity", "activity", first)
    letter = known.mailer.letters()[-1].get_body(("plain",))
    assert letter is not None
    assert f"in uw zaak {first}" in letter.get_content()


def test_new_run_of_an_activity_is_no_duplicate(known: System) -> None:
    take_in(known, submission("one"))
    runs = [{"starts_on": "2027-09-01", "ends_on": "2027-09-01", "city": "Zwolle"}]
    second = take_in(known, submission("two", activity={"runs": runs})).case
    assert case(known, second)["flags"] == []


def test_activity_that_was_withdrawn_may_be_submitted_again(known: System) -> None:
    first = take_in(known, submission("one")).case
    take_in(known, event("wd-01", {"case": first, "reason": "Te vroeg."}, id="wd-x", time=APPLIED))
    assert case(known, take_in(known, submission("two")).case)["flags"] == []


def test_twin_that_was_opened_meanwhile_is_noticed(known: System) -> None:
    """Whoever read before the other had written finds it when reading again."""
    under(known, activity="refuse")
    real, seen = known.app.unit.write, list[str]()

    def write(ops: Any) -> None:
        if not seen:
            seen.append("once")
            take_in(known, submission("one"))
        real(ops)

    known.app.unit.write = write  # type: ignore[method-assign]
    refusal = take_in(known, submission("two")).refusal
    assert refusal is not None
    assert refusal.rule == "same_activity"


def test_check_tells_beforehand_what_would_be_refused_as_known(known: System) -> None:
    under(known, kvk="refuse", activity="refuse")
    take_in(known, submission("one"))
    told = [
        checking.Check(known.app.policy, known.app).of(json.dumps(made).encode())
        for made in (application(kvk_number="90000102"), submission("two"))
    ]
    assert [(one["status"], one["refusal"]["rule"]) for one in told] == [
        ("refused", "known_kvk"),
        ("refused", "same_activity"),
    ]


def test_many_at_one_domain_are_not_all_told_of(known: System) -> None:
    for serial in range(MOST + 2):
        number = applied(known, name=f"Bureau {serial}", kvk_number=str(69599100 + serial), postcode="")
    assert len(case(known, number)["flags"]) == MOST


def test_name_and_address_may_be_longer_than_an_index_takes(home: System) -> None:
    at(home, APPLIED)
    signs = "".join(
        random.Random(1).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=20_000)
    )  # PostgreSQL compresses others
    given = {"name": signs, "contact": {"email": f"post@{signs}.example"}}
    assert take_in(home, event("app-02", {"provider": given}, time=APPLIED)).status == "accepted"
