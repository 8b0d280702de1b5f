"""Bad input gets a clear answer and loses nothing."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from pipeline.casework import intake, overview
from tests.casework.events import admitted, at, case, event, take_in
from tests.contract.samples import BAD
from tests.stages import System


def expected() -> dict[str, str]:
    """Return the field that the README names for each bad file."""
    text = (BAD.parent / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z0-9-]+\.(?:json|bin))` \| `?\(?([a-z_.]+)\)?`? \|", text, re.MULTILINE)
    return {name: "(whole)" if field == "whole" else field for name, field in rows}


@pytest.fixture
def open_home(home: System) -> System:
    at(home, "2026-11-10T09:00:00+01:00")
    return home


def test_readme_names_every_bad_file() -> None:
    assert set(expected()) == {path.name for path in BAD.iterdir()}


@pytest.mark.parametrize("name", sorted(expected()))
def test_bad_file_is_refused_for_the_field_of_the_readme(open_home: System, name: str) -> None:
    raw = (BAD / name).read_bytes()
    outcome = take_in(open_home, raw)
    [row] = overview.refused(open_home.app)
    assert (outcome.status, row["field"]) == ("refused", expected()[name])
    assert row["sha256"] == sha256(raw).hexdigest()
    assert overview.raw_of(open_home.app, row["id"]) == raw[: 256 * 1024]


def test_same_refusal_again_only_counts(open_home: System) -> None:
    raw = (BAD / "unknown-sector.json").read_bytes()
    take_in(open_home, raw)
    take_in(open_home, raw)
    [row] = overview.refused(open_home.app)
    assert row["times"] == 2


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (b"[" * 100_000, "depth"),
        (b"[" * 100_000 + b"]" * 100_000, "depth"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, "depth"),
        (b"", "json"),
        (b"\xff\xfe{}", "encoding"),
        (b'{"specversion": "1.0", "id": "\\ud800"}', "not_storable"),
        (b"NaN", "json"),
        (b"nul", "json"),
        (b'{"specversion": "1.0"', "json"),
    ],
)
def test_hostile_bytes_are_refused_by_the_first_rule_they_break(
    open_home: System, raw: bytes, rule: str
) -> None:
    take_in(open_home, raw)
    [row] = overview.refused(open_home.app)
    assert row["rule"] == rule
    assert row["reason"].endswith((".", ")."))


HOSTILE = {
    "script": "<script>alert(1)</script>",
    "template": "{{ 7*7 }} {% if x %}",
    "right to left": "مرحبا \u202eabc",
    "long": "T" * 300,
    "emoji": "Muziek 🎵 – voor iedereen 👩🏽‍🏫",
    "quotes": "\"'; DROP TABLE cases; --",
}


@pytest.mark.parametrize("title", HOSTILE.values(), ids=HOSTILE)
def test_odd_title_is_kept_as_it_is_and_never_runs(home: System, title: str) -> None:
    admitted(home)
    at(home, "2026-10-20T10:00:00+02:00")
    changes = {"provider_kvk": "90000102", "activity": {"title": title}}
    outcome = take_in(home, event("act-02", changes, time="2026-10-20T10:00:00+02:00"))
    assert outcome.status == "accepted"
    assert case(home, outcome.case)["title"] == title
    for letter in home.mailer.letters():
        html = letter.get_body(("html",))
        assert html is not None
        assert "<script" not in html.get_content()
        assert "49" not in str(letter["Subject"])


@pytest.mark.parametrize("field", ["name", "website"])
def test_header_injection_is_refused(open_home: System, field: str) -> None:
    text = "x\r\nBcc: lijst@ongevraagd.example"
    made = event("app-02", {"provider": {field: text}}, time="2026-11-10T09:00:00+01:00")
    outcome = take_in(open_home, made)
    assert outcome.refusal is not None
    assert (outcome.refusal.rule, outcome.refusal.field) == ("control_characters", f"provider.{field}")
    assert open_home.mailer.sent == []


def test_event_is_one_however_often_it_is_dropped(open_home: System) -> None:
    made = event("app-02", time="2026-11-10T09:00:00+01:00")
    first = take_in(open_home, made)
    again = take_in(open_home, json.dumps(made, indent=3, sort_keys=True).encode())
    assert (again.status, again.case) == ("known", first.case)
    assert len(overview.cases(open_home.app)) == 1
    assert len(open_home.mailer.sent) == 2  # the confirmation, and the owner told that nobody can review


def test_same_pair_with_other_content_is_a_flag_of_the_case(open_home: System) -> None:
    made = event("app-02", time="2026-11-10T09:00:00+01:00")
    first = take_in(open_home, made)
    other = take_in(
        open_home, event("app-02", {"provider": {"city": "Assen"}}, time="2026-11-10T09:00:00+01:00")
    )
    assert (other.status, other.case) == ("conflict", first.case)
    assert case(open_home, first.case)["flags"] == ["conflict with /portal app-02"]
    assert case(open_home, first.case)["journal"][-1]["event"] == "conflicted"
    assert overview.refused(open_home.app) == []


def test_refused_pair_may_come_again(open_home: System) -> None:
    bad = event("app-02", {"provider": {"name": ""}}, time="2026-11-10T09:00:00+01:00")
    assert take_in(open_home, bad).status == "refused"
    assert take_in(open_home, event("app-02", time="2026-11-10T09:00:00+01:00")).status == "accepted"


@pytest.mark.parametrize(
    ("time", "rule"),
    [
        ("2026-11-10T09:05:00+01:00", None),
        ("2026-11-10T09:05:01+01:00", "too_early"),
        ("2026-10-27T09:00:00+01:00", None),
        ("2026-10-27T08:59:59+01:00", "too_late"),
    ],
)
def test_event_comes_within_its_window(open_home: System, time: str, rule: str | None) -> None:
    refusal = take_in(open_home, event("app-02", time=time)).refusal
    assert (refusal.rule if refusal else None) == rule


def test_operator_may_accept_a_late_event_in_their_own_name(open_home: System) -> None:
    raw = json.dumps(event("app-02")).encode()  # of five weeks ago
    stored = intake.store(open_home.app, raw, late_by="Tom de Wit")
    outcome = intake.process(open_home.app, stored, is_stored=True)
    assert outcome.status == "accepted"
    assert case(open_home, outcome.case)["received_on"] == "2026-10-05"


def test_source_may_send_only_its_own_types(open_home: System) -> None:
    made = event("app-02", source="/reviewers-desk", time="2026-11-10T09:00:00+01:00")
    refusal = take_in(open_home, made).refusal
    assert refusal is not None
    assert (refusal.rule, refusal.field) == ("source", "source")


def test_provider_is_told_five_times_a_day_and_then_the_owner(home: System) -> None:
    admitted(home)
    at(home, "2026-10-20T10:00:00+02:00")
    for attempt in range(7):
        changes: dict[str, Any] = {"provider_kvk": "90000102", "activity": {"type": "self_study"}}
        take_in(home, event("act-02", changes, id=f"x-{attempt}", time="2026-10-20T10:00:00+02:00"))
    letters = overview.letters(home.app)
    assert len([one for one in letters if one["kind"] == "event_refused"]) == 5
    assert [task["kind"] for task in overview.tasks(home.app)] == ["refused_often"]


def test_letter_about_a_refusal_never_goes_to_an_address_in_the_event(home: System) -> None:
    admitted(home)
    at(home, "2026-10-20T10:00:00+02:00")
    contact = {"contact": {"email": "ander@adres.example"}, "name": " "}
    made = event("app-02", {"provider": contact}, id="y", time="2026-10-20T10:00:00+02:00")
    take_in(home, made)
    told = [one["to"] for one in overview.letters(home.app) if one["kind"] == "event_refused"]
    assert told == ["scholing@rekenrijk.example"]


def test_logos_folder_holds_a_copy_for_people(season: System) -> None:
    folder: Path = season.app.settings.home / "logos"
    numbers = {row["number"] for row in overview.registrations(season.app)}
    assert {path.name for path in folder.iterdir()} == {f"registerlogo-{number}.png" for number in numbers}
