"""`pipeline retain` and `pipeline person`: what they say, and what they write."""

from __future__ import annotations

import io
import json
import os
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline import wiring
from pipeline.settings import Settings
from tests.casework.test_json import keys, section
from tests.cli.conftest import Run


def years_pass() -> None:
    """Put the home's clock to where much is due: to start all that works meanwhile adds nothing to that."""
    app = wiring.build(Settings.from_env(os.environ, running=False))
    app.clock.set(datetime(2028, 6, 30, 12, tzinfo=UTC), hold=timedelta(days=1))
    app.database.close()


def test_nothing_is_erased_without_a_name(season: Run) -> None:
    told = season("retain")
    assert (told.code, "--by" in told.err) == (2, True)


def test_look_at_a_home_in_which_nothing_is_due(season: Run) -> None:
    told = season("retain", "--dry-run")
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith("No case is due on 20")
    as_json = season("retain", "--dry-run", "--json").json
    assert set(keys(as_json)) <= section("`pipeline retain`")
    assert season("retain", "--by", "Ineke").out == "Nothing was due.\n"


def test_what_is_due_is_shown_and_then_erased(season: Run) -> None:
    years_pass()
    shown = season("retain", "--dry-run").out
    assert "withdrawn" in shown
    planned = season("retain", "--dry-run", "--json").json
    assert set(keys(planned)) <= section("`pipeline retain`")
    ready = [case["case"] for case in planned["cases"] if not case["held_by"]]
    assert ready
    done = season("retain", "--by", "Ineke", "--json").json
    assert done["cases"] == ready
    told = season("case", ready[0])
    assert "erased on" in told.out
    letter = json.loads(season("case", ready[0], "--json").out)["letters"][0]["letter"]
    assert season("letters", "show", letter).err.startswith(f"What letter {letter} said was erased on 2028-")
    assert season("journal", "verify").code == 0


def test_person_is_exported_with_their_letters(season: Run, tmp_path: Path) -> None:
    contact = season("case", "T-2026-000001", "--json").json["submission"]["provider"]["contact"]
    out = tmp_path / "person.zip"
    told = season("person", contact["email"], "--by", "Ineke", "--out", out)
    assert (told.code, told.out.startswith(f"Written: {out} (1 providers")) == (0, True)
    with zipfile.ZipFile(io.BytesIO(out.read_bytes())) as archive:
        found = json.loads(archive.read("person.json"))
        letters = [name for name in archive.namelist() if name.endswith(".eml")]
        assert all(contact["email"].encode() in archive.read(name) for name in letters)
    assert sorted(letters) == sorted(f"letters/{one['letter']}.eml" for one in found["letters"])
    assert {one["to"] for one in found["letters"]} == {contact["email"]}
    assert set(keys(found)) - set(keys({"submission": found["cases"]})) <= section("`pipeline person`")


def test_reviewer_is_found_by_id_name_and_address_alike(season: Run) -> None:
    reviewer = season("reviewers", "list", "--json").json[0]
    by = [season("person", reviewer[name], "--by", "Ineke").json for name in ("reviewer", "name", "email")]
    same = ("reviewers", "reviews", "verdicts", "letters")
    assert [{name: one[name] for name in same} for one in by] == 3 * [{name: by[0][name] for name in same}]
    assert by[0]["verdicts"]
    assert all(
        reviewer["reviewer"] in one["raw"] or reviewer["name"] in one["raw"] for one in by[0]["events"]
    )


def test_request_is_told_in_the_journal_of_the_home_without_the_name(season: Run) -> None:
    season("person", "Nobody At All", "--by", "Ineke Vermeer")
    exported = season("person", "Ineke Vermeer", "--by", "Ineke Vermeer").json
    told = [row for row in exported["journal"] if row["chain"] == "home"]
    assert [(row["event"], row["by"]) for row in told] == [("exported", "Ineke Vermeer")]
    assert "Nobody" not in json.dumps(told)
    assert season("journal", "verify").code == 0


def test_person_of_whom_nothing_is_held_is_told_so(season: Run) -> None:
    told = season("person", "Nobody At All", "--by", "Ineke")
    assert (told.code, told.err) == (5, "Nothing is held about Nobody At All.\n")


def test_one_of_the_office_is_found_in_the_rules(season: Run) -> None:
    found = season("person", "Samira El Amrani", "--by", "Ineke").json
    [row] = found["policies"]
    assert row["stands_at"] == ["tasks.calendar.owner.name", "tasks.parked.owner.name"]
    assert set(keys(found["policies"])) <= section("`pipeline person`")
