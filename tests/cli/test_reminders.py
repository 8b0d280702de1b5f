from __future__ import annotations

from tests.cli.conftest import Run


def test_dry_run_shows_what_would_ring_for_whom_and_changes_nothing(season: Run) -> None:
    asked = ("remind", "--at", "2027-06-05", "--dry-run")

    first, second = season(*asked, "--json").json, season(*asked, "--json").json

    assert first == second
    weekly = [ring for ring in first if ring["case"].startswith("A-")]
    assert [(ring["at"][:10], ring["to"], ring["letter"]) for ring in weekly] == [
        ("2027-05-26", "Aletta Hoekstra", "task_waiting"),
        ("2027-06-02", "Aletta Hoekstra", "task_waiting"),
    ]
    assert "Aletta Hoekstra" in season(*asked).out


def test_remind_with_nothing_due_says_so(season: Run) -> None:
    assert season("remind").out == "Nothing was due.\n"
    assert season("remind", "--json").json == []


def test_remind_at_a_day_past_is_refused(season: Run) -> None:
    told = season("remind", "--at", "2026-10-01")

    assert told.code == 2
    assert told.err.endswith("in this home, which is past 2026-10-01.\n")


def test_remind_at_no_date_is_refused(run: Run) -> None:
    told = run("remind", "--at", "gisteren")

    assert (told.code, told.out) == (2, "")
    assert "expected a date such as 2026-11-23, got gisteren." in told.err


def test_remind_at_in_real_time_only_shows(run: Run) -> None:
    run("migrate")

    assert run("remind", "--at", "2028-08-01").out == "Nothing would ring up to 2028-08-01 23:59.\n"
