"""Reviewers are blind to each other, and their names never reach the provider: every letter of the season."""

from __future__ import annotations

import csv
import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache

import pytest
from sqlalchemy import select

from pipeline.casework import annulling
from pipeline.domain.lifecycle import RECIPIENTS
from pipeline.store import tables
from tests.casework.test_annulling import one_given
from tests.stages import SAMPLES, System


@cache
def reviewers() -> dict[str, str]:
    """Return the names of the reviewers by id."""
    with (SAMPLES / "reviewers.csv").open(encoding="utf-8") as lines:
        return {row["id"]: row["name"] for row in csv.DictReader(lines)}


@cache
def everything_told(raw: bytes) -> str:
    """Return all that a letter says: its headers, and every text in it on one line."""
    message = message_from_bytes(raw, policy=SMTP)
    headers = [f"{name}: {value}" for name, value in message.items()]
    texts = [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]
    return " ".join(" ".join([*headers, *map(str, texts)]).split())


def letters(home: System, to_whom: str) -> list[tuple[str, str | None, str | None, str]]:
    """Return kind, reviewer, case and text of every letter to these people."""
    table, contents = tables.letters, tables.letter_contents
    columns = (table.c.kind, table.c.reviewer_id, table.c.case_id, contents.c.raw)
    query = select(*columns).join(contents, contents.c.letter_id == table.c.id)
    with home.app.database.reading() as connection:
        found = connection.execute(query).all()
    return [
        (kind, reviewer, case, everything_told(raw))
        for kind, reviewer, case, raw in found
        if RECIPIENTS[kind] == to_whom
    ]


def names_in(text: str, *, but: str | None = None) -> list[str]:
    """Return the reviewers whose name or id stands in a text."""
    ids = {name: key for key, name in reviewers().items()}
    found = {ids.get(word, word) for word in _named().findall(text)}
    return sorted(found - {but})


@cache
def _named() -> re.Pattern[str]:
    words = [*reviewers(), *reviewers().values()]
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b")


def motivations(home: System) -> dict[str | None, list[tuple[str, str]]]:
    """Return by case what each reviewer wrote."""
    table = tables.verdicts
    query = select(table.c.case_id, table.c.reviewer_id, table.c.motivation).where(
        table.c.motivation.is_not(None)
    )
    found: dict[str | None, list[tuple[str, str]]] = {}
    with home.app.database.reading() as connection:
        for case, reviewer, text in connection.execute(query):
            found.setdefault(case, []).append((reviewer, " ".join(text.split())))
    return found


def test_no_letter_to_a_provider_names_a_reviewer(season: System) -> None:
    told = letters(season, "provider")
    assert {"granted", "rejected", "deferred", "not_admitted", "objection_decided"} <= {
        one[0] for one in told
    }
    assert [(kind, named) for kind, _, _, text in told if (named := names_in(text))] == []


def test_no_letter_to_a_reviewer_names_another(season: System) -> None:
    told = letters(season, "reviewer")
    assert {"review_asked", "review_reminder", "review_not_needed"} <= {one[0] for one in told}
    assert [
        (kind, named) for kind, reviewer, _, text in told if (named := names_in(text, but=reviewer))
    ] == []


def test_no_letter_to_a_reviewer_tells_what_another_thinks(season: System) -> None:
    wrote = motivations(season)
    leaks = [
        (kind, other)
        for kind, _, case, text in letters(season, "reviewer")
        for other, motivation in wrote.get(case, [])
        if motivation in text
    ]
    assert (leaks, sum(map(len, wrote.values())) > 10) == ([], True)


def test_third_reviewer_is_asked_as_the_first_two_were(season: System) -> None:
    """Were it told that two differ, the third would know what the provider may not."""
    table = tables.assignments
    with season.app.database.reading() as connection:
        asked = connection.execute(select(table.c.case_id, table.c.reviewer_id, table.c.place)).all()
    third = {(row.case_id, row.reviewer_id) for row in asked if row.place > 2}
    texts = {
        (case, reviewer): text
        for kind, reviewer, case, text in letters(season, "reviewer")
        if kind == "review_asked"
    }
    words = ("derde", "eens", "verschil", "goedgekeurd", "afgekeurd")
    assert third
    assert [one for one in third for word in words if re.search(rf"\b{word}\b", texts[one])] == []


def test_annulled_verdict_is_told_to_its_reviewer_alone(ready: System) -> None:
    number, reviewer = one_given(ready)
    annulling.annul(ready.app, number, reviewer, "Vergissing.", "Ineke Vermeer")
    ready.stage.rest()
    told = [one for one in letters(ready, "reviewer") if one[0] == "verdict_annulled"]
    assert [(kind, to, names_in(text, but=to)) for kind, to, _, text in told] == [
        ("verdict_annulled", reviewer, [])
    ]


@pytest.mark.parametrize("name", ["Fenna Dijkstra", "r003"])
def test_name_would_be_found(name: str) -> None:
    message = EmailMessage()
    message.set_content(f"Het oordeel van {name}.")
    assert len(names_in(everything_told(message.as_bytes()))) == (
        name in (*reviewers(), *reviewers().values())
    )
