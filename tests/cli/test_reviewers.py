from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Run
from tests.stages import SAMPLES

LIST = SAMPLES / "reviewers.csv"


def test_import_adds_and_a_second_one_changes_nothing(run: Run) -> None:
    first, second = run("reviewers", "import", LIST), run("reviewers", "import", LIST)

    assert first.out.startswith("24 added, 0 changed, 0 deactivated;")
    assert second.out.startswith("0 added, 0 changed, 0 deactivated;")
    assert len(run("reviewers", "list", "--json").json) == 24
    assert "Yıldız Aydın" in run("reviewers", "list").out


def test_import_without_some_asks_first(run: Run, tmp_path: Path) -> None:
    shorter = _without(tmp_path, "r024")
    run("reviewers", "import", LIST)

    told = run("reviewers", "import", shorter)

    assert told.code == 2
    assert told.err == "Not in the file: Lieke Brouwer (r024); repeat with --yes to deactivate them.\n"


def test_import_with_yes_deactivates_and_reassigns_open_reviews(season: Run, tmp_path: Path) -> None:
    before = _reviewers_of(season, "act-26")

    told = season("reviewers", "import", _without(tmp_path, before[0]), "--yes")

    assert "1 deactivated" in told.out
    states = {row["reviewer"]: row["active"] for row in season("reviewers", "list", "--json").json}
    assert states[before[0]] is False
    assert before[0] not in _reviewers_of(season, "act-26")


def test_import_of_a_faulty_file_names_every_line(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text(LIST.read_text(encoding="utf-8").replace("po so", "px"), encoding="utf-8")

    told = run("reviewers", "import", file)

    assert told.code == 2
    assert told.err.startswith(f"{file}: line 2, sectors: expected po, vo, mbo or so, got px.\n")


def test_import_of_what_is_no_text_is_a_sentence(run: Run) -> None:
    told = run("reviewers", "import", SAMPLES / "bad" / "not-utf8.json")

    assert (told.code, told.err) == (2, f"{SAMPLES / 'bad' / 'not-utf8.json'} is not UTF-8 text.\n")


def test_import_leaves_open_whether_the_home_is_simulated(run: Run) -> None:
    run("reviewers", "import", LIST)

    findings = run("doctor", "--json").json

    assert run("reviewers", "list").code == 0
    assert next(one for one in findings if one["part"] == "database")["verdict"] == "ok"


def _without(folder: Path, reviewer: str) -> Path:
    kept = [line for line in LIST.read_text(encoding="utf-8").splitlines() if not line.startswith(reviewer)]
    file = folder / "shorter.csv"
    file.write_text("\n".join(kept), encoding="utf-8")
    return file


def _reviewers_of(run: Run, event: str) -> list[str]:
    row = next(row for row in run("cases", "--json").json if row["event_id"] == event)
    reviewers: list[str] = row["reviewers"]
    return reviewers
