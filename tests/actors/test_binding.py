"""What a worker says and does when a step fails."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import dramatiq
import pytest
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import Retries, TimeLimit

import tests.stages  # noqa: F401 -- sets the broker that our actors bind to when they are read first
from pipeline.actors.binding import actor
from pipeline.errors import Stale, Unreachable

FAILURES: list[Exception] = []


def remind(case_id: str) -> None:
    """Fail as the test asks."""
    raise FAILURES[-1]


@pytest.fixture
def broker() -> Iterator[StubBroker]:
    """A broker that retries nothing, as ours, with the one actor ``remind``."""
    usual = dramatiq.get_broker()
    ours = StubBroker(middleware=[TimeLimit(), Retries(max_retries=0)])
    ours.emit_after("process_boot")
    dramatiq.set_broker(ours)
    actor(remind)
    yield ours
    dramatiq.set_broker(usual)


def work_off(broker: StubBroker, failure: Exception) -> int:
    """Let a worker do one step that fails; returns how many messages it gave up."""
    FAILURES.append(failure)
    broker.get_actor("remind").send("c1")
    worker = dramatiq.Worker(broker, worker_timeout=20, worker_threads=1)
    worker.start()
    broker.join("cases", fail_fast=False)
    worker.join()
    worker.stop()
    return len(broker.dead_letters)


@pytest.mark.parametrize("failure", [Unreachable("The database does not answer."), Stale("Changed.")])
def test_step_that_is_put_off_says_so_in_a_line_and_is_given_up(
    broker: StubBroker, failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    assert work_off(broker, failure) == 1
    assert [record for record in caplog.records if record.exc_info] == []
    assert [record for record in caplog.records if record.levelno > logging.WARNING] == []


def test_step_that_fails_of_itself_says_where(broker: StubBroker, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    assert work_off(broker, RuntimeError("the disk is on fire")) == 1
    assert [str(record.exc_info[1]) for record in caplog.records if record.exc_info] == [
        "the disk is on fire"
    ]
