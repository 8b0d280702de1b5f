"""A rolling restart under load, and a letter that is on its way when its worker is asked to end."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis

from pipeline.broker.depth import depth
from pipeline.broker.queues import LETTERS
from pipeline.broker.redis_broker import connect
from pipeline.casework import intake, overview
from pipeline.contract import NAMESPACE
from pipeline.embedded.parts import THREADS
from pipeline.embedded.process import wait_until
from pipeline.embedded.valkey import valkey
from pipeline.store import rows
from pipeline.wiring import App
from tests.casework.events import event
from tests.chaos.house import BEGIN, House, house
from tests.chaos.invariants import Evidence, breaches
from tests.chaos.load import Load
from tests.chaos.programs import Kept
from tests.chaos.run import come_to_rest
from tests.databases import databases
from tests.real.groups import Group, Urls, group, operator
from tests.real.holding import Holding, holding

SECONDS = 10.0  # of load
CASES_OPENED = 24
ENDS_SECONDS = 120.0  # a worker ends in 30 and starts in some; a busy machine takes its time


def restart(program: Kept) -> None:
    """Ask it to end and wait until the next one answers: nobody forces it."""
    starts = program.starts
    assert program.ask_to_end()
    assert wait_until(lambda: program.starts > starts and program.is_ready(), ENDS_SECONDS), program.name


def roll(ours: House) -> None:
    """Restart every program, one after another."""
    for program in (*ours.named("worker"), *ours.named("waker"), *ours.named("web")):
        restart(program)


def test_rolling_restart_under_load_loses_nothing_and_leaves_no_doubt(tmp_path: Path) -> None:
    with house(tmp_path, "postgresql", seed=3) as ours:  # on SQLite a chaos run does it too
        ours.relay.behave()
        load = Load(ours.app, ours.relay, seed=3, seconds=SECONDS, cases=CASES_OPENED)
        load.start()
        roll(ours)
        _, left = come_to_rest(ours, load, 300.0)
        load.stop()
        found = Evidence(ours.app, ours.relay.accepted(), list(load.drops.all.values()))
        assert left == []
        assert {rule: names for rule, names in breaches(found).items() if names} == {}
        assert {row["state"] for row in overview.letters(ours.app)} <= {rows.SENT, rows.CANCELLED}


@dataclass
class Machine:
    """One machine, on which nothing runs yet, whose mail server takes its time."""

    app: App
    group: Group
    mail: Holding


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    database = databases.bare(tmp_path).get("PIPELINE_DATABASE_URL", f"sqlite:///{tmp_path}/pipeline.db")
    with ExitStack() as stack:
        queues = stack.enter_context(valkey(tmp_path / "valkey"))
        mail = stack.enter_context(holding())
        urls = Urls(database, queues, f"smtp://127.0.0.1:{mail.port}")
        app = stack.enter_context(operator(tmp_path / "operator", urls))
        yield Machine(app, stack.enter_context(group(tmp_path / "machine", urls)), mail)


def ask_for_letters(made: Machine, number: int) -> None:
    """Let so many apply while a worker runs, and wait until the mail server has all the letters it is given."""
    made.group.start("worker")
    for serial in range(number):
        stored = intake.store(
            made.app, json.dumps(event("app-02", id=f"app-{serial}", time=BEGIN.isoformat())).encode()
        )
        made.app.ring("take_in", stored.id)
    most = min(number, THREADS)
    assert wait_until(lambda: len(states(made, rows.SENDING)) == most, ENDS_SECONDS), overview.counts(
        made.app
    )
    assert made.mail.has_one.wait(ENDS_SECONDS)


def states(made: Machine, state: str) -> list[str]:
    return [row["letter"] for row in overview.letters(made.app, state)]


def test_letter_on_its_way_is_finished_before_its_worker_ends(machine: Machine) -> None:
    ask_for_letters(machine, 1)
    on_its_way = states(machine, rows.SENDING)
    threading.Timer(2.0, machine.mail.may_answer.set).start()
    assert machine.group.end("worker") == 0
    assert set(on_its_way) <= set(states(machine, rows.SENT))
    assert states(machine, rows.SENDING) == states(machine, rows.UNKNOWN) == []


def test_worker_that_ends_puts_back_what_it_has_not_begun(machine: Machine) -> None:
    ask_for_letters(machine, 2 * THREADS)  # more than it has threads
    queues = connect(machine.app.settings.address("redis"))
    acks = f"{NAMESPACE}:__acks__.*.{LETTERS}"
    assert wait_until(lambda: in_hand(queues, acks) > THREADS, ENDS_SECONDS)
    machine.group.running["worker"].terminate()
    assert wait_until(lambda: in_hand(queues, acks) == THREADS, ENDS_SECONDS)
    machine.mail.may_answer.set()
    assert machine.group.running["worker"].wait(ENDS_SECONDS) == 0
    assert in_hand(queues, acks) == 0
    assert len(states(machine, rows.SENT)) == len(machine.mail.accepted) == THREADS
    assert states(machine, rows.SENDING) == states(machine, rows.UNKNOWN) == []
    assert depth(queues, LETTERS) == len(states(machine, rows.QUEUED)) > 0


def in_hand(queues: redis.Redis, keys: str) -> int:
    """Return how many messages workers have taken and not acknowledged."""
    return sum(queues.scard(key) for key in queues.keys(keys))


@pytest.mark.parametrize("name", ["waker", "web"])
def test_waker_and_web_end_when_asked(machine: Machine, name: str) -> None:
    machine.group.start(name)
    assert machine.group.end(name) == 0
