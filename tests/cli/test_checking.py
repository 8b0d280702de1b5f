"""`pipeline check` tells beforehand what would be found, and stores nothing."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from tests.casework.events import event
from tests.cli.conftest import Run
from tests.domain.readme import CONFIG, expectations
from tests.stages import SAMPLES


def written(folder: Path, *documents: object) -> Path:
    file = folder / ("events.jsonl" if len(documents) > 1 else "event.json")
    file.write_text("\n".join(json.dumps(one) for one in documents), encoding="utf-8")
    return file


def looked_at(run: Run, folder: Path, *documents: object, code: int = 6) -> list[dict[str, Any]]:
    told = run("check", written(folder, *documents), "--json")
    assert (told.code, told.err) == (code, "")
    found: list[dict[str, Any]] = told.json
    return found


@pytest.fixture
def _nowhere(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no home at all, nor a database that is set."""
    monkeypatch.delenv("PIPELINE_DATABASE_URL", raising=False)


@pytest.mark.usefixtures("_nowhere")
def test_complete_event_is_said_so_and_makes_no_home(run: Run, tmp_path: Path) -> None:
    told = run("check", written(tmp_path, event("app-01")))
    assert (told.code, told.err) == (0, "")
    assert "event.json app-01: complete" in told.out
    assert not (tmp_path / "home").exists()


@pytest.mark.usefixtures("_nowhere")
def test_all_that_is_missing_is_told_at_once_with_the_words_for_the_provider(
    run: Run, tmp_path: Path
) -> None:
    day = {
        "type": "study_day",
        "goal": None,
        "hours": {"contact": "14", "justification": "x" * 80},
        "runs": None,
    }
    [found] = looked_at(run, tmp_path, event("act-02", {"activity": day}))
    assert found["status"] == "incomplete"
    assert [(one["id"], one["severity"], one["field"]) for one in found["findings"]] == [
        ("content", "must", "activity.goal"),
        ("hours_of_study_day", "should", "activity.type"),
    ]
    assert (
        found["findings"][0]["sentence"] == "Dit is nog niet ingevuld. Wij hebben ten minste 40 tekens nodig."
    )
    assert found["findings"][0]["ground"] == "register, ours"


@pytest.mark.usefixtures("_nowhere")
def test_advice_alone_is_complete(run: Run, tmp_path: Path) -> None:
    day = {"type": "study_day", "hours": {"contact": "14", "justification": "x" * 80}, "runs": None}
    [found] = looked_at(run, tmp_path, event("act-02", {"activity": day}), code=0)
    assert (found["status"], [one["severity"] for one in found["findings"]]) == ("complete", ["should"])


@pytest.mark.usefixtures("_nowhere")
@pytest.mark.parametrize("event_id", ["app-05", "act-22"])
def test_data_alone_finds_what_its_event_finds(run: Run, tmp_path: Path, event_id: str) -> None:
    whole, alone = (looked_at(run, tmp_path, one)[0] for one in (event(event_id), event(event_id)["data"]))
    assert (alone["findings"], alone["type"], alone["event_id"]) == (whole["findings"], whole["type"], None)
    assert alone["unchecked"][0].startswith("the envelope")


@pytest.mark.usefixtures("_nowhere")
def test_fault_against_the_contract_is_told_as_its_refusal_would_be(run: Run, tmp_path: Path) -> None:
    [found] = looked_at(run, tmp_path, event("act-13"))
    assert (found["status"], found["findings"]) == ("refused", [])
    assert found["refusal"]["rule"] == "hours_format"
    assert (found["refusal"]["field"], found["refusal"]["got"]) == ("activity.hours.contact", "7,5")
    assert found["refusal"]["sentence"].startswith("De uren in het veld ‘contacturen’ kunnen wij niet lezen.")


@pytest.mark.usefixtures("_nowhere")
def test_source_without_the_right_is_refused(run: Run, tmp_path: Path) -> None:
    [found] = looked_at(run, tmp_path, event("app-01", source="/elsewhere"))
    assert found["refusal"]["rule"] == "source"


@pytest.mark.usefixtures("_nowhere")
def test_what_only_a_home_knows_is_said_not_to_be_checked(run: Run, tmp_path: Path) -> None:
    again = event("act-01", {"previous_case": "A-2026-000001"})
    supplement = event("app-01", type="nl.registerleraar.case.supplemented.v1")
    supplement["data"] = {"case": "A-2026-000001", "changes": {}}
    first, second = looked_at(run, tmp_path, again, supplement)
    assert [one.partition(":")[0] for one in first["unchecked"]] == [
        "the time of sending",
        "whether the provider is admitted",
        "whether the earlier round was deferred",
    ]
    assert (second["status"], second["unchecked"][-1].partition(":")[0]) == (
        "unchecked",
        "whether the case waits for this and what it then has",
    )


@pytest.mark.usefixtures("_nowhere")
def test_event_that_submits_nothing_is_read_against_the_contract_alone(run: Run, tmp_path: Path) -> None:
    [found] = looked_at(run, tmp_path, {**event("app-01"), "type": "nl.registerleraar.case.withdrawn.v1"})
    assert (found["status"], found["refusal"]["field"]) == ("refused", "case")


@pytest.mark.usefixtures("_nowhere")
def test_standard_input_is_one_event(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = json.dumps(event("app-01")).encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw)))
    assert run("check", "-").code == 0


@pytest.mark.usefixtures("_nowhere")
def test_other_rules_find_something_else(run: Run, tmp_path: Path) -> None:
    text = (CONFIG / "policy.toml").read_text(encoding="utf-8")
    (tmp_path / "policy.toml").write_text(text.replace("minimum = 20 ", "minimum = 500 "), encoding="utf-8")
    file = written(tmp_path, event("act-01"))
    found = run("check", file, "--policy", tmp_path / "policy.toml", "--json").json
    assert [(one["field"], one["minimum"]) for one in found[0]["findings"]] == [("activity.planning", 500)]
    assert run("check", file).code == 0


@pytest.mark.usefixtures("_nowhere")
def test_season_is_found_as_its_readme_says(run: Run) -> None:
    told = run("check", SAMPLES / "season.jsonl", "--json")
    found = {one["event_id"]: one for one in told.json}
    wanted = {row.id: row.missing for row in expectations().values() if row.missing is not None}
    of_the_season = {id_: missing for id_, missing in wanted.items() if id_ in found}
    assert len(of_the_season) == 36
    for id_, missing in of_the_season.items():
        assert tuple(one["field"] for one in found[id_]["findings"]) == missing


def test_home_says_whether_the_provider_is_admitted_and_still_what_is_missing(
    season: Run, tmp_path: Path
) -> None:
    stranger = event("act-12", {"activity": {"goal": None}})
    [found] = looked_at(season, tmp_path, stranger)
    assert (found["status"], found["refusal"]["rule"]) == ("refused", "not_admitted")
    assert [one["id"] for one in found["findings"]] == ["content"]
    [known] = looked_at(season, tmp_path, event("act-01"), code=0)
    assert (known["status"], [one.partition(":")[0] for one in known["unchecked"]]) == (
        "complete",
        ["the time of sending"],
    )


def test_home_judges_a_supplement_with_what_the_case_has(season: Run, tmp_path: Path) -> None:
    cases = {one["event_id"]: one["case"] for one in season("cases", "--json").json}
    supplement = event("app-01", type="nl.registerleraar.case.supplemented.v1")
    supplement["data"] = {"case": cases["act-01"], "changes": {}}
    [found] = looked_at(season, tmp_path, supplement)
    assert (found["refusal"]["rule"], found["refusal"]["got"]) == ("not_asked", "closed")
