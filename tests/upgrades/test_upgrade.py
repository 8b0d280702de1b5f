"""What an earlier release left behind goes up, is worked on, and goes down again; both databases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import select, text

from pipeline.casework import overview
from pipeline.domain.judging import Criteria
from pipeline.domain.policy import Completeness
from pipeline.errors import HomeError, UsageError
from pipeline.play import Season, read_script
from pipeline.store import append_only, rows, schema, tables
from pipeline.store.engines import Database
from pipeline.store.reading import all_of
from pipeline.wiring import document
from tests.casework.conftest import SEASON
from tests.chaos.invariants import Evidence, no_reminder_rang_twice, the_journal_leads_to_each_state
from tests.stages import SAMPLES, SetClock, System, another_system
from tests.upgrades import stored
from tests.upgrades.stored import Rows

LEFT = stored.read(Path(__file__).with_name("0001.json.xz"))
PLAYED = 60  # lines of the season, the last of them not taken in
MORE = 8
NEWER = (
    "version",
    "reminders",
    "judging",
    "completeness",
    "registrations",
    "admissions",
)  # where our files say more than the code


@dataclass
class Old:
    """A home as release 0001 left it."""

    database: Database
    url: str
    folder: Path

    def work_on(self) -> System:
        """Let this release work on in it."""
        made = another_system(self.folder, PIPELINE_DATABASE_URL=self.url)
        made.clock.tick(3600)  # as long as it stood still
        return made


@pytest.fixture
def old(bare_url: str, tmp_path: Path) -> Iterator[Old]:
    database = Database(bare_url)
    with database.writing() as connection:
        command.upgrade(schema._config(connection), "0001")
        stored.fill(connection, LEFT)
    yield Old(database, bare_url, tmp_path / "home")
    database.close()


def found(database: Database) -> dict[str, Rows]:
    with database.writing() as connection:
        return stored.of(connection)


def as_of(before: Mapping[str, Rows], after: Mapping[str, Rows]) -> dict[str, Rows]:
    """Return the tables and columns of ``after`` that ``before`` has too, but for the journal's own way to tell."""
    return {
        name: [{column: row[column] for column in given[0]} for row in after[name]] if given else after[name]
        for name, given in before.items()
        if name != "journal"
    }


def journal(told: Rows) -> Counter[str]:
    """Return what the journal of 0001 says, whatever its rows are numbered."""
    return Counter(repr(sorted((k, v) for k, v in row.items() if k != "id")) for row in told)


def without_journal(told: Mapping[str, Rows]) -> dict[str, Rows]:
    return {name: given for name, given in told.items() if name != "journal"}


def order(told: Rows) -> list[tuple[Any, Any]]:
    """Return the events of each case's journal in order."""
    return sorted(((row["case_id"], row["event"]) for row in told), key=lambda row: row[0])


def evidence(made: System) -> Evidence:
    return Evidence(made.app, [], [])


def test_every_row_is_there_after_going_up(old: Old) -> None:
    schema.upgrade(old.database)
    assert as_of(LEFT, found(old.database)) == without_journal(LEFT)


def test_chains_of_the_journal_are_whole_after_going_up(old: Old) -> None:
    made = old.work_on()
    assert list(the_journal_leads_to_each_state(evidence(made))) == []
    with made.app.database.reading() as connection:
        assert len(all_of(connection, rows.Entry)) == len(LEFT["journal"])
    made.app.database.close()


def test_cases_go_on_after_going_up(old: Old) -> None:
    made = old.work_on()
    sent_before = {row["message_id"] for row in LEFT["letters"] if row["state"] not in ("queued", "failed")}
    lines = read_script([SAMPLES / name for name in SEASON])[: PLAYED + MORE]

    played = Season(made.app, made.stage, lines).play()

    assert (made.stage.errors, played.lost) == ([], [])
    assert {letter["Message-ID"] for letter in made.mailer.letters()} & sent_before == set()
    assert {row["state"] for row in overview.letters(made.app)} == {"sent", "unknown", "failed"}
    assert overview.counts(made.app)["events"].get("stored") is None
    assert list(the_journal_leads_to_each_state(evidence(made))) == []
    assert list(no_reminder_rang_twice(evidence(made))) == []
    made.app.database.close()


def test_rules_that_an_earlier_release_kept_are_those_of_its_cases(old: Old) -> None:
    made = old.work_on()
    made.app.check_policy()
    [kept] = LEFT["policies"]
    of_the_case = replace(made.app, policy=made.app.policy.model_copy(update={"version": "later"}))
    of_then, ours = of_the_case.policy_of(kept["version"]), made.app.policy
    assert of_then.completeness == Completeness()
    newer = {name: getattr(ours, name) for name in NEWER}
    assert of_then.model_copy(update=newer) == ours
    assert of_then.judging == ours.judging.model_copy(update={"criteria": Criteria()})
    assert [rung.key for rung in of_then.reminders.rungs if rung.days_after] == ["late"]
    made.app.database.close()


def test_going_down_says_of_how_many_it_gives_up_what_ties_them(old: Old) -> None:
    schema.upgrade(old.database)
    key = LEFT["reviewers"][0]["id"]
    with old.database.writing() as connection:
        tied = tables.reviewers.update().where(tables.reviewers.c.id == key)
        connection.execute(tied.values(interests=["90000102"], employer_kvk=""))
    assert schema.given_up(old.database, "0004") == {
        "reviewers whose earlier employers or interests are known": 1
    }
    schema.downgrade(old.database, "0004")
    [back] = [row for row in found(old.database)["reviewers"] if row["id"] == key]
    assert (back["employer_kvk"], "interests" in back) == (None, False)


def test_provider_that_was_taken_over_goes_down_without_admission(old: Old) -> None:
    """The release before would find it by its number, of several the earliest, and not its taker."""
    schema.upgrade(old.database)
    former, into = (row["id"] for row in LEFT["providers"][:2])
    one = tables.providers.update().where(tables.providers.c.id == former)
    with old.database.writing() as connection:
        connection.execute(one.values(merged_into=into, admitted_at=SetClock().at))
    assert schema.given_up(old.database, "0007") == {"providers that were taken over, by name": 1}
    schema.downgrade(old.database, "0007")
    [back] = [row for row in found(old.database)["providers"] if row["id"] == former]
    assert (back["admitted_at"], "merged_into" in back) == (None, False)


def test_home_in_which_an_admission_is_suspended_does_not_go_down(old: Old) -> None:
    schema.upgrade(old.database)
    with old.database.writing() as connection:
        connection.execute(tables.providers.update().values(standing="suspended"))
    with pytest.raises(HomeError, match="reinstate them first with `pipeline provider reinstate`"):
        schema.downgrade(old.database, "0007")


def test_going_down_brings_back_what_was_there(old: Old) -> None:
    schema.upgrade(old.database)
    assert schema.given_up(old.database, "0001") == {"hashes of the journal": len(LEFT["journal"])}
    schema.downgrade(old.database, "0001")
    back = found(old.database)
    assert without_journal(back) == without_journal(LEFT)
    assert journal(back["journal"]) == journal(LEFT["journal"])
    assert order(back["journal"]) == order(LEFT["journal"])


def test_rules_that_this_release_kept_go_down_as_the_release_before_writes_them(old: Old) -> None:
    made = old.work_on()
    told = {"version": "later", "document": {**document(made.app.policy), "version": "later"}}
    with old.database.writing() as connection:
        connection.execute(tables.policies.insert(), told)
    given_up = schema.given_up(old.database, "0001")
    assert [rows for what, rows in given_up.items() if what.startswith("versions")] == [1, 1, 1, 1]
    schema.downgrade(old.database, "0001")
    [before] = LEFT["policies"]
    kept = {row["version"]: row["document"] for row in found(old.database)["policies"]}
    assert kept == {
        before["version"]: before["document"],
        "later": {**before["document"], "version": "later"},
    }
    schema.upgrade(old.database)
    assert made.app.policy_of("later").reminders == made.app.policy_of(before["version"]).reminders
    made.app.database.close()


def test_rows_of_a_case_go_down_in_their_order_though_the_clock_was_put_back(old: Old) -> None:
    schema.upgrade(old.database)
    with old.database.writing() as connection:
        dialect = connection.dialect.name
        for statement in append_only.lifting(dialect):
            connection.execute(text(statement))
        long_ago = SetClock().at - timedelta(days=1000)
        connection.execute(tables.journal.update().where(tables.journal.c.place == 2).values(at=long_ago))
        for table in append_only.REFUSED:
            for statement in append_only.statements(dialect, table):
                connection.execute(text(statement))
    schema.downgrade(old.database, "0001")
    assert order(found(old.database)["journal"]) == order(LEFT["journal"])


def test_what_this_release_did_goes_down_and_up_again(old: Old) -> None:
    made = old.work_on()
    lines = read_script([SAMPLES / name for name in SEASON])[: PLAYED + 2]
    Season(made.app, made.stage, lines).play()
    made.app.database.close()
    before = found(old.database)

    schema.downgrade(old.database, "0001")
    schema.upgrade(old.database)

    after = found(old.database)
    kept = {
        "events",
        "cases",
        "letters",
        "verdicts",
        "assignments",
        "registrations",
        "letter_contents",
        "rungs",
    }
    assert {name: as_of(LEFT, before)[name] for name in kept} == {
        name: as_of(LEFT, after)[name] for name in kept
    }
    told = ("by", "facts")
    assert [[row[name] for name in told] for row in before["journal_contents"]] == [
        [row[name] for name in told] for row in after["journal_contents"]
    ]


def test_held_home_does_not_go_to_a_release_that_would_mail(old: Old) -> None:
    schema.upgrade(old.database)
    with old.database.writing() as connection:
        connection.execute(tables.home.update().values(held_at=SetClock().at))
    with pytest.raises(HomeError, match="would mail"):
        schema.downgrade(old.database, "0001")
    assert schema.is_current(old.database)


def test_decision_that_is_held_is_signed_before_going_to_a_release_that_knows_no_signatures(old: Old) -> None:
    schema.upgrade(old.database)
    with old.database.writing() as connection:
        connection.execute(
            tables.cases.update().where(tables.cases.c.state == "in_review").values(state="to_sign")
        )
    with pytest.raises(HomeError, match=r"decisions wait for a signature.*Sign or refuse them\."):
        schema.downgrade(old.database, "0003")


def test_annulled_verdicts_do_not_go_where_they_would_count(old: Old) -> None:
    schema.upgrade(old.database)
    table = tables.verdicts
    with old.database.writing() as connection:
        first = connection.execute(select(table.c.id).order_by(table.c.id)).scalars().first()
        connection.execute(table.update().where(table.c.id == first).values(annulled_at=SetClock().at))
    assert schema.given_up(old.database, "0003") == {"verdicts that were annulled": 1}
    schema.downgrade(old.database, "0003")
    left = [row["id"] for row in found(old.database)["verdicts"]]
    assert (first in left, len(left)) == (False, len(LEFT["verdicts"]) - 1)


def test_letter_that_waits_for_its_moment_waits_on_where_moments_are_not_known(old: Old) -> None:
    schema.upgrade(old.database)
    waits = tables.letters.c.state == "queued"
    with old.database.writing() as connection:
        connection.execute(tables.letters.update().where(waits).values(wake_at=SetClock().at, retry_at=None))
    schema.downgrade(old.database, "0001")
    with old.database.reading() as connection:
        [at] = connection.execute(select(tables.letters.c.retry_at).where(waits)).scalars()
    assert at == SetClock().at


def test_revision_that_is_not_there_is_named_with_those_that_are(old: Old) -> None:
    schema.upgrade(old.database)
    with pytest.raises(
        UsageError,
        match=r"no revision 9 behind the schema's 0008; there is: 0007, 0006, 0005, 0004, 0003, 0002, 0001\.",
    ):
        schema.downgrade(old.database, "9")


def test_every_way_down_says_what_it_gives_up(bare_url: str) -> None:
    steps = [script.module for script in schema._scripts().walk_revisions() if script.down_revision]
    assert all(callable(step.objection) and callable(step.given_up) for step in steps)
    database = Database(bare_url)
    schema.upgrade(database)
    assert schema.given_up(database, "0001") == {}
    database.close()


def test_schema_of_a_newer_release_is_left_alone(old: Old) -> None:
    schema.upgrade(old.database)
    with old.database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    attempts: list[Callable[[], object]] = [
        lambda: schema.upgrade(old.database),
        lambda: schema.downgrade(old.database, "0001"),
        lambda: schema.require_current(old.database),
    ]
    for attempt in attempts:
        with pytest.raises(HomeError, match=r"a newer release \(9999; this one knows up to 0008\)"):
            attempt()


def test_schema_of_an_earlier_release_says_what_to_do(old: Old) -> None:
    with pytest.raises(HomeError, match=r"an earlier release .*`pipeline migrate`"):
        schema.require_current(old.database)
