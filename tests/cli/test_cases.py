from __future__ import annotations

import pytest

from tests.cli.conftest import Run

PROMISED = {
    *("case", "kind", "state", "result", "source", "event_id", "received_on", "due_on", "requests", "flags"),
    *("activity_number", "hours_asked", "hours_granted", "reviewers", "previous_case", "waits_for"),
}


def test_cases_as_json_hold_what_is_promised(season: Run) -> None:
    rows = season("cases", "--json").json

    assert all(row.keys() >= PROMISED for row in rows)
    fair = next(row for row in rows if row["event_id"] == "act-03")
    assert fair["hours_asked"] == {"contact": "12", "self_study": "0", "total": "12"}
    assert fair["hours_granted"] == {"contact": "11", "self_study": "0", "total": "11"}
    late = next(row for row in rows if row["event_id"] == "act-26")
    assert late["requests"] == [
        {
            "asked_on": "2026-11-23",
            "answer_by": "2026-12-07",
            "answered_on": "2026-12-01",
            "fields": ["activity.closing_test.kind"],
        }
    ]


def test_cases_as_a_table_take_no_title_for_markup(season: Run) -> None:
    told = season("cases")

    assert told.code == 0
    assert "{{ 7*7 }} manieren: {% if goed %}" in told.out


@pytest.mark.usefixtures("_in_a_file")
def test_cases_of_a_home_that_is_not_there_say_how_to_make_one(run: Run) -> None:
    told = run("cases")

    assert (told.code, told.out) == (3, "")
    assert told.err.endswith("home yet; `pipeline up` or `pipeline play` makes it.\n")


def test_cases_of_an_empty_home_are_none(run: Run) -> None:
    run("migrate")

    assert run("cases").out == "There are no cases yet.\n"


def test_case_shows_its_letters_verdicts_and_journal(season: Run) -> None:
    told = season("case", "a-2026-000003")

    for heading in ("Reviews", "Verdicts", "Letters", "Journal"):
        assert f"\n{heading}\n" in told.out
    assert "12 + 0 = 12 RU" in told.out


def test_case_as_json_has_all_that_the_list_has(season: Run) -> None:
    row = season("cases", "--json").json[0]

    assert season("case", row["case"], "--json").json.items() >= row.items()


def test_case_that_is_not_there_is_a_sentence(season: Run) -> None:
    told = season("case", "A-2026-999999")

    assert (told.code, told.err) == (5, "There is no case A-2026-999999.\n")
