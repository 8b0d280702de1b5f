"""`pipeline versions` shows what each supplement changed."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run

ENDS = (("1", "--to", "4"), ("4", "--to", "1"))


def test_versions_of_a_case_show_what_each_supplement_changed(season: Run) -> None:
    cases = {one["event_id"]: one["case"] for one in season("cases", "--json").json}
    told = season("versions", cases["act-22"].lower())
    assert (told.code, told.err) == (0, "")
    assert "Version 1, 2026-11-18, from /portal act-22" in told.out
    assert "As it was first sent." in told.out
    assert "activity.staff" in told.out.split("sup-09")[1]
    assert season("versions", cases["obj-01"]).code == 2


def test_any_two_versions_can_be_compared(season: Run) -> None:
    first, last = (season("versions", "A-2026-000018", "--from", *pair, "--json").json for pair in ENDS)
    fields = [
        "activity.evaluation",
        "activity.planning",
        "activity.relevance",
        "activity.sectors",
        "activity.staff",
    ]
    assert sorted(one["field"] for one in first["changes"]) == fields
    there = {one["field"]: (one["old"], one["new"]) for one in first["changes"]}
    assert {one["field"]: (one["new"], one["old"]) for one in last["changes"]} == there
    same = season("versions", "A-2026-000018", "--from", "2", "--to", "2")
    assert "A-2026-000018, version 2 against version 2" in same.out
    assert "Nothing that differs." in same.out


@pytest.mark.parametrize(
    ("case", "options", "said"),
    [
        (
            "A-2026-000018",
            ["--from", "1", "--to", "5"],
            "A-2026-000018 has 4 versions: there is no version 5.",
        ),
        (
            "B-2026-000001",
            ["--from", "1", "--to", "1"],
            "B-2026-000001 has 0 versions: there is no version 1.",
        ),
        ("A-2026-000018", ["--from", "1"], "--from and --to go together."),
    ],
)
def test_version_that_is_not_there_is_said_so(season: Run, case: str, options: list[str], said: str) -> None:
    told = season("versions", case, *options)
    assert (told.code, told.out) == (2, "")
    assert said in " ".join(told.err.split())
