"""`pipeline calendar` writes only what passes its checks, and says how long the calendar lasts."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.domain.test_calendar_imports import CSV, open_data

CONFIG = Path(__file__).parents[2] / "config"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the calendar that ends in the summer of 2028."""
    made = tmp_path / "calendar"
    shutil.copytree(CONFIG / "calendar", made)
    for path in made.glob("school-2028-*"):
        path.unlink()
    return made


def test_check_says_how_long_each_subject_lasts(run: Run, folder: Path) -> None:
    told = run("calendar", "check", folder, "--today", "2028-07-01", "--json")
    assert told.code == 0
    assert [(one["covers"], one["days_left"]) for one in told.json["subjects"]] == [
        ("public", 183),
        ("school", 64),
    ]
    assert "ends in 64 days: add the school holidays after 2028-09-03" in told.json["subjects"][1]["warnings"]
    assert run("calendar", "check", folder, "--today", "2028-07-01").out.endswith("The calendar is right.\n")


def test_check_names_every_fault_and_ends_with_1(run: Run, folder: Path) -> None:
    for name, old, new in (
        ("school-2024-2028.toml", "last = 2027-02-21", "last = 2027-03-21"),
        ("public-2024-2028.toml", "day = 2024-05-05", "day = 2024-06-05x"),
    ):
        path = folder / name
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")

    told = run("calendar", "check", folder)

    assert told.code == 1
    assert "Voorjaarsvakantie 2027 (zuid, advised) from Saturday 2027-02-13 to Sunday 2027-03-21" in told.out
    assert "must be a TOML file" in told.out
    assert told.out.endswith("Faults: 2.\n")


def test_config_check_looks_at_the_calendar_as_well(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / "public-2024-2028.toml"
    wrong = path.read_text(encoding="utf-8").replace(
        '2026-05-05, name = "Bevrijdingsdag"', '2026-05-05, name = "Feest"'
    )
    path.write_text(wrong, encoding="utf-8")
    monkeypatch.setenv("PIPELINE_CALENDAR", str(folder))

    told = run("config", "check")

    assert (told.code, "2026-05-05: expected Bevrijdingsdag, got Feest" in told.err) == (2, True)


def test_import_writes_once_and_says_when_there_is_nothing_to_do(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = folder / "school-2028.toml"
    command = (
        "calendar",
        "import",
        "-",
        "--to",
        to,
        "--school-year",
        "2028-2029",
        "--source",
        "rijksoverheid.nl",
    )
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(open_data())))
    assert run(*command).out.startswith(f"{to} is written.")
    assert "first_day = 2028-09-04\n" in to.read_text(encoding="utf-8")

    monkeypatch.setattr("sys.stdin", io.StringIO(CSV))
    assert run(*command).out == f"{to} holds exactly this already; nothing is changed.\n"
    assert [path.name for path in folder.glob(".*")] == []


def test_import_does_not_write_over_another_file_unless_told(run: Run, folder: Path, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text(CSV, encoding="utf-8")
    to = folder / "school-2028.toml"
    to.write_text("# mine\n", encoding="utf-8")
    command = ("calendar", "import", table, "--to", to, "--school-year", "2028-2029", "--source", "here")

    told = run(*command)
    assert (told.code, told.err) == (2, f"{to} is there and says otherwise: --replace writes over it.\n")
    assert to.read_text(encoding="utf-8") == "# mine\n"
    assert run(*command, "--replace").out.startswith(f"{to} is replaced.")


def test_import_refuses_what_overlaps_with_other_files_and_writes_nothing(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    table = tmp_path / "table.csv"
    table.write_text(CSV, encoding="utf-8")
    to = folder / "school-2028.toml"

    told = run(
        "calendar", "import", table, "--to", to, "--school-year", "2028-2029", "--source", "here",
        "--first-day", "2028-09-01",
    )  # fmt: skip

    assert (told.code, "two files say which school holidays there are on 2028-09-01" in told.err) == (2, True)
    assert not to.exists()


def test_import_of_a_year_after_a_gap_asks_from_which_day_it_counts(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text(CSV, encoding="utf-8")
    told = run(
        "calendar",
        "import",
        table,
        "--to",
        tmp_path / "s.toml",
        "--school-year",
        "2028-2029",
        "--source",
        "here",
    )
    assert (told.code, told.err.startswith("--first-day: no file beside it ends in the summer of 2028.")) == (
        2,
        True,
    )


def test_import_writes_public_holidays_with_the_days_of_a_decree(run: Run, folder: Path) -> None:
    to = folder / "public-2029.toml"
    told = run(
        "calendar", "import", "--public", "2029", "--to", to, "--equated", "2029-05-11=Vrijdag na Hemelvaartsdag",
        "--source", "Stcrt 2027, 1",
    )  # fmt: skip
    assert told.out.startswith(f"{to} is written.")
    assert run("calendar", "check", folder).code == 0


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        ((), "Say --to which file, and either FILE with --school-year, or --public with its years."),
        (("x.csv",), "Say --to which file, and either FILE"),
        (("--to", "x.toml", "--public", "twenty"), "--public: expected years such as 2029-2030, got twenty."),
        (
            ("--to", "x.toml", "--public", "2029", "--equated", "2029-05-11"),
            "--equated: expected DATE=NAME, got",
        ),
        (("x.csv", "--to", "x.toml", "--school-year", "2028"), "--school-year: expected two years in a row"),
    ],
)
def test_import_says_what_it_needs(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...], sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    told = run("calendar", "import", *args)
    assert (told.code, told.err.startswith(sentence)) == (2, True)
