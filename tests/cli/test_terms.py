"""A term is explained by the command line, of a case or of none."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from pipeline.casework.terming import Explained, explained
from pipeline.cli import term_grid
from pipeline.domain.lifecycle import Kind
from pipeline.domain.terms import Ledger, Pause, SetAside
from pipeline.settings import load_calendar
from tests.cli.conftest import Run

README = Path(__file__).parents[2] / "README.md"
CALENDAR = README.parent / "config" / "calendar"
CHRISTMAS = ("terms", "compute", "--kind", "activity", "--received", "2026-12-18")


def test_term_is_shown_in_weeks_and_in_runs_of_days(run: Run, tmp_path: Path) -> None:
    told = run(*CHRISTMAS)

    lines = [line.rstrip() for line in told.out.splitlines()]
    assert told.code == 0
    assert lines[0] == "Activity received on Friday 18 December 2026"
    assert "Dec 2026   51                          18r   19s   20s        0" in lines
    assert "            7 [15>]                                          42" in lines
    assert (
        "Sat 19 Dec 2026   Sun  3 Jan 2027     16        2   school holiday: Kerstvakantie 2026 (midden)"
        in [line.strip() for line in lines]
    )
    assert lines[-2:] == [
        "42 of 42 days counted; besides 16 school holiday, 1 rolled over.",
        "Decide by Monday 15 February 2027.",
    ]
    assert not (tmp_path / "home").exists()


def test_readme_shows_what_is_printed(run: Run) -> None:
    shown = README.read_text(encoding="utf-8").split("```text\n")[1].split("\n```")[0]
    printed = [line.rstrip() for line in run(*CHRISTMAS).out.splitlines()]
    assert _said(shown.splitlines()) == _said(printed)


def _said(lines: list[str]) -> list[str]:
    """Leave out what is empty, and where the holidays were found: that may change by itself."""
    return [line for line in lines if line and not line.startswith("source ")]


@pytest.mark.parametrize(
    ("region", "due"),
    [
        ("none", "2027-01-29"),
        ("noord", "2027-02-15"),
        ("midden", "2027-02-15"),
        ("zuid", "2027-02-23"),
        ("union", "2027-03-02"),
        ("intersection", "2027-02-15"),
    ],
)
def test_term_as_json_has_each_day_with_its_ground(run: Run, region: str, due: str) -> None:
    found = run(*CHRISTMAS, "--region", region, "--json").json

    assert (found["due_on"], found["days"][-1]["day"]) == (due, due)
    assert [day["counted"] for day in found["days"]].count(True) == 42 == found["sum"]["counted"]
    assert len({day["day"] for day in found["days"]}) == len(found["days"])


def test_day_as_json_says_why_it_does_not_count(run: Run) -> None:
    found = run(*CHRISTMAS, "--json").json

    assert found["days"][1] == {
        "day": "2026-12-19",
        "ground": "school_holiday",
        "counted": False,
        "name": "Kerstvakantie 2026",
        "region": "midden",
        "source": found["days"][1]["source"],
    }
    assert found["days"][1]["source"].startswith("opendata.rijksoverheid.nl")


def test_pauses_and_extensions_are_tried_out(run: Run) -> None:
    pause = ("--pause", "2026-12-18:2027-01-04:2026-12-22")

    found = run(*CHRISTMAS, *pause, "--extend", "2027-02-26", "--json").json

    assert found["due_on"] == "2027-02-26"
    assert found["sum"] == {
        "paused": 3,
        "school_holiday": 13,
        "counted": 42,
        "rolled_over": 1,
        "extended": 11,
    }


def test_receipt_at_night_counts_by_the_day_in_amsterdam(run: Run) -> None:
    found = run(
        "terms", "compute", "--kind", "admission", "--received", "2026-11-22T23:30:00Z", "--json"
    ).json
    assert (found["received_on"], found["due_on"]) == ("2026-11-23", "2026-12-07")


def test_end_on_a_holiday_stays_there_where_nothing_rolls_over(run: Run) -> None:
    made = ("terms", "compute", "--kind", "admission", "--received", "2026-12-18", "--json")
    assert run(*made).json["due_on"] == "2027-01-04"
    assert run(*made, "--no-roll-over").json["due_on"] == "2027-01-01"


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("--kind", "letter"), "--kind is one of admission, activity, objection, got letter."),
        (
            ("--region", "oost"),
            "--region is one of none, noord, midden, zuid, union, intersection, got oost.",
        ),
        (("--received", "18-12-2026"), "expected a moment such as 2026-11-23 or 2026-11-23T09:30"),
        (("--pause", "2026-12-20"), "two or three dates, got 2026-12-20."),
        (("--pause", "2026-12-20:2026-12-19"), "nothing is answered before it is asked"),
        (("--extend", "2027-02-15"), "the term ends on 2027-02-15; a later end lies after that"),
        (("--received", "2031-01-01"), "2031-01-"),
    ],
)
def test_what_cannot_be_counted_is_told_in_a_sentence(run: Run, args: tuple[str, ...], says: str) -> None:
    told = run(*CHRISTMAS, *args)
    assert told.code != 0
    assert says in told.err
    assert told.err.endswith(".\n")


def test_term_of_a_case_is_the_one_that_is_kept(season: Run) -> None:
    for case in season("cases", "--json").json:
        if case["due_on"] is not None:
            assert season("terms", "explain", case["case"], "--json").json["due_on"] == case["due_on"]


def test_what_if_is_set_beside_what_is(season: Run) -> None:
    told = season("terms", "explain", "a-2026-000003", "--region", "none")
    found = season("terms", "explain", "A-2026-000003", "--region", "none", "--json").json

    assert found["what_if"]["region"] == "none"
    assert found["difference_days"] < 0
    assert f"days earlier than it really is: {found['due_on']}." in told.out


def test_term_of_an_unknown_case_is_not_found(season: Run) -> None:
    assert season("terms", "explain", "A-1999-000001").code == 5


def test_feed_is_a_calendar_on_standard_output_or_in_a_file(season: Run, tmp_path: Path) -> None:
    season("terms", "feed", tmp_path / "terms.ics")
    written = (tmp_path / "terms.ics").read_bytes()
    waiting = [case for case in season("cases", "--json").json if case["state"] != "closed"]

    assert {
        str(each["uid"]).partition("-besluit@")[0].upper()
        for each in _events(written)
        if "-besluit@" in each["uid"]
    } == {case["case"] for case in waiting}
    assert season("terms", "feed").out.startswith("BEGIN:VCALENDAR")


def _events(written: bytes) -> list[Any]:
    return list(Calendar.from_ical(written).walk("VEVENT"))


@pytest.mark.parametrize(
    ("received", "why"),
    [
        ("2026-11-28", "weekend"),
        ("2026-11-29", "Sunday"),
        ("2026-12-18", "Nieuwjaarsdag, weekend"),
        ("2027-03-12", "Goede vrijdag, weekend, Tweede paasdag"),
        ("2027-04-13", "Koningsdag"),
    ],
)
def test_what_an_end_rolls_over_is_told_by_its_name(run: Run, received: str, why: str) -> None:
    told = run("terms", "compute", "--kind", "admission", "--received", received)
    assert [
        line.split("  ")[-1].strip() for line in told.out.splitlines() if "rolled over: " in line.rstrip()
    ] == [f"rolled over: {why}"]


def set_aside(received: str, answer_by: str) -> Explained:
    first, last = date.fromisoformat(received), date.fromisoformat(answer_by)
    pauses = (Pause(first, last),)
    ledger = Ledger(first, 42, "midden", pauses, set_aside=SetAside(last, 28))
    return explained(Kind.ACTIVITY, ledger, load_calendar(CALENDAR))


def test_case_to_be_set_aside_shows_the_weeks_for_that(capsys: pytest.CaptureFixture[str]) -> None:
    found = set_aside("2026-11-27", "2026-12-11")
    term_grid.show(found)

    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    why = "to be set aside: could be completed until 2026-12-11"
    assert f"Sat 12 Dec 2026   Fri  8 Jan 2027     28        2   {why}" in lines
    assert lines[-2:] == [
        "To be sent within 28 days after Friday 11 December 2026; 0 of 42 days counted; besides 14 paused.",
        "Send by Friday 8 January 2027 that it is set aside.",
    ]
    assert found.as_json()["set_aside"] == {"answer_by": "2026-12-11", "days": 28}
    assert found.as_json()["sum"] == {"paused": 14, "set_aside": 28}
