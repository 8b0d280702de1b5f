from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import update

from pipeline.cli.session import opened
from pipeline.store import tables
from tests.cli.conftest import Run
from tests.stages import ROOT

BY = "a.hoekstra@onderwijscooperatie.example"  # Aletta Hoekstra, as the policy names her


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--verdict", "perhaps", "--by", BY], "--verdict is one of approve, defer, reject, got perhaps."),
        (
            ["--verdict", "reject", "--by", " "],
            "--by is somebody whom the policy names under [tasks], got nothing",
        ),
        (["--verdict", "reject", "--by", "A. Nyone"], "got A. Nyone: Aletta Hoekstra, Ineke Vermeer,"),
        (["--verdict", "approve", "--by", BY, "--contact", "veel"], "such as 7.5, got veel."),
        (["--verdict", "approve", "--by", BY, "--contact", "-1"], "such as 7.5, got -1."),
    ],
)
def test_decision_that_cannot_be_is_said_so(season: Run, options: list[str], said: str) -> None:
    told = season("decide", "A-2026-000022", *options)

    assert (told.code, told.out) == (2, "")
    assert said in " ".join(told.err.split())


def test_only_an_escalated_case_is_decided_by_hand(season: Run) -> None:
    told = season("decide", "A-2026-000022", "--verdict", "approve", "--by", BY, "--contact", "6")

    assert told.code == 2
    assert "only an escalated case is decided by hand" in told.err


def test_decision_is_explained_rule_by_rule_and_comes_out_the_same(season: Run) -> None:
    told = season("decide", "A-2026-000003", "--explain")

    assert told.code == 0
    assert "contact 2 RU less" in told.out
    assert "r011 recuse (abstains: does not count)" in told.out
    assert told.out.splitlines()[-2:][0] == "Decision: the same."
    assert "(granted): the same bytes, SHA-256" in told.out.splitlines()[-1]


def test_explanation_for_programs_names_the_rules_that_were_tried(season: Run) -> None:
    told = season("decide", "A-2026-000003", "--explain", "--json").json

    assert [one["rule"] for one in told["decision"]["trail"]] == ["count", "equal", "hours", "outcome"]
    assert (told["same"], told["same_trail"], told["letter"]["same"]) == (True, True, True)


def test_decision_that_does_not_come_out_the_same_ends_with_1(season: Run) -> None:
    with opened() as app, app.database.writing() as connection:
        connection.execute(update(tables.verdicts).values(hours={"contact": "1", "self_study": "0"}))

    told = season("decide", "A-2026-000003", "--explain")

    assert told.code == 1
    assert "Decision: NOT the same." in told.out


def test_set_aside_case_was_not_weighed_but_its_letter_comes_out_the_same(season: Run) -> None:
    told = season("decide", "A-2026-000007", "--explain")

    assert told.code == 0
    assert "nothing to weigh again" in told.out
    assert "(set_aside): the same bytes" in told.out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--explain", "--by", BY], "--explain decides nothing"),
        (["--json"], "--json goes with --explain."),
        ([], "--verdict is one of approve, defer, reject, got nothing."),
    ],
)
def test_explaining_and_deciding_do_not_mix(season: Run, options: list[str], said: str) -> None:
    told = season("decide", "A-2026-000003", *options)

    assert (told.code, told.out) == (2, "")
    assert said in " ".join(told.err.split())


def test_other_rules_are_shown_beside_those_of_the_case(season: Run, tmp_path: Path) -> None:
    rules = (ROOT / "config" / "policy.toml").read_text(encoding="utf-8")
    other = tmp_path / "other.toml"
    other.write_text(rules.replace("activity = 2 ", "activity = 3 ").replace("2026.4", "what-if"), "utf-8")

    told = season("rejudge", "A-2026-000003", "--policy", other)
    as_json = season("rejudge", "A-2026-000003", "--policy", other, "--json").json

    assert told.code == 0
    assert "2 of at least 3 verdicts that count: the case waits" in told.out
    assert (as_json["own"]["result"], as_json["other"]["outcome"]) == ("granted", "waits")
    assert as_json["other"]["policy"] == "what-if"


def test_verdict_of_a_decided_case_is_not_annulled(season: Run) -> None:
    told = season("verdicts", "annul", "A-2026-000003", "r017", "--reason", "Nee.", "--by", BY)

    assert told.code == 2
    assert "its verdicts stand" in told.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--by", BY, "--refuse"], "--refuse and --reason go together."),
        (["--by", BY, "--reason", "Nee."], "--refuse and --reason go together."),
        (["--by", BY, "--refuse", "--reason", "Nee.", "--amend", "Ja."], "--refuse signs nothing"),
        (["--by", "A. Nyone"], "--by is somebody whom the policy names under [tasks], got A. Nyone"),
        (["--by", BY], "nothing of it waits for a signature"),
        (["--by", BY, "--refuse", "--reason", "Nee."], "nothing of it waits for a signature"),
    ],
)
def test_signature_that_cannot_be_is_said_so(season: Run, options: list[str], said: str) -> None:
    told = season("sign-off", "A-2026-000003", *options)

    assert (told.code, told.out) == (2, "")
    assert said in " ".join(told.err.split())


def test_case_that_is_not_parked_cannot_be_retried(season: Run) -> None:
    told = season("retry", "A-2026-000022", "--by", "Samira El Amrani")

    assert told.code == 5
    assert told.err == "Nothing that is parked has the number or id A-2026-000022.\n"


def test_whoever_retries_has_a_name(season: Run) -> None:
    assert season("retry", "A-2026-000022", "--by", "").code == 2


def test_case_that_waits_too_long_is_taken_over_and_decided(season: Run) -> None:
    declined = ("reviewers", "decline", "A-2026-000022", "--by", "ineke vermeer", "--reason", "Geen tijd.")
    asked = [one["reviewer"] for one in season("case", "A-2026-000022", "--json").json["assignments"]]
    assert season(*declined, asked[-1]).out == (
        f"{asked[-1]} need not review case A-2026-000022; somebody else is asked.\n"
    )
    assert f"No verdict of {asked[-1]} is waited for" in season(*declined, asked[-1]).err
    taken = ("take-over", "A-2026-000022", "--by", BY, "--reason", "De termijn is om.")
    assert season(*taken).code == 0
    assert season(*taken).code == 2
    decided = season("decide", "a-2026-000022", "--verdict", "reject", "--by", BY, "--motivation", "Te laat.")
    assert decided.out.startswith("Case A-2026-000022 is decided by Aletta Hoekstra;")
