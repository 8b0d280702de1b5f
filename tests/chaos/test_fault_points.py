"""A process that ends at one point exactly: nothing is lost, nothing is done twice, on either database."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from typing import Any, NoReturn

import pytest
from sqlalchemy import select

from pipeline import wiring
from pipeline.casework import dispatching, intake, issuing, overview
from pipeline.casework.dispatching import lease
from pipeline.casework.issuing import Size
from pipeline.logo.draw import LogoFacts, draw
from pipeline.store import tables
from tests.casework.events import SUBMITTED, admitted, at, case, event, take_in_without_rest
from tests.casework.test_cases import approve
from tests.chaos import dying
from tests.chaos.drops import Drop
from tests.chaos.invariants import Evidence, breaches
from tests.chaos.relay import Accepted, digest, message_id_of
from tests.mail.server import mail_server
from tests.stages import ROOT, LocalStage, System

GRANTED = ["confirmation", "granted", "review_asked", "review_asked"]


class EndOfProcess(BaseException):
    """Stands for SIGKILL: nothing that would catch an error catches it."""


class MortalStage(LocalStage):
    """Works on as the next process when one has ended."""

    ends = 0

    def _work(self, message: object) -> None:
        try:
            super()._work(message)  # type: ignore[arg-type]  # as it comes
        except EndOfProcess:
            self.ends += 1


@pytest.fixture
def ready(home: System) -> System:
    """A home with reviewers and an admitted provider; its stage outlives the end of processes."""
    home.stage = MortalStage(home.app, home.clock)
    admitted(home)
    at(home, SUBMITTED)
    return home


def always() -> NoReturn:
    raise EndOfProcess


def submission() -> dict[str, object]:
    return event("act-02", {"provider_kvk": "90000102"}, time=SUBMITTED)


def judged(home: System, number: str) -> None:
    """Let two reviewers approve; the second verdict decides."""
    approve(home, number, "6", "2026-10-21T10:00:00+02:00")
    approve(home, number, "6", "2026-10-22T10:00:00+02:00")


def evidence(home: System, *others: bytes) -> Evidence:
    """Return what happened; ``others`` are letters that another process delivered."""
    addresses = {one["message_id"]: one["to"] for one in overview.letters(home.app)}
    letters = [(message_id_of(raw), digest(raw)) for raw in (*home.mailer.sent, *others)]
    accepted = [Accepted(name, addresses[name], content) for name, content in letters]
    return Evidence(home.app, accepted, list[Drop]())


def wrong(home: System, *others: bytes) -> dict[str, list[str]]:
    """Return the rules that were broken."""
    return {rule: found for rule, found in breaches(evidence(home, *others)).items() if found}


def letter(home: System, number: str, kind: str) -> dict[str, str]:
    found: dict[str, str] = next(one for one in case(home, number)["letters"] if one["kind"] == kind)
    return found


def kinds(found: dict[str, Any]) -> list[str]:
    return sorted(one["kind"] for one in found["letters"])


# In this process


def test_end_after_every_single_commit_changes_nothing(ready: System) -> None:
    assert isinstance(ready.stage, MortalStage)
    stored = intake.store(ready.app, json.dumps(submission()).encode())
    wiring.install(dying.after_commit(ready.app, always))
    ready.app.ring("take_in", stored.id)
    ready.stage.rest()
    [number] = [one["case"] for one in overview.cases(ready.app) if one["kind"] == "activity"]
    judged(ready, number)
    found = case(ready, number)
    assert (found["state"], found["result"], found["activity_number"]) == ("closed", "granted", "10000012")
    assert kinds(found) == GRANTED
    assert ready.stage.ends > 2
    assert wrong(ready) == {}


def test_end_when_a_letter_is_about_to_leave_leaves_it_to_a_human(ready: System) -> None:
    number = take_in_without_rest(ready, submission())
    wiring.install(dying.after_sending(ready.app, always))
    ready.stage.pump()
    wiring.install(ready.app)
    ready.stage.rest()
    assert letter(ready, number, "confirmation")["state"] == "unknown"
    assert "unknown_letter" in [task["kind"] for task in overview.tasks(ready.app)]
    assert wrong(ready) == {}


def test_end_when_a_letter_was_accepted_sends_it_no_second_time(ready: System) -> None:
    number = take_in_without_rest(ready, submission())
    before = len(ready.mailer.sent)
    wiring.install(dying.after_answer(ready.app, always))
    ready.stage.pump()
    accepted = len(ready.mailer.sent) - before
    wiring.install(ready.app)
    ready.stage.rest()
    assert letter(ready, number, "confirmation")["state"] == "unknown"
    assert accepted >= 1
    assert wrong(ready) == {}


def test_end_in_the_picture_draws_it_again_under_the_same_number(
    ready: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = iter([1])

    def dies_once(facts: LogoFacts, size: Size) -> bytes:
        for _ in ends:
            raise EndOfProcess
        return draw(facts, size)

    monkeypatch.setattr(issuing, "draw", dies_once)
    number = take_in_without_rest(ready, submission())
    ready.stage.rest()
    judged(ready, number)
    found = case(ready, number)
    assert isinstance(ready.stage, MortalStage)
    assert ready.stage.ends == 1
    assert (found["activity_number"], found["state"]) == ("10000012", "closed")
    assert kinds(found) == GRANTED
    assert wrong(ready) == {}


# In a process of its own


def process_ends(home: System, point: str, actor: str, key: str, port: int = 1) -> None:
    """Run an actor in a process that ends at this point, on the same home."""
    with home.app.database.reading() as connection:
        name = connection.execute(select(tables.home.c.name)).scalar_one()
    environ = {
        **os.environ,
        "PIPELINE_HOME": str(home.app.settings.home),
        "PIPELINE_HOME_ID": name,
        "PIPELINE_DATABASE_URL": home.app.settings.database_url,
        "PIPELINE_SMTP_URL": f"smtp://127.0.0.1:{port}",
    }
    words = [sys.executable, "-m", "tests.chaos.dying", point, actor, key, home.clock.now().isoformat()]
    done = subprocess.run(words, env=environ, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == dying.ENDED, done.stderr


def lose_hints(home: System) -> None:
    """Forget what would be rung in this process."""
    home.stage.copies = lambda name: 0
    home.stage.pump()
    home.stage.copies = lambda name: 1


def test_process_that_ends_after_the_commit_of_a_case_loses_no_step(ready: System) -> None:
    stored = intake.store(ready.app, json.dumps(submission()).encode())
    process_ends(ready, "after commit", "take_in", stored.id)
    [number] = [one["case"] for one in overview.cases(ready.app) if one["kind"] == "activity"]
    assert letter(ready, number, "confirmation")["state"] == "queued"
    ready.stage.rest()
    judged(ready, number)
    assert kinds(case(ready, number)) == GRANTED
    assert wrong(ready) == {}


@pytest.mark.parametrize(("point", "accepted"), [("after sending", 0), ("after answer", 1)])
def test_process_that_ends_with_a_letter_in_hand_leaves_it_to_a_human(
    ready: System, point: str, accepted: int
) -> None:
    number = take_in_without_rest(ready, submission())
    lose_hints(ready)
    key = letter(ready, number, "confirmation")["letter"]
    with mail_server() as box:
        process_ends(ready, point, "dispatch", key, box.port)
        taken = [envelope.original_content or b"" for envelope in box.accepted]
    states = [letter(ready, number, "confirmation")["state"]]
    ready.clock.tick((lease(ready.app) - timedelta(seconds=1)).total_seconds())
    dispatching.dispatch(ready.app, key)
    states.append(letter(ready, number, "confirmation")["state"])
    ready.stage.rest()
    states.append(letter(ready, number, "confirmation")["state"])
    assert (len(taken), states) == (accepted, ["sending", "sending", "unknown"])
    assert wrong(ready, *taken) == {}


def test_process_that_ends_in_the_picture_leaves_it_to_the_next(ready: System) -> None:
    number = take_in_without_rest(ready, submission())
    ready.stage.rest()
    approve(ready, number, "6", "2026-10-21T10:00:00+02:00")
    at(ready, "2026-10-22T10:00:00+02:00")
    take_in_without_rest(ready, second_verdict(ready, number))
    lose_hints(ready)
    with ready.app.database.reading() as connection:
        key = connection.execute(
            select(tables.cases.c.id).where(tables.cases.c.number == number)
        ).scalar_one()
    process_ends(ready, "in picture", "draw_logo", key)
    assert case(ready, number)["state"] == "decided"
    ready.stage.rest()
    found = case(ready, number)
    assert (found["state"], found["activity_number"]) == ("closed", "10000012")
    assert kinds(found) == GRANTED
    assert wrong(ready) == {}


def second_verdict(home: System, number: str) -> dict[str, object]:
    [reviewer] = [one["reviewer"] for one in case(home, number)["assignments"] if one["state"] == "asked"]
    made = event("ver-010", None, id=f"{number}-{reviewer}", time="2026-10-22T10:00:00+02:00")
    hours = {"contact": "6", "self_study": "0"}
    told = {"case": number, "reviewer": reviewer, "hours": hours, "motivation": "Omdat het zo is."}
    made["data"] = {**made["data"], "verdict": "approve", **told}
    return made
