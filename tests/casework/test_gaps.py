"""An activity number that is lacking is a fault, unless a restore jumped over it and the journal says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.casework import erasing, gaps
from pipeline.casework.restoring import RESTORED
from pipeline.store import tables
from pipeline.store.unit import HomeNote, Insert
from tests.casework.events import at
from tests.stages import System, system

SKIPPED = ["10000012 was skipped", "10000020 was skipped"]


@pytest.fixture
def jumped(tmp_path: Path) -> Iterator[System]:
    """A home that counted two activity numbers which stand nowhere."""
    made = system(tmp_path / "home")
    at(made, "2026-10-05T10:00:00+02:00")
    made.app.unit.write([Insert(tables.counters, {"name": "activity", "value": 1_000_002})])
    yield made
    made.app.database.close()


def unexplained(home: System) -> list[str]:
    with home.app.database.reading() as connection:
        return list(gaps.unexplained(connection))


def restored(home: System) -> None:
    facts = {"gaps": {"activity": [1_000_001, 1_000_002]}}
    home.app.unit.write([HomeNote(home.app.clock.now(), RESTORED, "Ineke", facts, "salt")])


def test_number_that_is_lacking_is_named(jumped: System) -> None:
    assert unexplained(jumped) == SKIPPED


def test_number_that_a_restore_jumped_over_is_not_lacking(jumped: System) -> None:
    restored(jumped)
    assert unexplained(jumped) == []


def test_gap_is_still_explained_when_the_journal_of_the_home_was_erased(jumped: System) -> None:
    restored(jumped)
    at(jumped, "2040-01-02T09:00:00+01:00")
    erasing.erase_all(jumped.app, "Ineke")
    assert unexplained(jumped) == []


def test_home_without_numbers_lacks_none(tmp_path: Path) -> None:
    made = system(tmp_path / "home")
    assert unexplained(made) == []
    made.app.database.close()
