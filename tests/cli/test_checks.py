from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import update

from pipeline.settings import Settings
from pipeline.store.engines import Database
from pipeline.store.tables import counters, policies
from pipeline.store.unit import Insert
from pipeline.wiring import document
from tests.cli.conftest import Run
from tests.stages import system


def test_config_check_says_what_is_in_force_without_passwords(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIPELINE_SMTP_URL", "smtps://me:secret@relay.example")

    told = run("config", "check")

    assert told.code == 0
    assert told.out.endswith("The configuration is right.\n")
    assert "smtps://me:***@relay.example" in told.out
    assert "secret" not in told.out


def test_config_check_names_file_and_key_of_a_wrong_rule(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    policy = Path(__file__).parents[2] / "config" / "policy.toml"
    wrong = tmp_path / "policy.toml"
    wrong.write_text(policy.read_text(encoding="utf-8").replace("answer_days = 14", "answer_days = -1"))
    monkeypatch.setenv("PIPELINE_POLICY", str(wrong))

    told = run("config", "check")

    assert told.code == 2
    assert told.err.startswith(f"{wrong}: completeness.answer_days must be ")


def test_migrate_makes_the_schema_once(run: Run) -> None:
    assert ", after nothing. The home id is " in run("migrate").out
    assert ", already. The home id is " in run("migrate").out


def test_migrate_gives_a_new_home_the_id_that_is_set_and_says_where_nothing_will_be_mailed(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIPELINE_HOME_ID", "register")
    assert run("migrate").out.endswith("The home id is register.\n")

    monkeypatch.setenv("PIPELINE_SMTP_URL", "smtp://relay.example")
    assert run("migrate").out.endswith("The home id is register.\n")
    monkeypatch.setenv("PIPELINE_HOME_ID", "staging")
    assert "home id is register and PIPELINE_HOME_ID says staging." in run("migrate").out


def test_doctor_and_the_list_of_cases_say_that_nothing_is_mailed(
    season: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mailing() -> tuple[str, str]:
        [found] = [one for one in season("doctor", "--json").json if one["part"] == "mailing"]
        return found["verdict"], found["found"]

    assert mailing()[0] == "ok"
    monkeypatch.setenv("PIPELINE_SMTP_URL", "smtp://127.0.0.1:1")

    assert (mailing()[0], "and PIPELINE_HOME_ID is not set. 0 wait." in mailing()[1]) == ("fault", True)
    assert "PIPELINE_HOME_ID is not set. Letters that wait: 0. Set" in season("cases").out
    assert season("cases", "--json").json != []


def test_a_migrated_home_is_real_and_no_season_can_be_played_in_it(run: Run, tmp_path: Path) -> None:
    run("migrate")
    event = tmp_path / "event.json"
    event.write_text('{"time": "2026-10-05T09:12:00+02:00"}')

    told = run("play", event)

    assert told.code == 3
    assert told.err == "This home runs in real time; a simulated one needs a home of its own.\n"


@pytest.mark.usefixtures("_in_a_file")
def test_doctor_of_nothing_says_what_to_do(run: Run) -> None:
    told = run("doctor", "--json")

    assert told.code == 4
    assert [(one["part"], one["verdict"]) for one in told.json] == [
        ("database", "fault"),
        ("redis", "fault"),
        ("mail server", "fault"),
    ]
    assert all("`pipeline up`" in one["found"] + one["advice"] for one in told.json)


def test_doctor_warns_of_a_calendar_that_ends_soon(
    season: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rules = (Path(__file__).parents[2] / "config" / "policy.toml").read_text(encoding="utf-8")
    (tmp_path / "policy.toml").write_text(
        rules.replace("warn_days = 90 ", "warn_days = 9000 "), encoding="utf-8"
    )
    assert {one["part"]: one["verdict"] for one in season("doctor", "--json").json}["calendar"] == "ok"
    monkeypatch.setenv("PIPELINE_POLICY", str(tmp_path / "policy.toml"))

    found = {one["part"]: one for one in season("doctor", "--json").json}

    assert found["calendar"]["verdict"] == "warning"
    assert found["calendar"]["advice"].startswith("Add the holidays after 2028-12-31 to ")


def test_doctor_names_an_activity_number_that_is_lacking(season: Run) -> None:
    def numbers() -> tuple[str, str]:
        [found] = [one for one in season("doctor", "--json").json if one["part"] == "numbers"]
        return found["verdict"], found["found"]

    assert numbers() == ("ok", "no activity number is lacking; restores jumped over 0")
    database = Database(Settings.from_env(os.environ).database_url)
    with database.writing() as connection:
        connection.execute(
            update(counters).where(counters.c.name == "activity").values(value=counters.c.value + 2)
        )
    database.close()
    assert numbers()[0] == "fault"
    assert numbers()[1].endswith(" was skipped, and 1 more")


def test_doctor_looks_for_the_maildir(season: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPELINE_BOUNCES", str(tmp_path / "box"))
    assert bounces(season)["verdict"] == "fault"
    assert "no Maildir" in bounces(season)["found"]
    for name in ("new", "cur"):
        (tmp_path / "box" / name).mkdir(parents=True)
    assert bounces(season)["verdict"] == "ok"


def bounces(run: Run) -> dict[str, str]:
    found: dict[str, str]
    [found] = [one for one in run("doctor", "--json").json if one["part"] == "bounces"]
    return found


def test_kind_of_task_that_an_earlier_release_did_not_know_is_no_other_rule(tmp_path: Path) -> None:
    made = system(tmp_path / "home")
    known = document(made.app.policy)
    earlier = {**known, "tasks": {kind: duty for kind, duty in known["tasks"].items() if kind != "bounced"}}
    made.app.unit.write([Insert(policies, {"version": made.app.policy.version, "document": earlier})])
    made.app.check_policy()
    made.app.database.close()
