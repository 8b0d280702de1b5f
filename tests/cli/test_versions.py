"""`pipeline versions` shows what each supplement changed."""

from __future__ import annotations

from tests.cli.conftest import Run


def test_versions_of_a_case_show_what_each_supplement_changed(season: Run) -> None:
    cases = {one["event_id"]: one["case"] for one in season("cases", "--json").json}
    told = season("versions", cases["act-22"].lower())
    assert (told.code, told.err) == (0, "")
    assert "Version 1, 2026-11-18, from /portal act-22" in told.out
    assert "As it was first sent." in told.out
    assert "activity.staff" in told.out.split("sup-09")[1]
    assert season("versions", cases["obj-01"]).code == 2
