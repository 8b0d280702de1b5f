"""Messages of the release before on the queues of this one, and of this one where that still runs."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import dramatiq
import pytest
import redis

from pipeline.broker.depth import waiting
from pipeline.broker.envelope import unwrap
from pipeline.broker.queues import ACTORS, AGAIN, CASES, QUEUES, RECEIVE, ring
from pipeline.broker.redis_broker import HintBroker
from pipeline.casework import overview
from tests.broker.conftest import broker as real
from tests.broker.conftest import client, declare, kept, owned, server, working
from tests.broker.test_consumer import SOON, Seen, becomes, drop
from tests.upgrades.test_upgrade import LEFT, Old, old

__all__ = ["client", "kept", "old", "owned", "real", "server"]  # fixtures

MESSAGES: Final = Path(__file__).with_name("messages.jsonl").read_bytes().splitlines()
HINTS: Final = [raw for raw in MESSAGES if json.loads(raw)["actor_name"] != RECEIVE]
NEW: Final = {"follow_letters"}  # that release had no such actor
KEY: Final = "0000000000000000000000000000002a"


def test_there_is_a_message_for_each_actor() -> None:
    assert {json.loads(raw)["actor_name"] for raw in MESSAGES} == set(ACTORS) - NEW


@pytest.mark.parametrize("raw", HINTS)
def test_hint_of_the_release_before_is_a_first_hint(raw: bytes) -> None:
    from tests.stages import broker  # whose actors are ours

    message = unwrap(raw, json.loads(raw)["queue_name"])
    stage = inspect.unwrap(broker.get_actor(message.actor_name).fn)
    bound = inspect.signature(stage).bind(*message.args)
    bound.apply_defaults()
    assert tuple(bound.arguments.values()) == (KEY, "")


def test_event_of_the_release_before_is_taken_as_it_was_dropped() -> None:
    [raw] = [raw for raw in MESSAGES if raw not in HINTS]
    assert unwrap(raw).args == ('{"id": "app-01"}',)


def test_what_the_release_before_left_on_the_queues_is_worked_off(old: Old) -> None:
    made = old.work_on()
    [letter] = [row["id"] for row in LEFT["letters"] if row["state"] == "queued"]
    [event] = [row["id"] for row in LEFT["events"] if row["state"] == "stored"]
    made.stage.waiting += [as_left("dispatch", letter), as_left("take_in", event)]
    made.stage.pump()
    assert made.stage.errors == []
    assert len(made.mailer.sent) >= 1
    counts = overview.counts(made.app)
    assert (counts["letters"].get("queued"), counts["events"].get("stored")) == (None, None)
    made.app.database.close()


def as_left(actor: str, key: str) -> dramatiq.Message[Any]:
    [raw] = [raw for raw in HINTS if json.loads(raw)["actor_name"] == actor]
    return unwrap(raw.replace(KEY.encode(), key.encode()), ACTORS[actor])


def of_the_release_before(broker: HintBroker, name: str, work: Callable[[str], object]) -> None:
    """Declare an actor as that release had it: of one id."""

    @dramatiq.actor(broker=broker, actor_name=name, queue_name=ACTORS[name], max_retries=0)
    def _declared(case_id: str) -> None:
        work(case_id)


def test_hint_of_this_release_holds_up_no_worker_of_the_one_before(
    real: HintBroker, client: redis.Redis
) -> None:
    decide = Seen()
    of_the_release_before(real, "decide", decide)
    ring(real, "decide", "c1", AGAIN)  # a repeat, which that release does not know
    ring(real, "decide", "c2")
    with working(real):
        assert decide.enough.wait(SOON)
        assert becomes(lambda: waiting(client, QUEUES) == 0)
    assert decide.args == ["c2"]  # the waker rings again for the other


def test_hint_for_an_actor_of_another_release_goes_and_others_are_worked_on(
    real: HintBroker, client: redis.Redis
) -> None:
    decide = Seen()
    declare(real, "decide", decide)
    known = next(raw for raw in HINTS if json.loads(raw)["actor_name"] == "decide")
    drop(client, known.replace(b'"decide"', b'"revoke"'), "unknown", CASES)
    drop(client, known, "known", CASES)
    with working(real):
        assert decide.enough.wait(SOON)
        assert becomes(lambda: waiting(client, QUEUES) == 0)
    assert decide.args == [KEY]


def test_event_for_an_actor_of_another_release_is_kept_with_its_bytes(
    real: HintBroker, client: redis.Redis, kept: list[tuple[bytes, str]]
) -> None:
    [raw] = [raw for raw in MESSAGES if raw not in HINTS]
    foreign = raw.replace(b'"receive"', b'"receive_v2"')
    declare(real, "receive", Seen())
    drop(client, foreign)
    with working(real):
        assert becomes(lambda: kept != [] and waiting(client, QUEUES) == 0)
    assert kept == [(foreign, "No actor on queue intake is called receive_v2.")]
