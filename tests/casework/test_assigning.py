"""Assignment in a home: who is asked and why stands in the journal, and nobody to ask is explained."""

from __future__ import annotations

import pytest

from pipeline.casework import choosing, overview, reviewing
from tests.casework.events import SUBMITTED, admitted, at, case, event, take_in, verdict
from tests.casework.test_reviewing import HEADER
from tests.stages import System

KNOWN = f"{HEADER},{','.join(reviewing.OPTIONAL)}"


def listed(home: System, *lines: str) -> None:
    """Let these be the reviewers."""
    wanted = reviewing.read_list("\n".join((KNOWN, *lines)) + "\n")
    reviewing.carry_out(home.app, reviewing.plan(home.app, wanted))
    home.stage.rest()


def one(
    key: str,
    *,
    sectors: str = "po",
    categories: str = "didactic",
    kvk: str = "90100101",
    capacity: int = 4,
    away: str = ",",
    known: str = "-,-",
    domain: str = "school",
) -> str:
    """Return the line of a reviewer."""
    address = f"{key}@{domain}.example"
    return f"{key},Naam {key},{address},{sectors},{categories},School,{kvk},{capacity},{away},{known}"


def submitted(home: System, **envelope: str) -> str:
    other = {"website": f"https://rekenrijk.example/{envelope['id']}"} if "id" in envelope else {}
    data = {"provider_kvk": "90000102", "activity": other}  # the same once more would be a duplicate
    made = event("act-02", data, **{"time": SUBMITTED, **envelope})
    number = take_in(home, made).case
    assert number is not None
    return number


def test_journal_says_why_these_and_why_not_others(ready: System) -> None:
    listed(ready, one("r1"), one("r2", capacity=2), one("r3", capacity=1), one("r4", sectors="vo"))
    number = submitted(ready)
    [told] = choosing.explain(ready.app, number)["rounds"]
    assert told["reviewers"] == ["r1", "r2"]
    assert told["why"] == {"r1": {"load": 25}, "r2": {"load": 50}}
    assert told["nearest"] == {"r3": {"instead_of": "r2", "more": {"load": 50}}}
    assert told["why_not"]["sector"] == ["r4"]


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        (one("r9", kvk="90000102"), "employer"),
        (one("r9", known="90000102,-"), "earlier_employer"),
        (one("r9", known="-,90000102"), "interest"),
        (one("r9", domain="rekenrijk"), "mail_domain"),
        (one("r9", away="2026-10-19,2026-10-20"), "away"),
        (one("r9", categories="general"), "category"),
    ],
)
def test_reviewer_whom_a_rule_keeps_away_is_not_asked(ready: System, line: str, rule: str) -> None:
    listed(ready, one("r1"), one("r2"), line)
    [told] = choosing.explain(ready.app, submitted(ready))["rounds"]
    assert told["why_not"][rule] == ["r9"]


def test_what_is_not_known_of_a_reviewer_is_asked_in_the_letter(ready: System) -> None:
    listed(ready, one("r1", kvk=""), one("r2"))
    ready.mailer.sent.clear()
    submitted(ready)
    asked = {str(letter["To"]): letter.get_body(("plain",)) for letter in ready.mailer.letters()}
    texts = {to: " ".join(body.get_content().split()) for to, body in asked.items() if body}
    assert "Wij weten niet bij wie u werkt. Ga daarom eerst na" in texts["r1@school.example"]
    assert "Met uw oordeel bevestigt u dat u geen band hebt." not in texts["r2@school.example"]


def test_nobody_to_ask_names_the_rule_and_what_would_solve_it(ready: System) -> None:
    listed(ready, one("r1"), one("r2", away="2026-10-01,2026-11-01"), one("r3", sectors="vo"))
    number = submitted(ready)
    [task] = overview.tasks(ready.app)
    assert task["detail"] == (
        "Er zijn nog 2 beoordelaars nodig en 1 kan de zaak nemen. Vooral dit staat in de weg: zij zijn afwezig (1 van "
        "3). De eerste die terug is, kan vanaf 2 november 2026: Naam r2 (r2). Zoek anders iemand die er nu is."
    )
    found = choosing.explain(ready.app, number)
    assert [told["in_the_way"] for told in found["rounds"]] == ["away"]
    assert found["now"]["in_the_way"] == "away"
    assert found["now"]["gains_from"] == {"r2": "2026-11-02"}


def test_full_reviewers_are_named_with_the_day_on_which_one_has_room(ready: System) -> None:
    listed(ready, one("r1", capacity=1), one("r2", capacity=1))
    submitted(ready)
    at(ready, "2026-10-22T10:00:00+02:00")
    number = submitted(ready, id="second", time="2026-10-22T10:00:00+02:00")
    [task] = overview.tasks(ready.app)
    assert task["detail"] == (
        "Er zijn nog 2 beoordelaars nodig. Vooral dit staat in de weg: zij hebben al zo veel zaken als zij aankunnen "
        "(2 van 2). De eerste plaats komt vrij op 17 november 2026. Verhoog anders de capaciteit van Naam r1 (r1) of "
        "Naam r2 (r2)."
    )
    assert case(ready, number)["state"] == "complete"


def test_open_task_tells_what_stands_in_the_way_by_now(ready: System) -> None:
    listed(ready, one("r1"))
    number = submitted(ready)
    letters = len(overview.letters(ready.app))
    listed(ready, one("r1"), one("r2", away="2026-10-01,2026-11-01"))
    [task] = overview.tasks(ready.app)
    assert "Naam r2" in task["detail"]
    assert len(overview.letters(ready.app)) == letters
    assert [told["in_the_way"] for told in choosing.explain(ready.app, number)["rounds"]] == [None, "away"]


def test_case_with_its_reviewers_would_get_nobody_now(ready: System) -> None:
    listed(ready, one("r1"), one("r2"))
    assert choosing.explain(ready.app, submitted(ready))["now"] is None


def test_resubmission_goes_to_those_who_deferred_it(home: System) -> None:
    admitted(home)
    at(home, SUBMITTED)
    listed(home, *(one(f"r{each}") for each in range(1, 6)))
    number = submitted(home)
    first = case(home, number)["reviewers"]
    for day in ("2026-10-21", "2026-10-22"):
        verdict(home, number, "defer", f"{day}T10:00:00+02:00", hours=None)
    time = "2026-10-26T10:00:00+01:00"
    at(home, time)
    made = event("act-02", {"provider_kvk": "90000102", "previous_case": number}, id="again", time=time)
    again = take_in(home, made).case
    assert again is not None
    assert sorted(case(home, again)["reviewers"]) == sorted(first)
    [told] = choosing.explain(home.app, again)["rounds"]
    assert told["why"][first[0]]["same_provider"] == 20
    assert all(other["more"]["continuity"] == 200 for other in told["nearest"].values())


def test_verdict_of_who_turns_out_to_have_an_interest_is_refused(ready: System) -> None:
    listed(ready, one("r1"), one("r2"))
    number = submitted(ready)
    listed(ready, one("r1", known="-,90000102"), one("r2", known="-,90000102"))
    outcome = verdict(
        ready, number, "approve", "2026-10-21T10:00:00+02:00", hours={"contact": "6", "self_study": "0"}
    )
    assert outcome.refusal is not None
    assert outcome.refusal.rule == "interest"
