"""`pipeline journal`: exit codes, sentences, files."""

from __future__ import annotations

import base64
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline import signing
from pipeline.casework import checkpoints
from pipeline.settings import Settings
from pipeline.store.engines import Database
from tests.casework.tampering import Intruder
from tests.casework.test_json import keys, section
from tests.cli.conftest import Run
from tests.stages import system

SEED = base64.b64encode(bytes(range(32))).decode()


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPELINE_JOURNAL_KEY", SEED)


def tamper(*statements: str) -> None:
    database = Database(Settings.from_env(os.environ).database_url)
    intruder = Intruder(database)
    intruder.run(*statements)
    intruder.close()
    database.close()


def test_whole_journal_is_told_to_be_so(season: Run) -> None:
    told = season("journal", "verify")
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith("All is as it was written: 39 chains, ")


def test_fault_is_a_sentence_with_case_and_row_and_exit_code_7(season: Run) -> None:
    tamper("UPDATE journal SET event = 'other' WHERE event = 'logo_drawn'")
    told = season("journal", "verify")
    assert told.code == 7
    first = told.out.splitlines()[0]
    assert first.startswith("A-20")
    assert ", row " in first
    assert first.endswith(" is not as it was written, or does not follow on the row before it.")
    as_json = season("journal", "verify", "--json")
    assert (as_json.code, as_json.json["ok"]) == (7, False)
    assert set(keys(as_json.json)) <= section("`pipeline journal verify`")


def test_checkpoint_kept_elsewhere_tells_of_a_dropped_tail(season: Run, tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    made = season("journal", "checkpoint", "--out", kept)
    assert made.out.startswith("Checkpoint 1 of 20")
    assert season("journal", "verify", "--against", kept).code == 0
    tamper(
        "DELETE FROM checkpoints",
        "DELETE FROM journal WHERE chain = (SELECT max(id) FROM cases)",
        "UPDATE cases SET journal_length = 0, journal_head = NULL WHERE id = (SELECT max(id) FROM cases)",
    )
    told = season("journal", "verify", "--against", kept)
    assert told.code == 7
    assert "is missing here, and was kept in kept.json" in told.out
    assert "a tail was dropped" in told.out


def test_each_checkpoint_is_laid_in_the_home_too(season: Run, tmp_path: Path) -> None:
    season("journal", "checkpoint")
    season("journal", "checkpoint")
    folder = tmp_path / "home" / "checkpoints"
    assert [path.name[:17] for path in sorted(folder.iterdir())] == ["checkpoint-000001", "checkpoint-000002"]
    assert season("journal", "verify", "--against", folder).code == 0


def test_copy_of_another_checkpoint_in_the_same_place_on_the_same_day_is_laid_beside_it(
    tmp_path: Path,
) -> None:
    made = system(tmp_path / "home", PIPELINE_JOURNAL_KEY=SEED)
    first = checkpoints.make(made.app)
    other = replace(first, document=first.document + b" ")  # as after a restore of what was before
    for one in (other, first):
        checkpoints.lay(made.app, one)
    made.app.database.close()
    folder = tmp_path / "home" / "checkpoints"
    assert {path.read_bytes() for path in folder.iterdir()} == {
        checkpoints.kept(first),
        checkpoints.kept(other),
    }


@pytest.mark.usefixtures("_in_a_file")
def test_key_of_the_home_is_read_by_nobody_else(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PIPELINE_JOURNAL_KEY")
    run("migrate")
    assert run("journal", "checkpoint").code == 0
    folder = tmp_path / "home" / "keys"
    key = signing.read(folder / signing.OWN_KEY)
    assert (folder / signing.OWN_KEY).stat().st_mode & 0o777 == 0o600
    assert signing.known(folder) == {key.id: key.public}


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"document": 1, "signature": "", "key_id": ""}'])
def test_file_that_is_no_checkpoint_is_told_so(season: Run, tmp_path: Path, content: str) -> None:
    (tmp_path / "other.json").write_text(content)
    told = season("journal", "verify", "--against", tmp_path / "other.json")
    assert (told.code, "is no checkpoint" in told.err) == (2, True)


def test_altered_copy_is_told_by_its_file(season: Run, tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    season("journal", "checkpoint", "--out", kept)
    value = json.loads(kept.read_text())
    value["document"] = value["document"].replace('"place":1', '"place":2')
    kept.write_text(json.dumps(value))
    told = season("journal", "verify", "--against", kept)
    assert told.out.splitlines()[0] == "kept.json was altered, or is not signed by the key that it names."


def test_key_that_is_none_is_told_without_it(season: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPELINE_JOURNAL_KEY", "c2VjcmV0")
    told = season("journal", "checkpoint")
    assert told.code == 2
    assert told.err == "PIPELINE_JOURNAL_KEY must be the base64 of the 32 bytes of an Ed25519 key.\n"


def test_file_without_a_key_is_told(season: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PIPELINE_JOURNAL_KEY")
    monkeypatch.setenv("PIPELINE_JOURNAL_KEY_FILE", str(tmp_path / "none.key"))
    assert season("journal", "checkpoint").code == 2
    (tmp_path / "none.key").write_text("secret")
    told = season("journal", "checkpoint")
    assert (told.code, "secret" in told.err) == (2, False)
