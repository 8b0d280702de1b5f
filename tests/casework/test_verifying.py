"""Whatever is done to the journal shows, on both databases."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError

from pipeline import signing
from pipeline.casework import checkpoints, sealed, verifying
from pipeline.casework.sealed import Kept
from pipeline.domain import journal
from pipeline.store import rows, tables
from pipeline.store.reading import all_of, case_by_number
from pipeline.store.unit import HomeNote
from pipeline.wiring import App
from tests.casework.events import admitted, at, event, take_in
from tests.casework.tampering import Intruder
from tests.databases import BOTH, databases
from tests.stages import system

SEED = base64.b64encode(bytes(range(32))).decode()
OTHER = signing.Key(bytes(32))


class Told:
    """A home with a closed case, one that waits, and two checkpoints; both kept elsewhere too."""

    def __init__(self, app: App, number: str, case: str, kept: list[Kept]) -> None:
        self.app = app
        self.intruder = Intruder(app.database)
        self.number = number
        self.case = case
        self.kept = kept

    def faults(self, kept: list[Kept] | None = None) -> list[dict[str, Any]]:
        return verifying.verify(self.app, kept or []).faults

    def last(self) -> int:
        return len(self.intruder.rows("journal", "chain = :chain", chain=self.case))


def make(folder: Path, **environ: str) -> Told:
    made = system(folder, PIPELINE_JOURNAL_KEY=SEED, **environ)
    number = admitted(made)
    made.app.unit.write([HomeNote(made.app.clock.now(), "noted", "Ineke", {"a": 1}, "salt")])
    first = checkpoints.make(made.app)
    at(made, "2026-10-07T09:00:00+02:00")
    take_in(made, event("act-02", {"provider_kvk": "90000102"}, time="2026-10-07T08:00:00+02:00"))
    second = checkpoints.make(made.app)
    with made.app.database.reading() as connection:
        case = case_by_number(connection, number)
    kept = [sealed.read_kept(Path("kept.json"), checkpoints.kept(one)) for one in (first, second)]
    return Told(made.app, number, case.id, kept)


@pytest.fixture(scope="module", params=BOTH)
def home(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    if request.config.getoption("--database") not in (None, request.param):
        pytest.skip("another database is asked for")
    folder = tmp_path_factory.mktemp("told")
    made = make(folder, **databases.bare(folder, request.param))
    yield made
    made.intruder.close()
    made.app.database.close()
    databases.give_back(folder)


@pytest.fixture
def told(home: Told) -> Iterator[Told]:
    """The home as it was made, whatever a test did to it before."""
    yield home
    home.intruder.undo()


def test_untouched_journal_is_as_it_was_written(told: Told) -> None:
    found = verifying.verify(told.app, told.kept)
    assert (found.faults, found.checkpoints, found.erased) == ([], 2, 0)
    assert found.rows == len(told.intruder.rows("journal"))


# What is done, and what is then told of which row; None is the chain as a whole.
OF_CASE: dict[str, tuple[str, int | None, str]] = {
    "a row says another event": (
        "UPDATE journal SET event = 'reminded' WHERE chain = :case AND place = 1",
        1,
        "is not as it was written",
    ),
    "a row is taken out": ("DELETE FROM journal WHERE chain = :case AND place = 2", 2, "row 2 is missing"),
    "two rows are taken out": (
        "DELETE FROM journal WHERE chain = :case AND place IN (2, 3)",
        2,
        "rows 2 to 3 are missing",
    ),
    "the case has another head": (
        "UPDATE cases SET journal_head = 'abc' WHERE id = :case",
        None,
        "says something else of its last row than the journal has",
    ),
    "the case has another length": (
        "UPDATE cases SET journal_length = 99 WHERE id = :case",
        None,
        "should have 99 rows in the journal",
    ),
    "somebody else did it": (
        "UPDATE journal_contents SET \"by\" = 'Mallory' WHERE chain = :case AND place = 1",
        1,
        "says something else of who it was",
    ),
    "a content is taken out": (
        "DELETE FROM journal_contents WHERE chain = :case AND place = 2",
        2,
        "has lost its content, and no later row says that it was erased",
    ),
    "the case stands elsewhere": (
        "UPDATE cases SET state = 'in_review' WHERE id = :case",
        None,
        "has state in_review, where its journal leads to closed",
    ),
    "the case came to something else": (
        "UPDATE cases SET result = 'rejected' WHERE id = :case",
        None,
        "has result rejected, where its journal leads to granted",
    ),
    "the case was closed on another day": (
        "UPDATE cases SET closed_on = '2026-01-01' WHERE id = :case",
        None,
        "has closed_on 2026-01-01, where its journal leads to 2026-10-06",
    ),
    "the case is of another kind": (
        "UPDATE cases SET kind = 'objection' WHERE id = :case",
        None,
        "has result granted, where its journal leads to founded",
    ),
    "the case has no journal": (
        "DELETE FROM journal WHERE chain = :case",
        None,
        "rows in the journal, and has 0",
    ),
}


@pytest.mark.parametrize("what", OF_CASE)
def test_tampering_with_a_case_is_told_by_number_and_row(told: Told, what: str) -> None:
    sql, row, says = OF_CASE[what]
    told.intruder.run(sql, case=told.case)
    found = [fault for fault in told.faults() if fault["checkpoint"] is None]
    assert {fault["case"] for fault in found} <= {told.number, told.case}
    assert [fault for fault in found if fault["row"] == row and says in fault["says"]]


def test_case_that_is_gone_leaves_rows(told: Told) -> None:
    told.intruder.run("DELETE FROM cases WHERE id = :case", case=told.case)
    assert {"case": told.case, "row": None, "checkpoint": None, "says": _NO_CASE} in told.faults()


_NO_CASE = "the journal has rows of it, but the case itself is not there"


def cut(told: Told) -> int:
    """Take the last row off a case, and make the case agree; returns its place."""
    last = told.last()
    before = told.intruder.rows("journal", "chain = :case AND place = :place", case=told.case, place=last - 1)
    told.intruder.run(
        "DELETE FROM journal_contents WHERE chain = :case AND place = :last",
        "DELETE FROM journal WHERE chain = :case AND place = :last",
        "UPDATE cases SET journal_length = :last - 1, journal_head = :head, state = :state, closed_on = NULL "
        "WHERE id = :case",
        case=told.case,
        last=last,
        head=before[0]["hash"],
        state=before[0]["new_state"],
    )
    return last


def test_dropped_tail_shows_by_the_checkpoint(told: Told) -> None:
    last = cut(told)
    says = "is gone, and stood there at the checkpoint of 2026-10-06: a tail was dropped"
    assert told.faults() == [{"case": told.number, "row": last, "checkpoint": 1, "says": says}]


def test_dropped_tail_with_all_checkpoints_shows_by_one_kept_elsewhere(told: Told) -> None:
    last = cut(told)
    told.intruder.run("DELETE FROM checkpoints")
    assert told.faults() == []
    says = [(fault["row"], fault["checkpoint"]) for fault in told.faults(told.kept[:1])]
    assert says == [(None, 1), (last, 1)]


def test_chain_written_anew_shows_by_the_checkpoint(told: Told) -> None:
    with told.app.database.reading() as connection:
        table = tables.journal
        found = all_of(connection, rows.Entry, table.c.chain == told.case, order=[table.c.place])
    forged: list[journal.Entry] = []
    for entry in found:
        anew = replace(entry, correlation="forged")
        forged.append(journal.linked(forged[-1].hash if forged else None, anew))
    for entry in forged:
        told.intruder.run(
            "UPDATE journal SET hash = :hash, correlation = 'forged' WHERE chain = :case AND place = :place",
            hash=entry.hash,
            case=told.case,
            place=entry.place,
        )
    told.intruder.run(
        "UPDATE cases SET journal_head = :head WHERE id = :case", head=forged[-1].hash, case=told.case
    )
    says = "is another than the checkpoint of 2026-10-06 says"
    assert [fault["says"] for fault in told.faults()] == [says]


OF_CHECKPOINT: dict[str, tuple[str, int, str]] = {
    "its document is altered": (
        "UPDATE checkpoints SET document = signature WHERE place = 1",
        1,
        "was altered, or is not signed by the key that it names",
    ),
    "its signature is another": (
        "UPDATE checkpoints SET signature = document WHERE place = 2",
        2,
        "was altered, or is not signed by the key that it names",
    ),
    "its key is unknown": (
        "UPDATE checkpoints SET key_id = '0000000000000000' WHERE place = 2",
        2,
        "is signed by the key 0000000000000000, which is not known here",
    ),
    "it is missing": ("DELETE FROM checkpoints WHERE place = 1", 1, "is missing"),
    "it stands there as of another day": (
        "UPDATE checkpoints SET day = '2026-10-05' WHERE place = 2",
        2,
        "stands there as of 2026-10-05, and is of 2026-10-07",
    ),
    "the home has another id": ("UPDATE home SET name = 'copy'", 1, "is of another home"),
}


@pytest.mark.parametrize("what", OF_CHECKPOINT)
def test_tampering_with_a_checkpoint_is_told_by_its_place(told: Told, what: str) -> None:
    sql, place, says = OF_CHECKPOINT[what]
    told.intruder.run(sql)
    assert [fault for fault in told.faults() if fault["checkpoint"] == place and says in fault["says"]]


def test_checkpoint_signed_anew_does_not_follow(told: Told) -> None:
    """A key in the wrong hands signs a first checkpoint without the case that is to be forgotten."""
    document = json.loads(told.kept[0].raw)
    del document["heads"][told.case]
    raw = json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
    key = checkpoints.key(told.app)
    assert key is not None
    told.intruder.run(
        "UPDATE checkpoints SET document = :raw, signature = :signature WHERE place = 1",
        raw=raw,
        signature=key.sign(raw),
    )
    assert [fault["says"] for fault in told.faults()] == ["does not follow on the checkpoint before it"]
    assert "another one here than was kept" in told.faults(told.kept[:1])[1]["says"]


def test_change_in_the_chain_of_the_home_shows(told: Told) -> None:
    told.intruder.run("UPDATE journal SET event = 'other' WHERE chain = 'home'")
    assert [(fault["case"], fault["row"]) for fault in told.faults()] == [("home", 1)]
    told.intruder.run("DELETE FROM journal WHERE chain = 'home'")
    assert ("home", None) in [(fault["case"], fault["row"]) for fault in told.faults()]


ACCOUNTED = ("state", "result", "decided_on", "closed_on", "journal_length", "journal_head")
WHOLE = ("journal", "journal_contents", "checkpoints")
ANYTHING = st.one_of(
    st.none(),
    st.integers(-(2**40), 2**40),
    st.text(st.characters(codec="ascii", exclude_characters="\0"), max_size=8),
    st.binary(max_size=8),
    st.sampled_from(["closed", "received", "home", "granted", "reminded", "{}", "[]", "2026-10-06"]),
)


@pytest.fixture(scope="module")
def any_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    made = make(tmp_path_factory.mktemp("any"))
    yield made
    made.intruder.close()
    made.app.database.close()


@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(st.sampled_from((*WHOLE, "cases")), st.integers(0, 99), st.integers(0, 99), ANYTHING)
def test_any_single_change_shows(any_home: Told, table: str, place: int, at: int, value: Any) -> None:
    intruder = any_home.intruder
    before = intruder.rows(table)
    row = before[place % len(before)]
    columns = list(row) if table in WHOLE else list(ACCOUNTED)
    column = columns[at % len(columns)]
    key = {name: row[name] for name in ("id", "chain", "place") if name in row}
    where = " AND ".join(f"{name} = :key_{name}" for name in key)
    keys = {f"key_{name}": each for name, each in key.items()}
    change = f'UPDATE {table} SET "{column}" = :value WHERE {where}'
    try:
        assume(was_done(intruder, change, value=value, **keys))
        assume(intruder.rows(table) != before)
        assert any_home.faults() != []
    finally:
        intruder.undo()


def was_done(intruder: Intruder, change: str, **values: Any) -> bool:
    try:
        intruder.run(change, **values)
    except DBAPIError:
        return False  # the database itself refuses it
    return True


def test_key_that_was_replaced_stays_known(told: Told) -> None:
    app = replace(told.app, settings=told.app.settings.model_copy(update={"journal_key": _text(OTHER)}))
    checkpoints.make(app)
    assert verifying.verify(app).faults == []


def _text(key: signing.Key) -> str:
    return base64.b64encode(key.seed).decode()
