"""Where the policy says so, a named human signs what reviewers agreed on before anything follows from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.casework import annulling, deciding, explaining, forecasting, overview, signing, verifying
from pipeline.domain.verdicts import Verdict
from pipeline.errors import UsageError
from tests.casework.events import SUBMITTED, admitted, at, case, verdict
from tests.casework.test_cases import approve, follow, kinds, submitted
from tests.stages import ROOT, System, system

SIGNER = "Ruben Mulder"


@pytest.fixture
def signs(tmp_path: Path) -> System:
    """A home in which everything is signed, with one admitted provider."""
    rules = (ROOT / "config" / "policy.toml").read_text(encoding="utf-8")
    file = tmp_path / "policy.toml"
    file.write_text(rules.replace('sign_off = "none"', 'sign_off = "human"'), encoding="utf-8")
    home = system(tmp_path / "home", PIPELINE_POLICY=str(file))
    sign(home, admitted(home))
    at(home, SUBMITTED)
    return home


def sign(home: System, number: str, motivation: str | None = None) -> dict[str, Any]:
    signing.sign(home.app, number, SIGNER, motivation)
    home.stage.rest()
    return case(home, number)


def refuse(home: System, number: str) -> dict[str, Any]:
    signing.refuse(home.app, number, SIGNER, "De uren lijken mij te laag.")
    home.stage.rest()
    return case(home, number)


def held(home: System, contact: str = "6") -> str:
    """Let two reviewers grant hours to an activity that asked 6, and return its case."""
    number = submitted(home)
    approve(home, number, contact, "2026-10-21T10:00:00+02:00")
    approve(home, number, contact, "2026-10-22T10:00:00+02:00")
    return number


def test_decision_is_held_before_number_logo_and_letter(signs: System) -> None:
    found = case(signs, held(signs))
    assert (found["state"], found["result"], found["decided_on"]) == ("to_sign", None, None)
    assert (found["activity_number"], overview.registrations(signs.app)) == (None, [])
    assert found["waits_for"] == "Ruben Mulder: sign_off"
    assert [(one["kind"], one["detail"]) for one in found["tasks"]] == [("sign_off", "toekennen: 6 + 0 uur")]
    assert [kind for kind in kinds(signs, found["case"]) if kind == "granted"] == []


def test_signature_decides_and_stands_in_the_journal(signs: System) -> None:
    found = sign(signs, held(signs))
    assert (found["state"], found["result"], found["activity_number"]) == ("closed", "granted", "10000012")
    assert found["tasks"] == []
    assert found["decision"]["signed_by"] == SIGNER
    signed = [row["event"] for row in found["journal"] if row["by"] == SIGNER]
    assert signed == ["signed_off", "agreed_to_grant"]
    assert verifying.verify(signs.app).faults == []


def test_signer_may_amend_the_motivation_and_both_are_kept(signs: System) -> None:
    number = held(signs, "5")
    found = sign(signs, number, "Vijf uur volgt uit het programma.")
    assert found["decision"]["motivations"] == ["Vijf uur volgt uit het programma."]
    assert found["decision"]["amended"] == {"by": SIGNER, "motivations": ["Omdat het zo is."] * 2}
    granted = signs.mailer.letters()[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Vijf uur volgt uit het programma." in granted
    assert "Omdat het zo is." not in granted
    explained = explaining.explain(signs.app, number)
    assert (explained["same"], explained["letter"]["same"]) == (True, True)


def test_refused_signature_sends_it_to_the_commission_which_decides_alone(signs: System) -> None:
    number = held(signs, "5")
    found = refuse(signs, number)
    assert (found["state"], found["decision"], found["waits_for"]) == (
        "escalated",
        None,
        "Aletta Hoekstra: escalated",
    )
    assert found["tasks"][0]["detail"].startswith("De uren lijken mij te laag. (Niet getekend: toekennen")
    deciding.decide(signs.app, number, Verdict("Aletta Hoekstra", "reject", None, "Nee."))
    signs.stage.rest()
    found = case(signs, number)
    assert (found["state"], found["result"]) == ("closed", "rejected")
    explained = explaining.explain(signs.app, number)
    assert (explained["same"], explained["same_trail"]) == (True, True)
    rules = [one["rule"] for one in found["decision"]["trail"]]
    assert rules == ["count", "equal", "hours", "outcome", "sign_off", "by_hand", "outcome"]


def test_withdrawal_is_possible_until_it_is_signed(signs: System) -> None:
    number = held(signs)
    assert follow(signs, "withdrawn", number, "2026-10-23T10:00:00+02:00", reason="Toch niet.") == ""
    found = case(signs, number)
    assert (found["result"], found["tasks"], found["decision"]) == ("withdrawn", [], None)


def test_verdict_annulled_meanwhile_takes_back_what_was_held(signs: System) -> None:
    number = held(signs)
    reviewer = case(signs, number)["verdicts"][0]["reviewer"]
    annulling.annul(signs.app, number, reviewer, "Vergissing.", "Ineke Vermeer")
    signs.stage.rest()
    found = case(signs, number)
    assert (found["state"], found["tasks"], found["decision"]) == ("in_review", [], None)
    approve(signs, number, "6", "2026-10-23T10:00:00+02:00")
    assert case(signs, number)["state"] == "to_sign"


def test_term_ticks_on_and_a_missed_one_is_told(signs: System) -> None:
    number = held(signs)
    at(signs, "2026-12-08T10:00:00+01:00")
    signs.stage.ring()
    signs.stage.rest()
    found = case(signs, number)
    assert found["due_on"] == "2026-12-07"
    assert "deadline_missed" in kinds(signs, number)


def test_forecast_asks_the_signer_to_sign(signs: System) -> None:
    number = held(signs)
    at(signs, "2026-12-08T10:00:00+01:00")
    [found] = [one for one in forecasting.forecasts(signs.app) if one["case"] == number]
    assert (found["state"], found["repair"]["do"], found["repair"]["who"]) == ("to_sign", "sign", SIGNER)


def test_reviewer_who_was_still_asked_is_told_that_there_are_enough(signs: System) -> None:
    number = submitted(signs)
    approve(signs, number, "6", "2026-10-21T10:00:00+02:00")
    verdict(signs, number, "reject", "2026-10-22T10:00:00+02:00", hours=None)
    first = case(signs, number)["verdicts"][0]["reviewer"]
    annulling.annul(signs.app, number, first, "Vergissing.", "Ineke Vermeer")
    signs.stage.rest()
    asked = [one["reviewer"] for one in case(signs, number)["assignments"] if one["state"] == "asked"]
    verdict(signs, number, "reject", "2026-10-23T10:00:00+02:00", place=asked.index(first), hours=None)
    assert case(signs, number)["state"] == "to_sign"
    told = signs.mailer.letters()[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Er zijn al genoeg oordelen." in " ".join(told.split())


def test_objection_is_signed_too(signs: System) -> None:
    number = held(signs, "5")
    sign(signs, number)
    follow(
        signs,
        "objected",
        number,
        "2026-11-02T10:00:00+01:00",
        about="hours",
        grounds="Zes uur was gevraagd.",
    )
    objection = next(row["case"] for row in overview.cases(signs.app) if row["kind"] == "objection")
    verdict(
        signs,
        objection,
        "approve",
        "2026-11-03T10:00:00+01:00",
        hours={"contact": "6", "self_study": "0"},
    )
    assert case(signs, objection)["state"] == "to_sign"
    assert overview.registrations(signs.app)[0]["hours"]["total"] == "5"
    found = sign(signs, objection)
    assert (found["state"], found["result"], found["hours_granted"]["total"]) == ("closed", "founded", "6")


@pytest.mark.parametrize("motivation", ["", "  "])
def test_amended_motivation_is_a_text(signs: System, motivation: str) -> None:
    with pytest.raises(UsageError, match="is a text"):
        sign(signs, held(signs), motivation)


def test_only_what_is_held_is_signed_or_refused(signs: System) -> None:
    number = submitted(signs)
    for step in (sign, refuse):
        with pytest.raises(UsageError, match="is in_review: nothing of it waits for a signature"):
            step(signs, number)
