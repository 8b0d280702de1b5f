"""`pipeline extend` says what it did, or what to do instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.casework.events import SUBMITTED, admitted, at
from tests.casework.test_cases import submitted
from tests.cli.conftest import Run
from tests.stages import system

REASON = "Een beoordelaar is ziek. Wij zoeken een andere."


def test_extension_is_told_and_a_second_one_is_refused(tmp_path: Path, run: Run) -> None:
    home = system(tmp_path / "home")
    admitted(home)
    at(home, SUBMITTED)
    number = submitted(home)
    home.app.database.close()

    told = run("extend", number.lower(), "--to", "2027-01-11", "--reason", REASON, "--by", "Ineke Vermeer")
    again = run("extend", number, "--to", "2027-01-12", "--reason", REASON, "--by", "Ineke Vermeer")

    assert (told.code, told.err) == (0, "")
    assert told.out.startswith(f"Case {number} is to be decided by 2027-01-11; the provider gets a letter.")
    assert run("terms", "explain", number, "--json").json["due_on"] == "2027-01-11"
    assert again.err == (
        f"Case {number}: The term may be extended once, and was, to 2027-01-11: decide by then.\n"
    )


@pytest.mark.parametrize("reason", ["", "  ", "...", "te\x1b[31mveel"])
def test_reason_that_nobody_can_read_is_refused(season: Run, reason: str) -> None:
    told = season(
        "extend", "A-2026-000003", "--to", "2027-02-03", "--reason", reason, "--by", "Ineke Vermeer"
    )
    assert (told.code, told.out) == (2, "")
    assert told.err == "--reason tells the provider in a sentence why the decision takes longer.\n"


def test_case_that_is_closed_is_not_extended(season: Run) -> None:
    told = season(
        "extend", "A-2026-000003", "--to", "2027-02-03", "--reason", REASON, "--by", "Ineke Vermeer"
    )
    assert (told.code, told.err) == (
        2,
        "Case A-2026-000003 is closed: there is no decision left to put off.\n",
    )
