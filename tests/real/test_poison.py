"""What ends its worker every time ends parked, while all else goes on and the supervisor keeps up."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from pipeline.casework import overview, parked
from pipeline.embedded import keeper
from pipeline.embedded.parts import PROGRAMS
from tests.casework.events import SUBMITTED, admit, at, event, take_in
from tests.casework.test_cases import approve
from tests.real.conftest import ROOT, RealHome
from tests.real.poison import EVENT, LETTER, LOGO

pytestmark = pytest.mark.long  # tests/casework/test_parked.py has each of its rules in one process
NEIGHBOURS = 6
IMPATIENT = {
    "ring_after_seconds = 5": "ring_after_seconds = 1",
    "at_most_seconds = 60": "at_most_seconds = 2",
    "mail_timeout_seconds = 60": "mail_timeout_seconds = 5",
}


@pytest.fixture(scope="module")
def poisoned_home(start: Callable[..., RealHome], tmp_path_factory: pytest.TempPathFactory) -> RealHome:
    """A home after each kind of poison, with neighbours before, between and behind."""
    policy = tmp_path_factory.mktemp("policy") / "policy.toml"
    text = (ROOT / "config" / "policy.toml").read_text(encoding="utf-8")
    for old, new in IMPATIENT.items():
        text = text.replace(old, new)
    policy.write_text(text, encoding="utf-8")
    begin = datetime.fromisoformat("2026-10-05T15:40:00+02:00")
    with pytest.MonkeyPatch.context() as patch:
        for pause in ("FIRST_PAUSE", "LONGEST_PAUSE"):  # of the many deaths each would take longer
            patch.setattr(keeper, pause, 0.1)
        home = start(begin, {**PROGRAMS, "worker": worker()}, PIPELINE_POLICY=str(policy))
        admit(home)  # type: ignore[arg-type]  # it has what is asked for
        at(home, SUBMITTED)  # type: ignore[arg-type]
        poison(home)
    return home


def worker() -> list[str]:
    """Return the command of a worker that can be poisoned."""
    command = [*PROGRAMS["worker"], str(ROOT)]  # where its module lies: the last option is the path
    place = command.index("pipeline.workers")
    return [*command[:place], "dramatiq", "tests.real.poisoned", *command[place + 1 :]]


def poison(home: RealHome) -> None:
    """Let a logo, an event and a letter end the worker; the waker works meanwhile."""
    changes = {"provider_kvk": "90000102", "activity": {"title": LOGO}}
    number = take_in(home, event("act-02", changes, time=SUBMITTED)).case  # type: ignore[arg-type]
    assert number is not None
    for _ in range(2):
        approve(home, number, "6", SUBMITTED)  # type: ignore[arg-type]
    home.app.clock.set(None, hold=timedelta())
    made = [application(serial) for serial in range(NEIGHBOURS)]
    made.insert(2, application(NEIGHBOURS, name=EVENT))
    made.insert(4, application(NEIGHBOURS + 1, email=LETTER))
    for document in made:
        home.stage.drop(json.dumps(document).encode())
    home.stage.rest()


def application(serial: int, name: str = "Aanbieder", email: str = "aanbieder@example.org") -> dict[str, Any]:
    """Return the application of one of many providers."""
    about = {
        "name": f"{name} {serial}",
        "kvk_number": f"{91_000_000 + serial}",
        "postcode": f"{1000 + serial} AB",
    }
    contact = {"contact": {"email": email}}
    return event("app-02", {"provider": {**about, **contact}}, id=f"application-{serial}", time=SUBMITTED)


def test_each_kind_of_poison_ends_parked_and_nothing_else_does(poisoned_home: RealHome) -> None:
    found = parked.all_parked(poisoned_home.app)
    assert sorted((one.kind, one.step) for one in found) == [
        ("case", "draw_logo"),
        ("event", "take_in"),
        ("letter", "dispatch"),
    ]
    assert all(one.error.startswith("It was begun 3 times and never came to an end") for one in found)


def test_event_that_was_on_the_queue_alone_is_kept_whole(poisoned_home: RealHome) -> None:
    [found] = [one for one in parked.all_parked(poisoned_home.app) if one.kind == "event"]
    told = parked.detail(poisoned_home.app, found)
    assert json.loads(told["input"]["text"])["data"]["provider"]["name"].startswith(EVENT)


def test_a_named_human_has_each(poisoned_home: RealHome) -> None:
    kinds = Counter(task["kind"] for task in overview.tasks(poisoned_home.app))
    del kinds["unknown_letter"]  # of neighbours that the server had just got when a worker died
    del kinds["duplicate"]  # the providers have one mail domain
    assert kinds == {"parked": 2, "unmailable": 1}


def test_neighbours_went_on(poisoned_home: RealHome) -> None:
    states = {
        row["event_id"]: row["state"]
        for row in overview.cases(poisoned_home.app)
        if row["kind"] == "admission"
    }
    wanted = {f"application-{serial}": "in_review" for serial in (*range(NEIGHBOURS), NEIGHBOURS + 1)}
    assert states == {"app-02": "closed", **wanted}


def test_no_letter_went_out_twice_and_none_that_was_not_sent(poisoned_home: RealHome) -> None:
    accepted = Counter(str(letter["Message-ID"]) for letter in poisoned_home.letters())
    states = {row["message_id"]: row["state"] for row in overview.letters(poisoned_home.app)}
    assert max(accepted.values()) == 1
    assert {states[each] for each in accepted} <= {"sent", "unknown"}
    assert {each for each, state in states.items() if state == "sent"} <= accepted.keys()


def test_workers_died_a_bounded_number_of_times_and_nothing_else_did(poisoned_home: RealHome) -> None:
    deaths = poisoned_home.running.deaths
    assert 3 <= len(deaths) <= 3 * 5
    assert {death.partition(" ")[0] for death in deaths} == {"worker"}
