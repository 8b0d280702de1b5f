"""`pipeline forecast` tells which terms are in danger, for people and for programs."""

from __future__ import annotations

from pathlib import Path

from tests.casework.events import SUBMITTED, admitted, at
from tests.casework.test_cases import submitted
from tests.cli.conftest import Run
from tests.stages import system

KEYS = {
    "case",
    "kind",
    "state",
    "due_on",
    "outlook",
    "late_since",
    "chance_late",
    "waits_for",
    "repair",
}


def one_case(home: Path, moment: str) -> str:
    """Leave a home with one case, as it stands at a moment."""
    made = system(home)
    admitted(made)
    at(made, SUBMITTED)
    number = submitted(made)
    at(made, moment)
    made.app.database.close()
    return number


def test_case_in_danger_is_told_with_its_chance_and_its_repair(tmp_path: Path, run: Run) -> None:
    number = one_case(tmp_path / "home", "2026-12-04T12:00:00+01:00")

    told = run("forecast")
    found = run("forecast", "--json").json[0]

    assert (told.code, told.err) == (0, "")
    assert number in told.out
    assert f"{found['chance_late']:.0%}" in told.out
    assert f"Extend the term to {found['repair']['until']}" in told.out
    assert told.out.endswith("1 open cases: 0 late, 1 likely to miss their term, 0 to be watched.\n")


def test_case_that_is_late_is_told_since_when(tmp_path: Path, run: Run) -> None:
    one_case(tmp_path / "home", "2026-12-14T12:00:00+01:00")
    told = run("forecast")
    assert "since 2026-12-08" in told.out
    assert told.out.endswith("1 open cases: 1 late, 0 likely to miss their term, 0 to be watched.\n")


def test_case_in_time_is_left_out_for_people_and_stands_in_json(tmp_path: Path, run: Run) -> None:
    number = one_case(tmp_path / "home", SUBMITTED)
    told = run("forecast")
    assert number not in told.out
    found = run("forecast", "--json").json
    assert [(one["case"], one["outlook"], one["repair"]) for one in found] == [(number, "in_time", None)]
    assert set(found[0]) == KEYS


def test_forecast_changes_nothing(tmp_path: Path, run: Run) -> None:
    number = one_case(tmp_path / "home", "2026-12-04T12:00:00+01:00")
    before = run("case", number, "--json").json
    run("forecast")
    assert run("case", number, "--json").json == before


def test_register_without_open_cases_has_nothing_to_forecast(tmp_path: Path, run: Run) -> None:
    made = system(tmp_path / "home")
    admitted(made)
    made.app.database.close()
    assert run("forecast", "--json").json == []
    assert run("forecast").out == "0 open cases: 0 late, 0 likely to miss their term, 0 to be watched.\n"


def test_option_that_there_is_not_is_refused(run: Run) -> None:
    assert run("forecast", "--when", "tomorrow").code == 2
