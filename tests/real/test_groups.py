"""Two machines with nothing but URLs in common: they share the work, and nothing is done twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from pipeline.broker.redis_broker import connect
from pipeline.casework import overview
from pipeline.embedded.valkey import valkey
from pipeline.play import QueueStage, Season
from pipeline.wiring import App
from tests.casework.test_hints import ended, script, untroubled
from tests.chaos.invariants import (
    Evidence,
    accepted_letters_are_whole,
    activity_numbers_have_no_gap,
    no_letter_was_accepted_twice,
    sent_letters_were_accepted,
    the_journal_leads_to_each_state,
)
from tests.chaos.relay import Relay, relay
from tests.databases import POSTGRESQL, databases
from tests.real.groups import Group, Urls, group, operator


@dataclass
class Both:
    """A slice of the season, worked on by two groups."""

    app: App
    groups: tuple[Group, Group]
    relay: Relay

    @property
    def evidence(self) -> Evidence:
        return Evidence(self.app, self.relay.accepted(), [])


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    folder: Path = tmp_path_factory.mktemp("groups")
    database = databases.bare(folder, POSTGRESQL)["PIPELINE_DATABASE_URL"]
    with ExitStack() as stack:
        redis = stack.enter_context(valkey(folder / "valkey"))
        ours = stack.enter_context(relay(folder / "accepted.jsonl", Random(1), share=0.0))
        urls = Urls(database, redis, f"smtp://127.0.0.1:{ours.port}")
        app = stack.enter_context(operator(folder / "third", urls))
        first = stack.enter_context(group(folder / "first", urls, "worker", "waker", "web"))
        second = stack.enter_context(group(folder / "second", urls, "worker", "waker"))
        Season(app, QueueStage(app, connect(redis)), script()).play()
        yield Both(app, (first, second), ours)


def test_it_ends_as_on_one_machine(both: Both) -> None:
    found = dict(ended(both.app))
    assert found == {name: untroubled()[name] for name in found}


@pytest.mark.parametrize("done", ["event_accepted", "case_moved", "letter_sent"])
def test_both_do_their_share(both: Both, done: str) -> None:
    shares = [sum(line["event"] == done for line in each.lines("worker")) for each in both.groups]
    assert min(shares) > 0


def test_nobody_does_what_the_other_did(both: Both) -> None:
    sent = [
        line["letter"]
        for each in both.groups
        for line in each.lines("worker")
        if line["event"] == "letter_sent"
    ]
    assert sorted(sent) == sorted(row["letter"] for row in overview.letters(both.app, "sent"))


@pytest.mark.parametrize(
    "rule",
    [
        no_letter_was_accepted_twice,
        sent_letters_were_accepted,
        accepted_letters_are_whole,
        activity_numbers_have_no_gap,
        the_journal_leads_to_each_state,
    ],
)
def test_what_must_hold_holds(both: Both, rule: object) -> None:
    assert callable(rule)
    assert list(rule(both.evidence)) == []


def test_logos_lie_where_the_letter_left_and_in_the_database(both: Both) -> None:
    copies = [file.name for each in both.groups for file in (each.home / "logos").glob("*.png")]
    granted = [row["activity_number"] for row in overview.cases(both.app) if row["activity_number"]]
    assert sorted(copies) == sorted(f"registerlogo-{number}.png" for number in granted)


def test_nothing_else_is_left_in_their_folders(both: Both) -> None:
    left = {file.name for each in both.groups for file in each.home.iterdir()}
    assert left <= {"log", "logos", "web.address", "checkpoints"}
