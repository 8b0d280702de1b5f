"""An extension is told before the term ends; what follows from the term follows the new date."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipeline.casework import extending
from pipeline.errors import UsageError
from tests.casework.events import admitted, at, case, event, take_in
from tests.casework.test_cases import kinds, submitted
from tests.stages import ROOT, System, system

TO = date(2027, 1, 11)
REASON = "Een beoordelaar is ziek. Wij zoeken een andere."


def extend(home: System, number: str, to: date = TO) -> None:
    extending.extend(home.app, number, to, REASON, "Ineke Vermeer")
    home.stage.rest()


def test_extension_brings_a_later_date_a_letter_and_a_row_that_names_who(ready: System) -> None:
    number = submitted(ready)
    former = case(ready, number)["due_on"]

    extend(ready, number)

    found = case(ready, number)
    assert (found["state"], found["due_on"]) == ("in_review", "2027-01-11")
    assert kinds(ready, number)[-1] == "extended"
    row = found["journal"][-1]
    assert (row["event"], row["by"]) == ("extended", "Ineke Vermeer")
    assert row["facts"] == {"to": "2027-01-11", "reason": REASON, "former_due_on": former}


def test_letter_of_an_extension_leaves_before_the_former_end(tmp_path: Path) -> None:
    text = (ROOT / "config" / "policy.toml").read_text(encoding="utf-8")
    window = "send_window = { from = 08:00:00, until = 18:00:00, working_days_only = true }"
    rules = text.replace(f"# {window}", window)
    assert rules != text
    (tmp_path / "policy.toml").write_text(rules, encoding="utf-8")
    home = system(tmp_path / "home", PIPELINE_POLICY=str(tmp_path / "policy.toml"))
    admitted(home)
    at(home, "2026-10-20T10:00:00+02:00")
    number = submitted(home)
    at(home, f"{case(home, number)['due_on']}T19:00:00+01:00")  # the window opens again tomorrow

    extend(home, number)

    states = [one["state"] for one in case(home, number)["letters"] if one["kind"] == "extended"]
    assert states == ["sent"]


def test_case_that_waits_for_a_supplement_is_extended_too(ready: System) -> None:
    made = event("act-07", {"provider_kvk": "90000102"}, time="2026-10-20T10:00:00+02:00")
    number = take_in(ready, made).case
    assert number is not None
    assert case(ready, number)["state"] == "incomplete"

    extend(ready, number)

    found = case(ready, number)
    assert (found["state"], found["due_on"]) == ("incomplete", "2027-01-11")


def test_warnings_are_given_for_the_new_date(ready: System) -> None:
    number = submitted(ready)
    extend(ready, number)
    at(ready, "2027-01-08T12:00:00+01:00")
    ready.stage.ring()
    ready.stage.rest()

    warned = [row for row in case(ready, number)["journal"] if row["event"] == "reminded"]
    assert "2027-01-11" in [
        row["facts"]["day"] for row in warned if row["facts"]["key"].startswith("decision")
    ]


def test_term_that_has_ended_is_not_extended(ready: System) -> None:
    number = submitted(ready)
    at(ready, "2027-01-06T00:30:00+01:00")
    with pytest.raises(UsageError, match="The term ended on"):
        extend(ready, number)


def test_closed_case_has_nothing_to_put_off(ready: System) -> None:
    with pytest.raises(UsageError, match="is closed: there is no decision left to put off"):
        extend(ready, "T-2026-000001")
