"""What the real processes tell their logs: one id from event to letter, and nothing that is private."""

from __future__ import annotations

import json
import re
from contextlib import ExitStack
from typing import Any, NamedTuple

import pytest
from sqlalchemy import select

from pipeline.casework import overview
from pipeline.contract import MAX_BYTES
from pipeline.embedded import process
from pipeline.play import Season, read_script
from pipeline.store import rows, tables
from pipeline.store.reading import all_of
from tests.real.conftest import ROOT, SAMPLES, RealHome, started

PARTS = ("worker", "waker", "web")
SECRET = "hunter2-and-more"
RELAY = f"smtp://jan%40school.example:{SECRET}@127.0.0.1:1"  # where nobody answers
SCRIPT = SAMPLES / "closing.jsonl"
ADDRESS = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9-]+\.[A-Za-z.]+")
ODD = (b"\xff\xfe", b'{"id": "jan@school.example", "source": "/portal"}', b"[" * MAX_BYTES)


class Told(NamedTuple):
    """What the processes of a home told their logs, and what the home knows."""

    raw: str
    lines: list[dict[str, Any]]
    events: list[rows.Event]
    cases: list[rows.Case]
    letters: list[rows.Letter]
    entries: list[rows.Entry]

    def of(self, correlation: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line.get("correlation") == correlation]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    folder, script = tmp_path_factory.mktemp("told"), read_script([SCRIPT])
    environ = {"PIPELINE_POLICY": str(ROOT / "config" / "policy-2017.toml"), "PIPELINE_LOG_FORMAT": "json"}
    with ExitStack() as stack:
        home = started(folder, script[0].time, stack, **environ)
        Season(home.app, home.stage, script).play()
        for raw in ODD:
            home.stage.drop(raw)
        home.stage.rest()
        environ["PIPELINE_HOME_ID"] = home_id(home)
    with ExitStack() as stack:  # once more, with a letter for a relay that is away
        home = started(folder, script[0].time, stack, PIPELINE_SMTP_URL=RELAY, **environ)
        home.stage.drop(withdrawal(home))
        assert process.wait_until(lambda: is_tried(home), 60)
        known = records(home)
    said = "".join((folder / "log" / f"{part}.log").read_text() for part in PARTS)
    lines = [json.loads(line) for line in said.splitlines()]
    return Told(json.dumps(lines, ensure_ascii=False), lines, *known)


def home_id(home: RealHome) -> str:
    with home.app.database.reading() as connection:
        return str(connection.execute(select(tables.home.c.name)).scalar_one())


def withdrawal(home: RealHome) -> bytes:
    number = next(row["case"] for row in overview.cases(home.app) if row["state"] == "in_review")
    event = json.loads(SCRIPT.read_text(encoding="utf-8").splitlines()[0])
    event |= {"id": "wd", "time": home.app.clock.now().isoformat()}
    event |= {"type": "nl.registerleraar.case.withdrawn.v1", "data": {"case": number, "reason": "Vervallen"}}
    return json.dumps(event).encode()


def is_tried(home: RealHome) -> bool:
    return any(row["attempts"] and row["last_error"] for row in overview.letters(home.app, "queued"))


def records(home: RealHome) -> tuple[Any, ...]:
    with home.app.database.reading() as connection:
        kinds = (rows.Event, rows.Case, rows.Letter, rows.Entry)
        return tuple(all_of(connection, kind) for kind in kinds)


def test_every_line_is_json_with_the_same_fields(told: Told) -> None:
    assert {line["logger"].split(".")[0] for line in told.lines} >= {"pipeline", "dramatiq", "uvicorn"}
    assert [line for line in told.lines if not {"timestamp", "level", "event", "logger"} <= set(line)] == []


def test_each_part_tells_that_it_came_and_went(told: Told) -> None:
    found = [line["event"] for line in told.lines]
    for part in PARTS:
        assert (found.count(f"{part}_started"), found.count(f"{part}_stopped")) == (2, 2), part


def test_no_line_holds_an_address_a_name_or_a_secret(told: Told) -> None:
    given = ADDRESS.findall(SCRIPT.read_text(encoding="utf-8") + (SAMPLES / "reviewers.csv").read_text())
    private = {*given, *(letter.to_address for letter in told.letters), "jan@school.example", SECRET}
    private |= {case.title for case in told.cases} | {letter.subject for letter in told.letters}
    assert len(private) > 20
    assert [one for one in private if one and one in told.raw] == []
    assert ADDRESS.findall(told.raw) == []
    assert "j…@school.example" in told.raw


def test_what_becomes_of_every_event_is_told_under_its_id(told: Told) -> None:
    assert {event.state for event in told.events} == {"accepted", "refused"}
    for event in told.events:
        assert [line["event"] for line in told.of(event.id) if line["event"].startswith("event_")] == [
            f"event_{event.state}"
        ]


def test_one_id_leads_from_an_application_to_its_letters(told: Told) -> None:
    application = next(event for event in told.events if event.event_id == "vr-01")
    lines = told.of(application.id)
    steps = [(line["actor"], line["event"], line.get("move") or line.get("kind")) for line in lines]
    assert ("receive", "event_accepted", None) in steps
    assert ("receive", "case_moved", "found_complete") in steps
    assert ("assign_reviewers", "reviewers_assigned", None) in steps
    assert ("dispatch", "letter_sent", "confirmation") in steps
    assert ("dispatch", "letter_sent", "review_asked") in steps
    assert {line["case"] for line in lines} == {told_case(told, application).number}


def told_case(told: Told, event: rows.Event) -> rows.Case:
    return next(case for case in told.cases if case.id == event.case_id)


def test_every_row_bears_the_id_of_what_set_it_off(told: Told) -> None:
    about = {event.id: event.case_id for event in told.events}
    for case in told.cases:
        assert about[case.correlation or ""] == case.id
    for letter in told.letters:
        assert about[letter.correlation or ""] == letter.case_id
    for entry in told.entries:
        assert about[entry.correlation or ""] == entry.chain


def test_a_letter_that_must_wait_is_told_with_its_error(told: Told) -> None:
    withdrawn = next(event for event in told.events if event.event_id == "wd")
    waiting = [line for line in told.of(withdrawn.id) if line["event"] == "letter_again_later"]
    assert waiting
    assert {line["kind"] for line in waiting} <= {"withdrawn", "review_not_needed"}
    assert all("cannot be used now" in line["error"] for line in waiting)
