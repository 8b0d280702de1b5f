"""After so many requests a named human looks at what is still not complete; the term goes on meanwhile."""

from __future__ import annotations

import pytest

from pipeline.casework import explaining, overview, rounds
from pipeline.errors import UsageError
from pipeline.mail import words
from tests.casework.events import SUBMITTED, at, case, event, take_in
from tests.casework.test_cases import follow, kinds
from tests.stages import System

OWNER = "Ineke Vermeer"
SHORT = {"activity": {"programme": "Nog te kort."}}
ENOUGH = {"activity": {"programme": "Zes bijeenkomsten over de leerlijn, met opdrachten in de eigen groep."}}


def asked(home: System, times: int) -> str:
    """Submit an activity without a programme and answer this many requests without completing it."""
    made = event("act-02", {"provider_kvk": "90000102", "activity": {"programme": None}}, time=SUBMITTED)
    number = take_in(home, made).case
    assert number is not None
    for day in range(times):
        assert follow(home, "supplemented", number, f"2026-10-{21 + day}T10:00:00+02:00", changes=SHORT) == ""
    return number


@pytest.fixture
def spent(ready: System) -> tuple[System, str]:
    return ready, asked(ready, 3)


def test_provider_is_asked_as_often_as_the_policy_says(ready: System) -> None:
    number = asked(ready, 2)
    found = case(ready, number)
    assert (found["state"], len(found["requests"]), found["tasks"]) == ("incomplete", 3, [])


def test_named_human_looks_instead_of_a_further_request(spent: tuple[System, str]) -> None:
    home, number = spent
    found = case(home, number)
    assert (found["state"], len(found["requests"])) == ("received", 3)
    assert [(task["kind"], task["owner"], task["detail"]) for task in found["tasks"]] == [
        ("rounds", OWNER, "Nog niet compleet: programma.")
    ]
    assert found["waits_for"] == f"{OWNER}: rounds"
    assert kinds(home, number) == ["supplement_asked"] * 3 + ["task_waiting"]


def test_term_ticks_while_the_human_looks(spent: tuple[System, str]) -> None:
    home, number = spent
    due = case(home, number)["due_on"]
    at(home, "2026-11-20T10:00:00+01:00")
    home.stage.ring()
    home.stage.rest()
    assert case(home, number)["due_on"] == due


def test_supplement_that_nobody_asked_for_is_refused_meanwhile(spent: tuple[System, str]) -> None:
    home, number = spent
    assert follow(home, "supplemented", number, "2026-10-26T10:00:00+01:00", changes=ENOUGH) == "not_asked"


def test_asked_once_more_it_can_be_completed(spent: tuple[System, str]) -> None:
    home, number = spent
    rounds.settle(home.app, number, "ask", "Zij beloven het programma voor vrijdag.", OWNER)
    home.stage.rest()
    assert (case(home, number)["state"], len(case(home, number)["requests"])) == ("incomplete", 4)
    assert overview.tasks(home.app) == []
    assert follow(home, "supplemented", number, "2026-10-27T10:00:00+01:00", changes=ENOUGH) == ""
    assert case(home, number)["state"] == "in_review"


def test_asked_once_more_in_vain_it_comes_back_to_the_human(spent: tuple[System, str]) -> None:
    home, number = spent
    rounds.settle(home.app, number, "ask", "Nog één keer.", OWNER)
    home.stage.rest()
    assert follow(home, "supplemented", number, "2026-10-27T10:00:00+01:00", changes=SHORT) == ""
    assert [task["kind"] for task in overview.tasks(home.app)] == ["rounds"]


def test_taken_as_it_is_reviewers_see_what_is_missing(spent: tuple[System, str]) -> None:
    home, number = spent
    rounds.settle(home.app, number, "accept", "Het programma staat in de planning.", OWNER)
    home.stage.rest()
    assert (case(home, number)["state"], overview.tasks(home.app)) == ("in_review", [])
    assert kinds(home, number)[-3:] == ["supplement_received", "review_asked", "review_asked"]
    received, asked, _ = [text(letter) for letter in home.mailer.letters()[-3:]]
    assert "Nog niet alles is compleet, maar wij beoordelen de activiteit zoals die er nu ligt." in received
    assert "- Programma: Deze tekst is te kort." in asked
    assert "Waarom de zaak toch wordt beoordeeld: Het programma staat in de planning." in " ".join(
        asked.split()
    )


def test_set_aside_the_provider_reads_how_often_it_was_asked(spent: tuple[System, str]) -> None:
    home, number = spent
    rounds.settle(home.app, number, "set-aside", "Zij antwoorden niet op wat wij vragen.", OWNER)
    home.stage.rest()
    found = case(home, number)
    assert (found["state"], found["result"], overview.tasks(home.app)) == ("closed", "set_aside", [])
    told = text(home.mailer.letters()[-1])
    assert "Wij vroegen u 3 keer om een aanvulling" in told
    assert explaining.explain(home.app, number)["letter"]["same"] is True
    assert "- Programma: Deze tekst is te kort." in told


def test_choice_and_reason_stand_in_the_journal(spent: tuple[System, str]) -> None:
    home, number = spent
    rounds.settle(home.app, number, "accept", "Het staat in de planning.", OWNER)
    [told] = [entry for entry in case(home, number)["journal"] if entry["event"] == "taken_as_it_is"]
    assert (told["by"], told["facts"]["reason"]) == (OWNER, "Het staat in de planning.")
    assert [one["by"] for one in told["facts"]["findings"]] == ["content"]


def test_case_that_waits_for_no_choice_is_left_alone(ready: System) -> None:
    number = asked(ready, 1)
    with pytest.raises(UsageError, match="is incomplete: only a case with the task rounds"):
        rounds.settle(ready.app, number, "accept", "x", OWNER)


def test_advice_stands_in_the_request_and_stops_nothing(ready: System) -> None:
    long_day = {"type": "study_day", "hours": {"contact": "14", "justification": "x" * 80}, "goal": None}
    made = event("act-02", {"provider_kvk": "90000102", "activity": long_day}, time=SUBMITTED)
    number = take_in(ready, made).case
    assert number is not None
    told = text(ready.mailer.letters()[-1])
    asks, advises = told.split("Dit hoeft niet, maar raden wij u aan.")
    assert ("- Doel:" in asks, "- Type activiteit: U vraagt 14 uur." in advises) == (True, True)
    assert case(ready, number)["requests"][0]["fields"] == ["activity.goal"]

    assert follow(ready, "supplemented", number, "2026-10-21T10:00:00+02:00", changes=GOAL) == ""
    assert case(ready, number)["state"] == "in_review"
    asked = text(ready.mailer.letters()[-1])
    assert "Wat opviel" in asked
    assert "- Type activiteit: U vraagt 14 uur." in asked


GOAL = {"activity": {"goal": "Leraren maken een plan voor muziek in de eigen groep en voeren dat uit."}}


def text(message: object) -> str:
    body = message.get_body(("plain",))  # type: ignore[attr-defined]  # an EmailMessage
    return " ".join(str(body.get_content()).split())


def test_task_has_words_that_say_what_can_be_done() -> None:
    assert "nog één keer vragen" in words.word("rounds", "todo")


def test_application_is_asked_for_in_rounds_too(ready: System) -> None:
    home, moment = ready, SUBMITTED
    made = event("app-05", None, id="app-x", time=moment)
    made["data"]["provider"]["kvk_number"] = "90000110"
    number = take_in(home, made).case
    assert number is not None
    vain = {"requirements": {"complaints_procedure": {"evidence": "in orde"}}}
    for day in (21, 22, 23):
        assert follow(home, "supplemented", number, f"2026-10-{day}T10:00:00+02:00", changes=vain) == ""
    assert [task["kind"] for task in case(home, number)["tasks"]] == ["rounds"]
