"""What an operator does with what stands in the register, as commands say it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.casework.events import at
from tests.casework.registers import NUMBER
from tests.casework.registers import registered as in_the_register
from tests.cli.conftest import Run

RECTIFY = ("rectify", "1000 0012", "--by", "Tom de Wit", "--reason", "Een tikfout in de titel.")
RUNS = {"activity": {"runs": [{"starts_on": "2027-03-03", "ends_on": "2027-03-03", "city": "Zwolle"}]}}


@pytest.fixture
def registered(tmp_path: Path, run: Run) -> Run:
    """A home with one activity in the register."""
    home = in_the_register(tmp_path)
    at(home, "2026-10-23T10:00:00+02:00")
    home.app.database.close()
    return run


def test_change_of_dates_is_told_before_and_after(registered: Run, tmp_path: Path) -> None:
    (tmp_path / "runs.json").write_text(json.dumps(RUNS), encoding="utf-8")
    change = ("change", NUMBER, tmp_path / "runs.json", "--by", "Tom de Wit")
    assert registered(*change, "--dry-run").out == (
        "Would be taken up without a judgement: activity.runs. Nothing was changed.\n"
    )
    assert registered(*change).out.startswith("Taken up: activity.runs; the provider gets a letter.")
    assert registered(*change).out == "That is what stands in the register already. Nothing was changed.\n"


def test_renewal_opens_a_case_once(registered: Run) -> None:
    renewal = ("change", NUMBER, "--renew", "--by", "Tom de Wit")
    first = registered(*renewal).out
    assert " is to judge it: nothing differs, it is to be renewed." in first
    number = first.split()[1]
    assert registered(*renewal).out == f"Case {number} is about that already. Nothing was changed.\n"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("{", "is not JSON"),
        ("[]", "is not a merge patch"),
        ('{"activity": {"hours": {"contact": "7,5"}}}', "activity.hours.contact: expected"),
    ],
)
def test_change_that_cannot_be_read_is_refused(
    registered: Run, tmp_path: Path, text: str, error: str
) -> None:
    (tmp_path / "patch.json").write_text(text, encoding="utf-8")
    told = registered("change", NUMBER, tmp_path / "patch.json", "--by", "Tom de Wit")
    assert told.code != 0
    assert error in told.err


def test_rectification_is_told_before_and_after_and_refused_the_second_time(registered: Run) -> None:
    rectify = (*RECTIFY, "--title", "Rekenen  in groep 3")
    assert "Rekenen in groep 3”\nNothing was changed.\n" in registered(*rectify, "--dry-run").out
    assert "Version 2 of registration 10000012 is in force" in registered(*rectify).out
    again = registered(*rectify)
    assert (again.code, again.err) == (
        2,
        "Version 2 of registration 10000012 says so already: nothing differs.\n",
    )


def test_revocation_is_told_and_the_second_time_changes_nothing(registered: Run) -> None:
    revoke = ("revoke", NUMBER, "--ground", "asked", "--reason", "Op uw verzoek.", "--by", "Tom de Wit")
    assert registered(*revoke, "--from", "2026-11-02").out == (
        "Registration 10000012 is revoked from 2026-11-02; the provider gets a letter and may object.\n"
    )
    again = "Registration 10000012 was revoked already, from 2026-11-02. Nothing was changed.\n"
    assert registered(*revoke).out == again


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ((), "nothing to put right"),
        (("--contact", "7"), "--contact and --self-study go together"),
        (("--contact", "0", "--self-study", "0"), "more than 0 hours"),
        (("--title", " "), "--title is a line of text"),
    ],
)
def test_rectification_without_sense_is_refused(run: Run, options: tuple[str, ...], error: str) -> None:
    told = run(*RECTIFY, *options)
    assert told.code == 2
    assert error in " ".join(told.err.split())
