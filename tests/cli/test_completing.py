"""`pipeline complete` says what it did, or why it cannot; what follows is in tests/casework/test_rounds.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.casework.events import SUBMITTED, admitted, at
from tests.casework.test_rounds import asked
from tests.cli.conftest import Run
from tests.stages import system


def test_case_is_asked_for_once_more_in_the_name_of_whoever_chose(tmp_path: Path, run: Run) -> None:
    home = system(tmp_path / "home")
    admitted(home)
    at(home, SUBMITTED)
    number = asked(home, 3)
    home.app.database.close()

    told = run("complete", number.lower(), "ask", "--by", "Ineke Vermeer", "--reason", "Zij belden.")

    assert (told.code, told.err) == (0, "")
    assert told.out == (
        f"Case {number} is asked for once more; the term pauses when the request is sent. "
        f"`pipeline case {number}` shows what follows.\n"
    )
    found = run("case", number, "--json").json
    assert (found["state"], found["tasks"], found["journal"][-1]["by"]) == ("incomplete", [], "Ineke Vermeer")


@pytest.mark.parametrize(
    ("choice", "by", "said"),
    [
        ("grant", "Ineke", "What is to be done is one of ask, accept, set-aside, got grant.\n"),
        (
            "ask",
            "Ineke",
            "--by is somebody whom the policy names under [tasks], got Ineke: "
            "Aletta Hoekstra, Ineke Vermeer, Ruben Mulder, Samira El Amrani, Tom de Wit.\n",
        ),
        (
            "ask",
            "Ineke Vermeer",
            "Case A-2026-000001 is closed: only a case with the task rounds is settled so.\n",
        ),
    ],
)
def test_choice_that_cannot_be_made_says_why(season: Run, choice: str, by: str, said: str) -> None:
    told = season("complete", "a-2026-000001", choice, "--by", by, "--reason", "Daarom.")
    assert (told.code, told.out, told.err) == (2, "", said)
