"""The same on PostgreSQL as on SQLite."""

from __future__ import annotations

from pathlib import Path

from pipeline.play import Season
from tests.casework.conftest import import_reviewers
from tests.casework.test_hints import ended, script, untroubled
from tests.databases import POSTGRESQL, databases
from tests.stages import system


def test_season_ends_alike_on_postgresql(tmp_path: Path) -> None:
    made = system(tmp_path, **databases.environ(tmp_path, POSTGRESQL))
    made.app.clock.make(script()[0].time)
    import_reviewers(made)
    Season(made.app, made.stage, script()).play()
    found = dict(ended(made.app))
    made.app.database.close()
    assert found == {name: untroubled()[name] for name in found}
