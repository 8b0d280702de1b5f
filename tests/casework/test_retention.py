"""What is personal goes when its time has come, and nothing before; the register's facts stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, select, text, update

from pipeline.casework import (
    chronicle,
    contents,
    erasing,
    explaining,
    intake,
    overview,
    parked,
    parking,
    retention,
    suppressing,
    unattached,
    verifying,
)
from pipeline.contract import received_on
from pipeline.errors import NotFound
from pipeline.store import rows, tables
from pipeline.store.reading import all_of
from pipeline.store.unit import HomeNote, new
from tests.casework.conftest import SEASON, play
from tests.casework.events import SUBMITTED, admitted, at, case, event, take_in, told_in_a_digest, verdict
from tests.casework.test_cases import approve, submitted
from tests.stages import System, system

NEEDED = date(2033, 10, 6)  # 84 months after the admission of app-02
PERSONAL = "r.dejong"


def pass_time(home: System, day: str) -> None:
    at(home, f"{day}T09:00:00+02:00")


@pytest.fixture
def closed(home: System) -> tuple[System, str]:
    """A home with one admission that was granted on 6 October 2026."""
    return home, admitted(home)


def everything(home: System, *but: Table) -> str:
    """Return all that lies in the database, as one text."""
    found = []
    with home.app.database.reading() as connection:
        for table in tables.metadata.sorted_tables:
            if table not in (tables.policies, *but):  # the rules name the office's own people
                found += [repr(tuple(row)) for row in connection.execute(select(table))]
    return "\n".join(found)


def test_of_a_decision_the_rule_stays_and_nobody_is_named(closed: tuple[System, str]) -> None:
    home, number = closed
    pass_time(home, "2033-10-06")
    erasing.erase_all(home.app, "Ineke Vermeer")
    decision = case(home, number)["decision"]
    assert set(decision) == {
        "event", "rule", "policy", "verdicts", "trail", "asked", "hours", "differs", "score", "motivations",
        "admission",
    }  # fmt: skip
    assert decision["motivations"] == []
    assert explaining.explain(home.app, number)["letter"]["same"] is None


def test_case_is_due_when_its_months_are_over_and_not_a_day_before(closed: tuple[System, str]) -> None:
    home, number = closed
    assert retention.due(home.app, NEEDED - timedelta(days=1)) == []
    (due,) = retention.due(home.app, NEEDED)
    assert (due.case.number, due.since, due.held_by) == (number, NEEDED, ())
    assert due.because == "granted on 2026-10-06, to be kept until 2033-10-06"


def test_dry_run_says_what_would_go_and_takes_nothing(closed: tuple[System, str]) -> None:
    home, number = closed
    pass_time(home, "2033-10-07")
    before = everything(home)
    planned = erasing.planned(home.app)
    assert everything(home) == before
    (row,) = planned["cases"]
    assert (row["case"], row["held_by"], row["erases"]["contact"]) == (number, [], True)
    assert row["erases"]["letters"] == len(case(home, number)["letters"])


def test_erased_case_keeps_its_facts_and_loses_its_persons(closed: tuple[System, str]) -> None:
    home, number = closed
    before = case(home, number)
    contact = before["submission"]["provider"]["contact"]
    told = [contact["name"], contact["email"], "Omdat het zo is.", "/portal app-02"]
    assert all(one in everything(home) for one in told)
    pass_time(home, "2033-10-07")
    assert erasing.erase_all(home.app, "Ineke")["cases"] == [number]
    assert [one for one in told if one in everything(home)] == []
    after = case(home, number)
    kept = ("case", "kind", "state", "result", "title", "provider", "received_on", "decided_on", "closed_on")
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert after["erased_on"] == "2033-10-07"
    assert {row["by"] for row in after["journal"]} == {None, "Ineke"}


def test_erasing_is_told_in_the_journal_which_stays_whole(closed: tuple[System, str]) -> None:
    home, number = closed
    pass_time(home, "2033-10-07")
    rows_before = len(case(home, number)["journal"])
    erasing.erase_all(home.app, "Ineke")
    found = verifying.verify(home.app)
    assert (found.faults, found.erased) == ([], rows_before)
    last = case(home, number)["journal"][-1]
    assert (last["event"], last["facts"]["places"]) == ("retained", list(range(1, rows_before + 1)))


def test_second_run_finds_nothing_to_do(closed: tuple[System, str]) -> None:
    home, _ = closed
    pass_time(home, "2033-10-07")
    erasing.erase_all(home.app, "Ineke")
    before = everything(home)
    assert erasing.erase_all(home.app, "Ineke") == {"cases": [], "unattached": {}}
    assert everything(home) == before


def test_letters_and_events_say_when_they_were_erased(closed: tuple[System, str]) -> None:
    home, number = closed
    letter = case(home, number)["letters"][0]["letter"]
    with home.app.database.reading() as connection:
        stored = connection.execute(select(tables.events.c.id)).scalars().first()
    pass_time(home, "2033-10-07")
    erasing.erase_all(home.app, "Ineke")
    with pytest.raises(NotFound, match="erased on 2033-10-07"):
        contents.read(home.app, letter)
    with pytest.raises(NotFound, match="erased on 2033-10-07"):
        overview.raw_of(home.app, str(stored))
    assert {one["subject"] for one in case(home, number)["letters"]} == {""}


def test_same_event_after_erasing_is_still_known(closed: tuple[System, str]) -> None:
    home, number = closed
    pass_time(home, "2033-10-07")
    erasing.erase_all(home.app, "Ineke")
    again = take_in(home, event("app-02"))
    assert (again.status, again.case) == ("known", number)
    other = take_in(home, event("app-02", {"provider": {"name": "Een ander"}}))
    assert (other.status, other.case) == ("conflict", number)
    pass_time(home, "2034-10-08")
    assert "Een ander" in everything(home)
    told = case(home, number)["journal"][-1]
    assert (told["event"], told["by"], len(case(home, number)["flags"])) == (
        "conflicted",
        "/portal app-02",
        1,
    )
    assert erasing.planned(home.app)["unattached"]["chains"] == 1
    erased = erasing.erase_all(home.app, "Ineke")["unattached"]
    assert (erased["events"], erased["chains"]) == (1, 1)
    assert [one for one in ("Een ander", "/portal app-02") if one in everything(home)] == []
    assert case(home, number)["flags"] == []
    assert verifying.verify(home.app).faults == []
    assert erasing.erase_all(home.app, "Ineke")["unattached"] == {}


def test_contact_stays_as_long_as_another_case_needs_it(closed: tuple[System, str]) -> None:
    home, number = closed
    submitted = event("act-02", {"provider_kvk": "90000102"}, time="2030-10-01T10:00:00+02:00")
    at(home, "2030-10-01T10:00:00+02:00")
    second = take_in(home, submitted).case
    pass_time(home, "2033-10-07")
    erasing.erase_all(home.app, "Ineke")
    assert case(home, number)["erased_on"] is not None
    assert case(home, second)["erased_on"] is None
    with home.app.database.reading() as connection:
        assert connection.execute(select(tables.providers.c.email)).scalar_one() is not None


def test_contact_stays_while_an_activity_of_theirs_stands_in_the_register(closed: tuple[System, str]) -> None:
    home, _ = closed
    at(home, SUBMITTED)
    number = submitted(home)
    approve(home, number, "6", "2026-10-21T10:00:00+02:00")
    approve(home, number, "6", "2026-10-22T10:00:00+02:00")
    pass_time(home, "2034-10-08")
    assert len(erasing.erase_all(home.app, "Ineke")["cases"]) == 2
    assert contacts(home) == 1
    with home.app.database.writing() as connection:
        connection.execute(update(tables.registrations).values(valid_until=date(2034, 10, 8)))
    assert erasing.erase_all(home.app, "Ineke")["unattached"] == {}
    pass_time(home, "2034-10-09")
    assert erasing.planned(home.app)["unattached"]["providers"] == 1
    assert erasing.erase_all(home.app, "Ineke")["unattached"] == {"providers": 1} | dict.fromkeys(
        ("events", "letters", "bounces", "tasks", "reviewers", "suppressions", "journal"), 0
    )
    assert contacts(home) == 0


def test_contact_stays_until_the_admission_has_ended(closed: tuple[System, str]) -> None:
    """The provider is yet to be asked to renew it."""
    home, _ = closed
    with home.app.database.writing() as connection:
        connection.execute(update(tables.providers).values(admitted_until=date(2033, 10, 8)))
    for day, left in (("2033-10-07", 1), ("2033-10-08", 1), ("2033-10-09", 0)):
        pass_time(home, day)
        erasing.erase_all(home.app, "Ineke")
        assert contacts(home) == left


def contacts(home: System) -> int:
    table = tables.providers
    with home.app.database.reading() as connection:
        return len(connection.execute(select(table.c.id).where(table.c.email.is_not(None))).all())


def test_name_of_whoever_was_never_admitted_goes_with_their_case(home: System) -> None:
    number = rejected(home)
    name = case(home, number)["provider"]
    assert name in everything(home)
    pass_time(home, "2033-10-08")
    assert erasing.erase_all(home.app, "Ineke")["cases"] == [number]
    left = everything(home, tables.reviewers)  # one of whom works there
    assert name.casefold() not in left.casefold()
    after = case(home, number)
    assert (after["title"], after["provider"], after["erased_on"]) == ("", "", "2033-10-08")


def test_event_that_was_parked_and_never_taken_up_goes_with_its_task(home: System) -> None:
    at(home, "2026-10-05T15:40:00+02:00")
    stored = intake.store(home.app, b'{"nothing": "Jansje Geheim"}')
    parking.park_event(home.app, stored.id, "ValueError: Jansje Geheim")
    home.stage.rest()
    pass_time(home, "2027-10-04")
    assert "Jansje" in everything(home)
    pass_time(home, "2027-10-06")
    assert erasing.erase_all(home.app, "Ineke")["unattached"]["events"] == 1
    assert parked.all_parked(home.app) == []
    assert overview.tasks(home.app) == []
    with home.app.database.reading() as connection:
        left = [repr(connection.execute(select(table)).all()) for table in (tables.events, tables.tasks)]
    assert "Jansje" not in "".join(left)


def test_journal_of_the_home_tells_of_suppressions_without_the_address(closed: tuple[System, str]) -> None:
    home, _ = closed
    with home.app.database.reading() as connection:
        letter = all_of(connection, rows.Letter)[0]
    suppressing.suppress(home.app, letter, "550 No such user")
    suppressing.release(home.app, letter.to_address, "Ineke")
    with home.app.database.reading() as connection:
        told = [content for _, content in chronicle.of(connection, "home") if content]
        [row] = all_of(connection, rows.Suppression)
    assert [one.facts for one in told[-2:]] == [
        {"suppression": row.id, "letter": letter.id},
        {"suppressions": [row.id]},
    ]


@pytest.mark.parametrize("state", ["queued", "held", "sending", "unknown", "failed"])
def test_letter_that_is_not_final_holds_its_case(closed: tuple[System, str], state: str) -> None:
    home, number = closed
    letter = case(home, number)["letters"][0]["letter"]
    pass_time(home, "2033-10-07")
    with home.app.database.writing() as connection:
        table = tables.letters
        connection.execute(update(table).where(table.c.id == letter).values(state=state))
    assert erasing.planned(home.app)["cases"][0]["held_by"] == [f"letter {letter} is {state}"]
    assert erasing.erase_all(home.app, "Ineke")["cases"] == []


def test_open_objection_window_and_open_objection_hold_their_case(tmp_path: Path, database_kind: str) -> None:
    from tests.databases import databases

    policy = (Path(__file__).parents[2] / "config" / "policy.toml").read_text(encoding="utf-8")
    (tmp_path / "policy.toml").write_text(policy.replace("rejected = 84 ", "rejected = 1 "))
    home = system(
        tmp_path / "home",
        **databases.environ(tmp_path / "home", database_kind),
        PIPELINE_POLICY=str(tmp_path / "policy.toml"),
    )
    number = rejected(home)
    pass_time(home, "2026-11-10")
    (row,) = erasing.planned(home.app)["cases"]
    assert row["held_by"] == ["an objection can come until 2026-11-17"]
    changes = {"case": number, "about": "decision"}
    objected = event("obj-01", changes, time="2026-11-10T08:00:00+01:00")
    objection = take_in(home, objected).case
    pass_time(home, "2026-11-20")
    assert f"{objection} is open" in erasing.planned(home.app)["cases"][0]["held_by"]
    assert erasing.erase_all(home.app, "Ineke")["cases"] == []
    home.app.database.close()
    databases.give_back(tmp_path / "home")


def rejected(home: System) -> str:
    """Reject the application app-02 on 6 October 2026."""
    from tests.casework.conftest import import_reviewers

    at(home, "2026-10-05T15:40:00+02:00")
    import_reviewers(home)
    number = take_in(home, event("app-02")).case
    assert number is not None
    verdict(home, number, "reject", "2026-10-06T09:00:00+02:00", hours=None)
    return number


def test_open_case_is_never_due(home: System) -> None:
    at(home, "2026-10-05T15:40:00+02:00")
    take_in(home, event("app-02"))
    pass_time(home, "2060-01-01")
    assert erasing.planned(home.app)["cases"] == []


def test_refused_event_about_no_case_goes_after_its_own_term(home: System) -> None:
    at(home, "2026-10-05T15:40:00+02:00")
    take_in(home, b'{"nothing": "Jansje Geheim"}')
    pass_time(home, "2027-10-04")
    assert erasing.erase_all(home.app, "Ineke")["unattached"] == {}
    pass_time(home, "2027-10-06")
    assert erasing.erase_all(home.app, "Ineke")["unattached"]["events"] == 1
    assert "Jansje" not in everything(home)
    (refused,) = overview.refused(home.app)
    assert (refused["reason"], refused["got"]) == ("Erased on 2027-10-06.", "")
    assert take_in(home, b'{"nothing": "Jansje Geheim"}').status == "refused"
    assert verifying.verify(home.app).faults == []


def test_digest_outlives_no_case_that_it_names(home: System) -> None:
    told_in_a_digest(home)
    kept = home.app.policy.retention.model_copy(update={"withdrawn": 6})
    app = replace(home.app, policy=home.app.policy.model_copy(update={"retention": kept}))
    with app.database.reading() as connection:
        [digest] = all_of(connection, rows.Letter, tables.letters.c.kind == "deadline_digest")
    pass_time(home, "2027-05-27")
    assert digest.id not in unattached.due(app).letters
    pass_time(home, "2027-05-28")
    assert digest.id in unattached.due(app).letters
    assert digest.id not in unattached.due(home.app).letters  # a year, where no case is kept for less


def test_reviewer_who_left_goes_once_no_case_of_theirs_is_whole(closed: tuple[System, str]) -> None:
    home, number = closed
    (asked,) = [one["reviewer"] for one in case(home, number)["assignments"]]
    with home.app.database.writing() as connection:
        away = {"away_from": date(2026, 12, 1), "away_until": date(2026, 12, 9)}
        connection.execute(update(tables.reviewers).values(active=False, **away))
    pass_time(home, "2033-10-05")
    erasing.erase_all(home.app, "Ineke")
    assert names(home) == {asked}
    pass_time(home, "2033-10-07")
    erasing.erase_all(home.app, "Ineke")
    assert names(home) == set()
    with home.app.database.reading() as connection:
        assert set(connection.execute(select(tables.reviewers.c.away_from)).scalars()) == {None}


def names(home: System) -> set[str]:
    table = tables.reviewers
    with home.app.database.reading() as connection:
        return set(connection.execute(select(table.c.id).where(table.c.name != "")).scalars())


def test_suppression_stays_as_long_as_somebody_has_the_address(closed: tuple[System, str]) -> None:
    home, _ = closed
    with home.app.database.reading() as connection:
        email = connection.execute(select(tables.providers.c.email)).scalar_one()
    kept = rows.Suppression("s1", str(email).casefold(), home.app.clock.now(), "550 No such user")
    stray = rows.Suppression("s2", "niemand@example.org", home.app.clock.now(), "550 No such user")
    home.app.unit.write([new(kept), new(stray)])
    erasing.erase_all(home.app, "Ineke")
    assert "niemand@example.org" not in everything(home)
    assert str(email).casefold() in everything(home)


def test_journal_of_the_home_is_erased_after_its_own_term(closed: tuple[System, str]) -> None:
    home, _ = closed
    home.app.unit.write([HomeNote(home.app.clock.now(), "noted", "Mallory Geheim", {}, "salt")])
    pass_time(home, "2033-10-08")
    erasing.erase_all(home.app, "Ineke")
    assert "Mallory" not in everything(home)
    assert verifying.verify(home.app).faults == []


def test_content_that_came_back_after_erasing_shows(closed: tuple[System, str]) -> None:
    home, _ = closed
    contents = tables.journal_contents
    with home.app.database.reading() as connection:
        before = [dict(row) for row in connection.execute(select(contents)).mappings()]
    pass_time(home, "2033-10-07")
    erasing.erase_all(home.app, "Ineke")
    with home.app.database.writing() as connection:
        connection.execute(contents.insert(), before[:1])
    (fault,) = verifying.verify(home.app).faults
    assert (fault["row"], fault["says"]) == (
        before[0]["place"],
        "has a content that was erased on 2033-10-07",
    )


def registered(home: System) -> list[tuple[object, ...]]:
    table = tables.registrations
    with home.app.database.reading() as connection:
        return [
            tuple(row) for row in connection.execute(select(table).order_by(table.c.number, table.c.version))
        ]


def test_whole_season_erased_leaves_the_register(tmp_path: Path) -> None:
    home = play(system(tmp_path / "home"), *SEASON)
    with home.app.database.writing() as connection:  # nobody's contact is needed for what is valid no more
        connection.execute(update(tables.registrations).values(valid_until=date(2044, 1, 1)))
    kept = registered(home)
    with home.app.database.reading() as connection:
        contacts = connection.execute(select(tables.providers.c.contact_name)).scalars().all()
    pass_time(home, "2045-01-02")
    open_cases = [row["case"] for row in overview.cases(home.app) if row["state"] != "closed"]
    erased = erasing.erase_all(home.app, "Ineke")["cases"]
    assert registered(home) == kept
    assert overview.registrations(home.app) == []  # since all of it expired
    assert verifying.verify(home.app).faults == []
    assert len(erased) + len(open_cases) <= len(overview.cases(home.app))
    assert not set(erased) & set(open_cases)
    assert len(erased) > 20
    left = everything(home)
    gone = [name for name in contacts if name and name not in left]
    assert len(gone) > len(contacts) / 2
    for row in overview.cases(home.app):
        overview.case(home.app, row["case"])
    home.app.database.close()


def test_nothing_of_it_lingers_in_the_file(tmp_path: Path) -> None:
    home = system(tmp_path / "home", PIPELINE_DATABASE_URL=f"sqlite:///{tmp_path}/pipeline.db")
    number = admitted(home)
    contact: dict[str, Any] = case(home, number)["submission"]["provider"]["contact"]
    pass_time(home, "2033-10-07")
    assert received_on(home.app.clock.now()) == date(2033, 10, 7)
    with home.app.database.writing() as connection:
        connection.execute(text("SELECT 1"))
    erasing.erase_all(home.app, "Ineke")
    files = [path for path in tmp_path.iterdir() if path.name.startswith("pipeline.db")]
    lying = b"".join(path.read_bytes() for path in files)
    home.app.database.close()
    assert contact["email"].encode() not in lying
