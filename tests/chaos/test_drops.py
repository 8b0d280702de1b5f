"""Events are dropped until the database says what became of them, and those that were stored only once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import dramatiq
import pytest

from pipeline.casework import intake
from pipeline.errors import Unreachable
from tests.casework.events import at, event
from tests.chaos.drops import Door, Drop, Drops
from tests.stages import System


@pytest.fixture
def ready(home: System) -> System:
    at(home, "2026-10-05T15:40:00+02:00")
    return home


def dropped(made: Mapping[str, Any], door: Door) -> Drop:
    return Drop(made["source"], made["id"], json.dumps(made).encode(), door)


def lose(home: System) -> None:
    """Forget every message on its way."""
    home.stage.copies = lambda name: 0
    home.stage.pump()
    home.stage.copies = lambda name: 1


@pytest.mark.parametrize("door", ["queue", "stored"])
def test_event_that_became_a_case_is_dropped_no_more(ready: System, door: Door) -> None:
    drops, drop = Drops(ready.app), dropped(event("app-02"), door)
    drops.add(drop, 0)
    ready.stage.rest()
    drops.look()
    drops.again(60)
    assert (drop.fate, drop.times, drops.unconfirmed()) == ("accepted", 1, [])


def test_event_that_was_refused_is_dropped_no_more(ready: System) -> None:
    drops, drop = Drops(ready.app), dropped(event("act-02", {"provider_kvk": "90000999"}), "queue")
    drops.add(drop, 0)
    ready.stage.rest()
    drops.look()
    assert drop.fate == "refused"


@pytest.mark.parametrize(("door", "times"), [("queue", 2), ("stored", 1)])
def test_only_what_was_not_stored_is_dropped_again(ready: System, door: Door, times: int) -> None:
    drops, drop = Drops(ready.app), dropped(event("app-02"), door)
    drops.add(drop, 0)
    lose(ready)
    for now in (4.9, 5.1, 14.9):
        drops.look()
        drops.again(now)
    ready.stage.rest()
    drops.look()
    assert (drop.fate, drop.times) == ("accepted", times)


def test_event_is_dropped_again_that_could_not_be_stored(
    ready: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*args: object) -> None:
        raise Unreachable("restarting")

    drops, drop = Drops(ready.app), dropped(event("app-02"), "stored")
    with monkeypatch.context() as broken:
        broken.setattr(intake, "store", away)
        drops.add(drop, 0)
    drops.again(6)
    ready.stage.rest()
    drops.look()
    assert (drop.fate, drop.times, drop.is_ours) == ("accepted", 2, True)


def test_event_that_is_parked_is_in_sight(ready: System) -> None:
    drops, drop = Drops(ready.app), dropped(event("app-02"), "stored")
    drops.add(drop, 0)
    with ready.app.database.writing() as connection:
        connection.exec_driver_sql("UPDATE events SET parked_at = 1")
    drops.look()
    assert drop.fate == "parked"


def test_event_is_added_once(ready: System) -> None:
    drops, sent = Drops(ready.app), list[dramatiq.Message[Any]]()
    drops.add(dropped(event("app-02"), "queue"), 0)
    drops.add(dropped(event("app-02"), "queue"), 60)
    ready.stage._collect()
    sent += ready.stage.waiting
    assert len(sent) == 1
