"""The samples through the real queue, real processes and a real SMTP conversation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from pipeline.broker.depth import waiting
from pipeline.broker.queues import ACTORS, QUEUES, RECEIVE
from pipeline.broker.redis_broker import connect
from pipeline.casework import checkpoints, intake, overview, verifying
from pipeline.contract import NAMESPACE
from pipeline.embedded.process import wait_until
from pipeline.play import QueueStage, Season, read_script
from pipeline.store import tables
from tests import outcomes
from tests.casework.test_bad_input import expected
from tests.casework.test_hints import ended, script, untroubled
from tests.contract.samples import BAD
from tests.real.conftest import ROOT, SAMPLES, RealHome

SOON = 20.0
SEASON = [SAMPLES / name for name in ("season.jsonl", "followups.jsonl", "verdicts.jsonl")]
ENDINGS = outcomes.endings("app", "act", "res", "obj")


@pytest.fixture(scope="module")
def played(start: Callable[..., RealHome]) -> RealHome:
    lines = read_script(SEASON)
    home = start(lines[0].time)
    Season(home.app, home.stage, lines).play()
    return home


def test_every_case_ends_as_the_readme_says(played: RealHome) -> None:
    rows = {row["event_id"]: row for row in overview.cases(played.app)}
    wanted = {one.id: outcomes.expected(one, rows[one.id]) for one in ENDINGS.values() if one.state}
    assert {event_id: outcomes.of_case(row) for event_id, row in rows.items()} == wanted


def test_every_refusal_names_the_field_of_the_readme(played: RealHome) -> None:
    found = outcomes.refusals(overview.refused(played.app))
    wanted = outcomes.expected_refusals("app", "act", "sup", "wd", "obj", "ver")
    assert {event_id: field for event_id, field in found.items() if event_id in wanted} == wanted


def test_every_letter_was_accepted_once(played: RealHome) -> None:
    accepted = Counter(str(letter["Message-ID"]) for letter in played.letters())
    sent = [row["message_id"] for row in overview.letters(played.app, "sent")]
    assert accepted == Counter(sent)


def test_no_process_died(played: RealHome) -> None:
    assert played.running.deaths == []
    assert overview.counts(played.app)["parked"] == 0


def test_journal_is_signed_once_the_clock_runs_on_and_is_whole(played: RealHome) -> None:
    app = played.app

    def is_signed() -> bool:
        with app.database.reading() as connection:
            return checkpoints.latest(connection) is not None

    if app.database.is_sqlite:  # elsewhere a home has no key of its own
        assert wait_until(is_signed, SOON)
    assert verifying.verify(app).faults == []


def test_second_play_drops_nothing(played: RealHome) -> None:
    lines = read_script(SEASON)
    before = overview.counts(played.app)
    again = Season(played.app, played.stage, lines).play()
    assert (again.dropped, again.skipped) == (0, len(lines))
    assert overview.counts(played.app)["letters"] == before["letters"]


@pytest.mark.parametrize("name", sorted(expected()))
def test_bad_file_is_refused_with_its_bytes(played: RealHome, name: str) -> None:
    raw = (BAD / name).read_bytes()
    played.stage.drop(raw)  # as text on the queue; what no message can carry is stored first
    played.stage.rest()
    [row] = [
        row
        for row in overview.refused(played.app)
        if overview.raw_of(played.app, row["id"]) == raw[: 1 << 18]
    ]
    assert row["field"] == expected()[name]


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff\xfe\x00",
        b"no message",
        b'{"queue_name": "intake"}',
        b'{"queue_name": "intake", "args": [1, 2]}',
    ],
)
def test_what_is_no_message_is_kept_among_the_refused(played: RealHome, raw: bytes) -> None:
    connection = connect(played.running.settings.address("redis"))
    key = f"raw-{raw.hex()}"
    with connection.pipeline(transaction=True) as pipe:
        pipe.hset(f"{NAMESPACE}:intake.msgs", key, raw)
        pipe.rpush(f"{NAMESPACE}:intake", key)
        pipe.execute()
    played.stage.rest()
    assert raw in [overview.raw_of(played.app, row["id"]) for row in overview.refused(played.app)]


def test_event_dropped_as_an_object_is_kept_as_its_text_in_the_message(played: RealHome) -> None:
    text = '{ "specversion" : "0.3",  "id": "odd" }'
    message = (
        '{"queue_name": "intake", "actor_name": "receive", "args": [' + text + '], "kwargs": {}, '
        '"options": {"redis_message_id": "m1"}, "message_id": "m1", "message_timestamp": 1}'
    )
    connection = connect(played.running.settings.address("redis"))
    with connection.pipeline(transaction=True) as pipe:
        pipe.hset(f"{NAMESPACE}:intake.msgs", "m1", message)
        pipe.rpush(f"{NAMESPACE}:intake", "m1")
        pipe.execute()
    played.stage.rest()
    assert text.encode() in [overview.raw_of(played.app, row["id"]) for row in overview.refused(played.app)]


@pytest.mark.long  # casework/test_closing.py tells it in one process; cli/test_processes.py plays the same for real
def test_closing_date_holds(start: Callable[..., RealHome]) -> None:
    lines = read_script([SAMPLES / "closing.jsonl"])
    home = start(lines[0].time, PIPELINE_POLICY=str(ROOT / "config" / "policy-2017.toml"))
    Season(home.app, home.stage, lines).play()
    assert outcomes.refusals(overview.refused(home.app)) == {"vr-05": "time", "vr-06": "time"}
    due = {row["event_id"]: row["due_on"] for row in overview.cases(home.app)}
    assert due == {name: outcomes.endings("vr")[name].decide_by for name in ("vr-01", "vr-03", "vr-04")}


class Troubled(QueueStage):
    """Drops events twice, sends hints nobody asked for, and now and then loses every hint."""

    def __init__(self, home: RealHome, random: Random) -> None:
        super().__init__(home.app, connect(home.running.settings.address("redis")))
        self._home, self._random = home, random
        self._losses = iter((3, 11, 24, 40))
        self._next, self._dropped = next(self._losses), 0

    def drop(self, raw: bytes) -> None:
        super().drop(raw)
        super().drop(raw)
        self._dropped += 1
        if self._dropped == self._next:
            self._next = next(self._losses, 0)
            self._lose()
        self._ring_at_random()

    def _lose(self) -> None:
        """Empty every queue but intake, until the event has been taken in."""
        connection = connect(self._home.running.settings.address("redis"))
        while waiting(connection, QUEUES[:1]):
            for queue in QUEUES[1:]:
                connection.delete(f"{NAMESPACE}:{queue}", f"{NAMESPACE}:{queue}.msgs")

    def _ring_at_random(self) -> None:
        letters = [row["letter"] for row in overview.letters(self._app)]
        for key in self._random.sample(letters, min(3, len(letters))):
            self._app.ring("dispatch", key)
        actors = [name for name in ACTORS if name not in (RECEIVE, "take_in", "dispatch")]
        for key in self._case_ids():
            self._app.ring(self._random.choice(actors), key)

    def _case_ids(self) -> list[str]:
        with self._app.database.reading() as connection:
            found = list(connection.execute(select(tables.cases.c.id)).scalars())
        return self._random.sample(found, min(3, len(found)))


@pytest.mark.long  # casework/test_hints.py does the same in one process
def test_hints_lost_doubled_and_reordered_change_nothing(start: Callable[..., RealHome]) -> None:
    home = start(script()[0].time)
    Season(home.app, Troubled(home, Random(7)), script()).play()
    found: dict[str, Any] = dict(ended(home.app))
    assert found == {name: untroubled()[name] for name in found}


def test_bytes_that_are_stored_first_come_to_the_same(played: RealHome) -> None:
    raw = (BAD / "not-utf8.json").read_bytes() + b" "
    stored = intake.store(played.app, raw, file="not-utf8.json")
    played.app.ring("take_in", stored.id)
    played.stage.rest()
    [row] = [row for row in overview.refused(played.app) if row["id"] == stored.id]
    assert (row["field"], row["file"]) == ("(whole)", "not-utf8.json")
