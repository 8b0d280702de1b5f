"""A fault in a file names the file, the key and what it may be, all faults at once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipeline.errors import SettingsError
from pipeline.settings import load_calendar, load_policy

CONFIG = Path(__file__).parents[2] / "config"
POLICY = (CONFIG / "policy.toml").read_text(encoding="utf-8")


def policy(folder: Path, *changes: tuple[str, str]) -> Path:
    """Write the register's policy with these changes, each of one place."""
    text = POLICY
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    path = folder / "policy.toml"
    path.write_text(text, encoding="utf-8")
    return path


def faults(path: Path) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load_policy(path)
    return [line.removeprefix(f"{path}: ") for line in str(caught.value).splitlines()]


@pytest.mark.parametrize("name", ["policy.toml", "policy-2017.toml"])
def test_policies_that_come_along_are_right(name: str) -> None:
    assert load_policy(CONFIG / name).register_.name == "Registerleraar"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (
            "answer_days = 14",
            "answer_days = 0",
            "completeness.answer_days must be greater than or equal to 1, got 0.",
        ),
        (
            "answer_days = 14",
            'answer_days = "14"',
            "completeness.answer_days must be a valid integer, got 14.",
        ),
        (
            "answer_days = 14",
            "anwser_days = 14",
            "completeness.anwser_days is not a key that is known here, got 14.",
        ),
        (
            '\nregion = "midden"',
            '\nregion = "oost"',
            "terms.region must be 'none', 'noord', 'midden', 'zuid', 'union', 'intersection' or 'provider', got oost.",
        ),
        (
            "share = 0.5",
            "share = 50.0",
            "completeness.rules#8.test_of_self_study.share must be less than or equal to 1, got 50.0.",
        ),
        ('version = "2026.4"', "", "version is missing."),
        (
            'key = "answer_5"\ndeadline = "answer"',
            'key = "answer_5"\ndeadline = "aswer"',
            "reminders.rungs#11.deadline must be 'decision', 'answer', 'review', 'validity' or 'admission', got aswer.",
        ),
        (
            "share = 0.5",
            'share = "half"',
            "completeness.rules#8.test_of_self_study.share must be a number, got half.",
        ),
        (
            "share = 0.5",
            "share = true",
            "completeness.rules#8.test_of_self_study.share must be a number, got True.",
        ),
        (
            "share = 0.5",
            "share = nan",
            "completeness.rules#8.test_of_self_study.share must be a finite number, got NaN.",
        ),
        ("hour = 09:00:00", 'hour = "9"', "reminders.hour must be a valid time, got 9."),
        ('sender = "registerleraar@', 'sender = "registerleraar at ', None),
    ],
)
def test_wrong_value_names_its_key_and_what_it_may_be(
    tmp_path: Path, old: str, new: str, fault: str | None
) -> None:
    found = faults(policy(tmp_path, (old, new)))
    assert len(found) == 1
    assert found[0].startswith("register.sender ") if fault is None else found == [fault]


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    path = policy(
        tmp_path,
        ("answer_days = 14", "answer_days = -1"),
        ("[tasks.parked]", "[tasks.packed]"),
        ("deep_queue = 200", "deep_queue = 0"),
    )
    found = faults(path)
    assert found[0] == "tasks.parked is missing: each kind of task needs an owner and a deputy."
    assert [line.split()[0] for line in found[1:]] == [
        "completeness.answer_days",
        "machinery.deep_queue",
        "tasks.packed",
    ]


def test_rules_that_contradict_one_another_are_named_with_the_file(tmp_path: Path) -> None:
    path = policy(tmp_path, ("admission_days = 14           # two", "admission_days = 5 # two"))
    assert faults(path) == [
        "judging.review_days.admission must be less than 5, the days to decide in, got 7.",
        "reminders.rungs.admission_5.days_before must be less than 5 (admission), got 5.",
    ]


def test_share_may_be_a_whole_number(tmp_path: Path) -> None:
    path = policy(tmp_path, ("share = 0.5", "share = 1"))
    [share] = [
        rule.share for rule in load_policy(path).completeness.rules if rule.check == "test_of_self_study"
    ]
    assert share == 1


def test_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "absent.toml"
    assert faults(path) == ["cannot be read: No such file or directory."]


@pytest.mark.parametrize("content", [b"version = ", b"version = '\xeb'", b"a = 1\na = 2"])
def test_file_that_is_no_toml_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "policy.toml"
    path.write_bytes(content)
    assert [line[:19] for line in faults(path)] == ["must be a TOML file"]


def test_empty_policy_lacks_everything(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text("tasks = 3\n", encoding="utf-8")
    assert [line.split(" ")[0] for line in faults(path)] == [
        "version",
        "register",
        "intake",
        "reminders",
        "tasks",
    ]


@pytest.fixture
def calendar_folder(tmp_path: Path) -> Path:
    return shutil.copytree(CONFIG / "calendar", tmp_path / "calendar")


def calendar_faults(folder: Path) -> str:
    with pytest.raises(SettingsError) as caught:
        load_calendar(folder)
    return str(caught.value)


def test_calendar_that_comes_along_is_right() -> None:
    assert load_calendar(CONFIG / "calendar").last_day.year == 2028


@pytest.mark.parametrize("folder", ["", "absent"])
def test_folder_without_holidays_is_named(tmp_path: Path, folder: str) -> None:
    folder_path = tmp_path / folder
    assert calendar_faults(folder_path) == (
        f"{folder_path}: must be a folder of .toml files with the holidays; it has none."
    )


def test_typing_error_in_a_table_names_the_file_and_the_row(calendar_folder: Path) -> None:
    path = calendar_folder / "school-2024-2028.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("last = 2027-02-21", "last = 2027-03-21"), encoding="utf-8")  # as published
    assert calendar_faults(calendar_folder) == (
        f"{path}: spans#23 must run from a Saturday to a Sunday, 9 days, got Voorjaarsvakantie 2027 "
        "(zuid, advised) from Saturday 2027-02-13 to Sunday 2027-03-21, 37 days."
    )


def test_faults_of_all_calendar_files_are_told_at_once(calendar_folder: Path) -> None:
    for path in calendar_folder.glob("public-*.toml"):
        path.write_text(path.read_text(encoding="utf-8").replace("last_day", "lastday"), encoding="utf-8")
    found = [line.split(": ")[1].split(",")[0] for line in calendar_faults(calendar_folder).splitlines()]
    assert found == ["last_day is missing.", "lastday is not a key that is known here"] * 2


def test_files_that_contradict_one_another_name_the_folder(calendar_folder: Path) -> None:
    shutil.copy(calendar_folder / "public-2016-2019.toml", calendar_folder / "public.toml")
    assert calendar_faults(calendar_folder) == (
        f"{calendar_folder}: two files say which public holidays there are on 2016-07-01."
    )
