"""A home keeps the rules that its cases were received under, and reads them as they were."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from pipeline import wiring
from pipeline.domain.policy import Policy
from pipeline.errors import SettingsError
from pipeline.settings import load_policy
from pipeline.store import tables
from tests.casework.events import admitted
from tests.stages import ROOT, System, system

FILES = ("policy.toml", "policy-2017.toml")


@pytest.mark.parametrize("name", FILES)
def test_rules_that_are_kept_are_the_same_when_they_are_read_again(name: str) -> None:
    policy = load_policy(ROOT / "config" / name)
    assert wiring.kept_policy(wiring.document(policy)) == policy


def test_case_keeps_the_rules_of_its_receipt_under_later_ones(home: System, tmp_path: Path) -> None:
    admitted(home)
    version = home.app.policy.version
    later = opened(home, tmp_path, version='version = "later"', answer_days="answer_days = 20")

    found = later.app.policy_of(version)

    assert (later.app.policy.completeness.answer_days, found.completeness.answer_days) == (20, 14)
    assert found == home.app.policy
    later.app.check_policy()
    later.app.database.close()


def test_rules_that_were_changed_under_the_same_version_are_told_of(home: System, tmp_path: Path) -> None:
    admitted(home)
    home.app.check_policy()
    changed = opened(home, tmp_path, answer_days="answer_days = 20")

    with pytest.raises(SettingsError, match="give the changed rules a version of their own"):
        changed.app.check_policy()
    changed.app.database.close()


def test_rules_that_an_earlier_program_did_not_know_are_not_taken_for_changed_ones(home: System) -> None:
    admitted(home)
    table = tables.policies
    with home.app.database.writing() as connection:
        kept: dict[str, Any] = dict(connection.execute(select(table.c.document)).scalar_one())
        del kept["restore"]
        connection.execute(table.update().values(document=kept))

    home.app.check_policy()
    assert isinstance(wiring.kept_policy(kept), Policy)


def opened(home: System, folder: Path, **rules: str) -> System:
    """Open the same database under other rules."""
    text = (ROOT / "config" / "policy.toml").read_text(encoding="utf-8")
    for name, line in rules.items():
        text = re.sub(rf"^{name} = \S+", line, text, count=1, flags=re.MULTILINE)
    (folder / "policy.toml").write_text(text, encoding="utf-8")
    told = home.app.settings
    return system(
        told.home,
        PIPELINE_DATABASE_URL=told.database_url,
        PIPELINE_POLICY=str(folder / "policy.toml"),
    )
