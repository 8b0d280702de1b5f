"""The same on PostgreSQL as on SQLite."""

from __future__ import annotations

from pathlib import Path

from pipeline.play import Season
from tests.casework.conftest import import_reviewers
from tests.casework.test_hints import ended, script, untroubled
from tests.stages import system


def test_season_ends_alike_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    made = system(tmp_path, PIPELINE_DATABASE_URL=postgres_url)
    made.app.clock.make(script()[0].time)
    import_reviewers(made)
    Season(made.app, made.stage, script()).play()
    found = dict(ended(made.app))
    made.app.database.close()
    assert found == {name: untroubled()[name] for name in found}
