"""Every rule that a run is judged by sees its breach, and sees none where there is none."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import Table, delete, insert, select, update

from pipeline.store import append_only, rows
from pipeline.store.engines import Database
from pipeline.store.tables import (
    assignments,
    cases,
    events,
    home,
    journal,
    journal_contents,
    letters,
    logos,
    registrations,
    rungs,
    verdicts,
)
from tests.casework.events import SUBMITTED, admitted, at
from tests.casework.test_cases import approve, submitted
from tests.chaos.drops import Drop
from tests.chaos.invariants import INVARIANTS, Evidence, breaches
from tests.chaos.relay import Accepted, digest
from tests.stages import system

REMINDED = "2026-11-06T10:00:00+01:00"


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """A home with an admission and a granted activity, and one that waits for reviewers who were reminded."""
    folder = tmp_path_factory.mktemp("lived")
    made = system(folder, PIPELINE_DATABASE_URL=f"sqlite:///{folder}/pipeline.db")  # a file, to be copied
    admitted(made)
    at(made, SUBMITTED)
    waiting = submitted(made, id="waiting")
    granted = submitted(made)
    approve(made, granted, "6", "2026-10-21T10:00:00+02:00")
    approve(made, granted, "6", "2026-10-22T10:00:00+02:00")
    at(made, REMINDED)
    made.stage.ring()
    made.stage.rest()
    assert waiting != granted
    accepted = [
        Accepted(str(letter["Message-ID"]), str(letter["To"]), digest(raw))
        for letter, raw in zip(made.mailer.letters(), made.mailer.sent, strict=True)
    ]
    drops = [Drop("/portal", name, b"", "queue", fate="accepted") for name in ("app-02", "waiting", "act-02")]
    made.app.database.close()
    return Evidence(made.app, accepted, drops)


@pytest.fixture
def found(lived: Evidence, tmp_path: Path) -> Iterator[Evidence]:
    """The same, to be spoilt: in a copy."""
    file = tmp_path / "pipeline.db"
    shutil.copy(str(lived.database.url.database), file)
    database = Database(f"sqlite:///{file}")
    lift_guards(database)
    yield replace(lived, app=replace(lived.app, database=database))
    database.close()


def lift_guards(database: Database) -> None:
    """Let the journal be changed, which the database itself refuses."""
    with database.writing() as connection:
        for statement in append_only.lifting("sqlite"):
            connection.exec_driver_sql(statement)


def test_nothing_is_wrong_where_nothing_was_spoilt(found: Evidence) -> None:
    assert set(map(tuple, breaches(found).values())) == {()}
    assert {"review_reminder", "granted"} <= {letter.kind for letter in letters_of(found)}


class Spoilt(NamedTuple):
    """A way to break a rule, and what the rule then says."""

    rule: str
    spoil: Callable[[Evidence], Evidence | None]
    said: str


def execute(found: Evidence, statement: Any) -> None:
    with found.database.writing() as connection:
        if found.database.is_sqlite:  # what a foreign key would hinder is to be seen without one
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        connection.execute(statement)


def letters_of(found: Evidence) -> list[Any]:
    with found.database.reading() as connection:
        return list(connection.execute(select(letters).order_by(letters.c.message_id)))


def first(found: Evidence, kind: str) -> Any:
    return next(letter for letter in letters_of(found) if letter.kind == kind)


def changed(table: Table, *where: Any, **values: object) -> Callable[[Evidence], None]:
    return lambda found: execute(found, update(table).where(*where).values(**values))


def state_of_letter(kind: str, state: str) -> Callable[[Evidence], None]:
    return changed(letters, letters.c.kind == kind, state=state)


def copied(table: Table, where: Any, **values: object) -> Callable[[Evidence], None]:
    """Write a row once more, with other values."""

    def spoil(found: Evidence) -> None:
        with found.database.reading() as connection:
            row = connection.execute(select(table).where(where)).mappings().first()
        assert row is not None
        execute(found, insert(table).values({**row, **values}))

    return spoil


def lost(found: Evidence) -> Evidence:
    return replace(found, drops=[replace(found.drops[0], fate=None), *found.drops[1:]])


def refused(found: Evidence) -> Evidence:
    return replace(found, drops=[replace(found.drops[0], fate="refused"), *found.drops[1:]])


def accepted_again(found: Evidence) -> Evidence:
    return replace(found, accepted=[*found.accepted, found.accepted[0]])


def accepted_never(found: Evidence) -> Evidence:
    return replace(found, accepted=found.accepted[1:])


def accepted_of_nobody(found: Evidence) -> Evidence:
    return replace(found, accepted=[*found.accepted, Accepted("<x@y>", "a@b.example", "")])


def garbled(found: Evidence) -> Evidence:
    return replace(found, accepted=[replace(found.accepted[0], digest="0"), *found.accepted[1:]])


def misdelivered(found: Evidence) -> Evidence:
    return replace(found, accepted=[replace(found.accepted[0], to="a@b.example"), *found.accepted[1:]])


def tail_dropped(found: Evidence) -> None:
    with found.database.reading() as connection:
        last = connection.execute(select(journal).order_by(journal.c.place.desc())).first()
    assert last is not None
    for table in (journal_contents, journal):
        execute(found, delete(table).where(table.c.chain == last.chain, table.c.place == last.place))


NOW = datetime(2026, 11, 7, tzinfo=UTC)
GRANTED = cases.c.registration_number.is_not(None)
IN_REVIEW = cases.c.state == "in_review"
SPOILT = [
    Spoilt("everything is at rest", changed(cases, GRANTED, retry_at=NOW), "1 cases with a step to go"),
    Spoilt("every event was answered", lost, "/portal app-02 was lost, not accepted"),
    Spoilt("every event was answered", refused, "/portal app-02 was refused, not accepted"),
    Spoilt(
        "every accepted event has its case",
        changed(events, events.c.event_id == "act-02", case_id="nowhere"),
        "/portal act-02 was accepted and has no case",
    ),
    Spoilt(
        "every accepted event has its case",
        copied(events, events.c.event_id == "act-02", id="again", claim="again"),
        "/portal act-02 was accepted 2 times",
    ),
    Spoilt(
        "every event counted once",
        copied(cases, GRANTED, id="again", number="A-2026-999999"),
        "stands behind 2 cases",
    ),
    Spoilt(
        "every event counted once",
        copied(verdicts, verdicts.c.place == 2, id="again", reviewer_id="r001"),
        "stands behind 2 verdicts",
    ),
    Spoilt(
        "every case waits for somebody",
        changed(assignments, assignments.c.state == "asked", state="released"),
        "is in_review and waits for nobody",
    ),
    Spoilt("every case waits for somebody", changed(cases, GRANTED, state="decided"), "is decided and waits"),
    Spoilt("activity numbers have no gap", changed(registrations, number="10000024"), "10000012 was skipped"),
    Spoilt(
        "activity numbers have no gap", changed(registrations, number="10000024"), "10000024 is out of turn"
    ),
    Spoilt(
        "granted activities are registered",
        changed(registrations, state="pending"),
        "its registration is pending",
    ),
    Spoilt(
        "granted activities are registered",
        lambda found: execute(found, delete(logos)),
        "was granted and has no logo",
    ),
    Spoilt(
        "nobody was told the same twice",
        copied(letters, letters.c.kind == "granted", id="again", message_id="again"),
        "has 2 letters granted to its provider",
    ),
    Spoilt("no letter was accepted twice", accepted_again, "was accepted 2 times"),
    Spoilt("sent letters were accepted", accepted_never, "is sent, but was never accepted"),
    Spoilt("accepted letters are sent or unknown", state_of_letter("granted", "queued"), "but is queued"),
    Spoilt("accepted letters are sent or unknown", state_of_letter("granted", "failed"), "but is failed"),
    Spoilt("accepted letters are sent or unknown", accepted_of_nobody, "but is not among our letters"),
    Spoilt("accepted letters are whole", garbled, "as it was written"),
    Spoilt("accepted letters are whole", misdelivered, "as it was written"),
    Spoilt(
        "no reminder rang twice",
        lambda found: execute(found, delete(rungs)),
        "letters review_reminder for 0 reminders",
    ),
    Spoilt(
        "no reminder rang twice",
        lambda found: reminded_again(found),
        "was reminded 2 times of review_4",
    ),
    Spoilt("the journal leads to each state", changed(cases, GRANTED, state="in_review"), "the case is in"),
    Spoilt(
        "the journal leads to each state",
        changed(journal, journal.c.event == "assigned", new_state="decided"),
        "is not what was written",
    ),
    Spoilt("the journal leads to each state", tail_dropped, "the case says"),
    Spoilt("the journal is whole", tail_dropped, "A-2026"),
    Spoilt("the journal is whole", changed(home, journal_length=3), "home"),
]


def reminded_again(found: Evidence) -> None:
    """Write the row of a reminder at the end of its chain once more."""
    with found.database.reading() as connection:
        row = connection.execute(select(journal).where(journal.c.event == "reminded")).mappings().first()
    assert row is not None
    for table in (journal, journal_contents):
        same = (table.c.chain == row["chain"]) & (table.c.place == row["place"])
        copied(table, same, place=99)(found)


@pytest.mark.parametrize("spoilt", SPOILT, ids=lambda spoilt: f"{spoilt.rule}: {spoilt.said}")
def test_rule_sees_its_breach(found: Evidence, spoilt: Spoilt) -> None:
    evidence = spoilt.spoil(found) or found
    said = breaches(evidence)[spoilt.rule]
    assert any(spoilt.said in one for one in said), said


def test_every_rule_is_seen_to_be_broken() -> None:
    rules = {rule.__name__.replace("_", " ") for rule in INVARIANTS}
    assert {spoilt.rule for spoilt in SPOILT} == rules


@pytest.mark.parametrize(("state", "holds"), [(rows.UNKNOWN, True), (rows.CANCELLED, False)])
def test_accepted_letter_may_be_unknown_but_nothing_else_unsure(
    found: Evidence, state: str, holds: bool
) -> None:
    state_of_letter("granted", state)(found)
    assert (breaches(found)["accepted letters are sent or unknown"] == []) is holds


def test_parked_case_waits_for_an_operator(found: Evidence) -> None:
    changed(assignments, assignments.c.state == "asked", state="released")(found)
    changed(cases, IN_REVIEW, parked_at=NOW)(found)
    assert breaches(found)["every case waits for somebody"] == []


def test_event_that_may_come_too_late_may_be_refused_but_not_lost(found: Evidence) -> None:
    fates = [
        replace(found.drops[0], due="accepted or refused", fate=fate)
        for fate in ("accepted", "refused", None)
    ]
    said = breaches(replace(found, drops=fates))["every event was answered"]
    assert said == ["/portal app-02 was lost, not accepted or refused"]
