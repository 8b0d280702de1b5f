"""Every code that a letter can meet has Dutch words."""

from __future__ import annotations

from typing import get_args

import pytest

from pipeline import errors
from pipeline.domain import policy
from pipeline.domain.completeness import Finding
from pipeline.domain.lifecycle import Result, State
from pipeline.mail import words

ADDRESS = "vragen@register.example"


@pytest.mark.parametrize("rule", sorted(errors.RULES))
def test_every_refusal_has_a_sentence_that_says_what_to_do(rule: str) -> None:
    sentence = words.advice(rule, "activity.title", None, ADDRESS)
    assert sentence.endswith(".")
    assert "{" not in sentence


def test_sentence_fits_the_kind_of_event() -> None:
    plain = words.advice("wrong_state", "case", None, ADDRESS)
    withdrawn = words.advice("wrong_state", "case", "nl.registerleraar.case.withdrawn.v1", ADDRESS)
    assert plain != withdrawn
    assert "mail naar vragen@register.example" in withdrawn


def test_list_of_allowed_values_is_told() -> None:
    assert "po, vo, mbo of so" in words.advice("not_in_list", "activity.sectors", None, ADDRESS)


@pytest.mark.parametrize(
    ("finding", "sentence"),
    [
        (
            Finding("activity.goal", "too_short", 40, 24),
            "Deze tekst is te kort. Wij hebben ten minste 40 tekens nodig; de tekst telt er nu 24.",
        ),
        (
            Finding("activity.hours", "hours_too_few", 3, "2.5"),
            "Contacturen en zelfstudie moeten samen meer dan 3 uur zijn; nu is het 2,5 uur.",
        ),
        (
            Finding("provider.contact.email", "email_unusable", None, None),
            "Er is nog geen e-mailadres ingevuld. Vul één e-mailadres in, zoals naam@organisatie.nl.",
        ),
        (
            Finding("requirements.chamber_of_commerce", "evidence_missing", 1, 0),
            "U gaf nog niet aan waaruit dit blijkt. Beschrijf dat in ten minste een paar woorden of geef een link.",
        ),
    ],
)
def test_finding_says_what_would_satisfy_it(finding: Finding, sentence: str) -> None:
    assert words.satisfying(finding) == sentence


def test_every_kind_of_task_and_result_of_an_objection_has_words() -> None:
    tables = words.tables()
    kinds = set(get_args(policy.TaskKind))
    assert kinds <= set(tables["task"])
    assert kinds <= set(tables["todo"])
    assert {Result.FOUNDED, Result.PARTLY_FOUNDED, Result.UNFOUNDED, Result.INADMISSIBLE} <= set(
        tables["result"]
    )
    assert set(State) <= set(tables["state"])


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("activity.title", "titel"),
        ("changes.activity.title", "titel"),
        ("requirements.quality_of_offer.evidence", "kwaliteit van het aanbod"),
        ("unheard_of", "unheard_of"),
    ],
)
def test_field_bears_its_name_on_the_form(field: str, name: str) -> None:
    assert words.label(field) == name


@pytest.mark.parametrize(
    ("got", "field", "told"),
    [
        ("nothing", "activity.title", "niets"),
        ("the number 7.5", "activity.hours.contact", "het getal 7.5"),
        ("300000 bytes", "(whole)", "300000 bytes"),
        ("control character U+0007 in a b", "activity.title", "stuurteken U+0007 in “a b”"),
        ("closed", "case", "de zaak is gesloten"),
        ("closed", "activity.title", "“closed”"),
        ("7,5", "activity.hours.contact", "“7,5”"),
    ],
)
def test_what_came_is_told_in_dutch_and_quoted_where_a_sender_wrote_it(
    got: str, field: str, told: str
) -> None:
    assert words.came(got, field) == told
