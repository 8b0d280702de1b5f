"""Every key that ``--json`` shows stands in its documentation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from pipeline.casework import (
    bouncing,
    dashboard,
    directory,
    explaining,
    outcomes,
    overview,
    rejudging,
    returns,
    roster,
    suppressing,
)
from pipeline.cli.examinations import Finding
from pipeline.store import tables
from pipeline.store.reading import all_of
from pipeline.store.rows import Event
from tests.casework.events import admitted
from tests.mail.dsn import dsn
from tests.stages import System

TOLD = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")
OPEN: tuple[str, ...] = ("facts", "submission", "scores", "policy")  # objects whose keys are somebody else's


def section(title: str) -> set[str]:
    """Return the words in code type under a heading and before the first one."""
    general, found = TOLD.split("\n## ")[0], TOLD.split(f"\n## {title}\n")[1].split("\n## ")[0]
    quoted = re.findall(r"`([^`]+)`", general + found)
    return {word for each in quoted for word in re.findall(r"\w+", each)}


def keys(value: Any) -> Iterator[str]:
    """Return the keys of plain JSON at every level."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            if key not in OPEN:
                yield from keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner)


def test_providers_are_told_by_documented_keys(season: System) -> None:
    listed = section("`pipeline provider list`")
    told = directory.every(season.app)
    assert set(keys(told)) <= listed
    for one in told:
        assert set(keys(directory.one(season.app, one["provider"]))) <= listed | section(
            "`pipeline provider show`"
        )


def test_cases_are_told_by_documented_keys(season: System) -> None:
    assert set(keys(overview.cases(season.app))) <= section("`pipeline cases`")


def test_one_case_is_told_by_documented_keys(season: System) -> None:
    words = {word for title in re.findall(r"\n## (.+)", TOLD) for word in section(title)}
    for row in overview.cases(season.app):
        assert set(keys(overview.case(season.app, row["case"]))) <= words
        assert set(overview.case(season.app, row["case"])) - set(row) <= section("`pipeline case NUMBER`")


def test_decision_made_again_is_told_by_documented_keys(season: System) -> None:
    known = section("`pipeline case NUMBER`") | section("`pipeline decide NUMBER --explain`")
    for row in overview.cases(season.app):
        if row["decided_on"]:
            assert set(keys(explaining.explain(season.app, row["case"]))) <= known


def test_case_under_other_rules_is_told_by_documented_keys(season: System) -> None:
    known = section("`pipeline case NUMBER`") | section("`pipeline rejudge NUMBER --policy FILE`")
    for row in overview.cases(season.app):
        assert set(keys(rejudging.rejudge(season.app, row["case"], season.app.policy))) <= known


@pytest.mark.parametrize(
    ("title", "look"),
    [
        ("`pipeline refused`", overview.refused),
        ("`pipeline letters`", overview.letters),
        ("`pipeline reviewers list`", roster.reviewers),
    ],
)
def test_list_is_told_by_documented_keys(season: System, title: str, look: Any) -> None:
    found = set(keys(look(season.app)))
    assert found
    assert found <= section(title)


def test_what_came_back_is_told_by_documented_keys(home: System) -> None:
    admitted(home)
    letter = overview.letters(home.app)[0]
    bouncing.take_in(home.app, dsn(letter["message_id"], letter["to"]))
    assert set(keys(returns.came_back(home.app))) <= section("`pipeline bounces`")
    assert set(keys(suppressing.addresses(home.app))) <= section("`pipeline addresses`")
    own = set(overview.letter(home.app, letter["letter"])) - set(letter)
    assert own <= section("`pipeline letters show ID --about`")


def test_play_is_told_by_documented_keys(season: System) -> None:
    app = season.app
    found = {"cases": overview.counts(app)["cases"], "logos": overview.registrations(app)}
    assert set(keys([found, overview.tasks(app)])) <= section("`pipeline play`")


def test_events_are_told_by_documented_keys(season: System) -> None:
    with season.app.database.reading() as connection:
        events = all_of(connection, Event, tables.events.c.state == "accepted")
    found = outcomes.outcomes(season.app, [event.id for event in events])
    assert set(keys(found)) <= section("`pipeline submit`")


def test_parts_are_told_by_documented_keys() -> None:
    assert {field.name for field in fields(Finding)} <= section("`pipeline doctor`")


def test_page_is_told_by_documented_keys() -> None:
    shown = [each for each in vars(dashboard).values() if is_dataclass(each)]
    names = {field.name for each in shown if each.__module__ == dashboard.__name__ for field in fields(each)}
    assert names <= section("`/status.json` of the page") | section("`pipeline play`") | section(
        "`pipeline refused`"
    )
