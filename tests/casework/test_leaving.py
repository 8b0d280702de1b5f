"""A window and a rate for letters: they wait without being rung for, and none beyond its term."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from pipeline.casework import ringing
from pipeline.mail.smtp import Temporary
from pipeline.play import Season, read_script
from pipeline.store import paces, tables
from pipeline.store.engines import Database
from pipeline.store.tables import metadata
from tests.casework.conftest import import_reviewers
from tests.casework.events import admitted, at, case, event, take_in_without_rest
from tests.casework.test_faults import letter
from tests.stages import SAMPLES, System, system

WINDOW = "send_window = { from = 08:00:00, until = 18:00:00, working_days_only = true }"


def policy(folder: Path, mail: str) -> str:
    text = (Path(__file__).parents[2] / "config" / "policy.toml").read_text(encoding="utf-8")
    made = text.replace("[mail]", f"[mail]\n{mail}")
    assert made != text
    (folder / "policy.toml").write_text(made, encoding="utf-8")
    return str(folder / "policy.toml")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[System]:
    """A home whose letters leave at office hours."""
    made = system(tmp_path / "home", PIPELINE_POLICY=policy(tmp_path, WINDOW))
    admitted(made)
    yield made
    made.app.database.close()


def at_night(home: System, event_id: str = "act-02") -> str:
    """Submit an activity on a Tuesday evening."""
    at(home, "2026-10-20T22:00:00+02:00")
    return take_in_without_rest(
        home, event(event_id, {"provider_kvk": "90000102"}, time="2026-10-20T22:00:00+02:00")
    )


def states(home: System, number: str) -> set[str]:
    return {one["state"] for one in case(home, number)["letters"]}


def test_letter_written_at_night_waits_for_the_morning_and_nothing_rings(office: System) -> None:
    number = at_night(office)
    office.stage.rest()
    assert states(office, number) == {"queued"}
    assert not ringing.is_pending(office.app)
    assert ringing.next_wake(office.app) == datetime(2026, 10, 21, 6, tzinfo=UTC)
    office.stage.ring()
    assert office.stage.waiting == []


def test_letter_leaves_when_the_window_opens(office: System) -> None:
    number = at_night(office)
    office.stage.rest()
    at(office, "2026-10-21T08:00:00+02:00")
    office.stage.ring()
    office.stage.rest()
    assert {one["sent_on"] for one in case(office, number)["letters"]} == {"2026-10-21"}


def test_hint_that_comes_early_opens_no_window(office: System) -> None:
    number = at_night(office)
    office.stage.rest()
    office.app.ring("dispatch", letter(office, number, "confirmation")["letter"])
    office.stage.rest()
    assert states(office, number) == {"queued"}


def test_letter_that_is_tried_again_after_hours_waits_as_well(office: System) -> None:
    at(office, "2026-10-20T17:59:00+02:00")
    number = take_in_without_rest(office, event("act-02", {"provider_kvk": "90000102"}))
    office.mailer.faults = [Temporary("451 later")] * 3
    office.stage.pump()
    at(office, "2026-10-20T18:01:00+02:00")
    office.stage.rest()
    assert letter(office, number, "confirmation")["state"] == "queued"
    assert ringing.next_wake(office.app) == datetime(2026, 10, 21, 6, tzinfo=UTC)


def test_letter_leaves_at_night_where_it_would_be_late_in_the_morning(office: System) -> None:
    """An objection to be decided by a Friday, of which the decision is taken that evening."""
    number = at_night(office)
    office.stage.rest()
    with office.app.database.writing() as connection:
        letters = tables.letters
        due = datetime(2026, 10, 20, 21, tzinfo=UTC)  # the last moment of that evening
        connection.execute(letters.update().where(letters.c.wake_at.is_not(None)).values(send_by=due))
    office.app.ring("dispatch", letter(office, number, "confirmation")["letter"])
    office.stage.rest()
    assert letter(office, number, "confirmation")["sent_on"] == "2026-10-20"


def test_every_letter_about_a_case_knows_its_last_moment(office: System) -> None:
    number = at_night(office)
    office.stage.rest()
    found = case(office, number)
    by = {one["review_by"] for one in found["assignments"]}
    with office.app.database.reading() as connection:
        rows = list(connection.execute(select(tables.letters).where(tables.letters.c.state == "queued")))
    assert {row.kind: f"{row.send_by:%Y-%m-%d %H}" for row in rows} == {
        "confirmation": f"{found['due_on']} 22",  # an hour before the day ends; it is winter by then
        "review_asked": f"{_day_before(min(by))} 23",
    }


def _day_before(day: str) -> str:
    return str((datetime.fromisoformat(day) - timedelta(days=1)).date())


def test_clock_of_a_play_stops_where_letters_leave(tmp_path: Path) -> None:
    """A whole season at office hours comes to the same end, with every letter sent within them."""
    made = system(tmp_path / "home", PIPELINE_POLICY=policy(tmp_path, WINDOW))
    lines = read_script([SAMPLES / "followups.jsonl", SAMPLES / "season.jsonl"])[:60]
    made.app.clock.make(min(line.time for line in lines))
    import_reviewers(made)
    Season(made.app, made.stage, lines).play()
    with made.app.database.reading() as connection:
        rows = list(connection.execute(select(tables.letters).where(tables.letters.c.state == "sent")))
    outside = [row for row in rows if not _at_the_office(row.sent_at) and row.sent_at < row.send_by]
    assert len(rows) > 60
    assert {row.kind for row in outside} == set()
    made.app.database.close()


def _at_the_office(moment: datetime) -> bool:
    from pipeline.contract import AMSTERDAM

    local = moment.astimezone(AMSTERDAM)
    return local.weekday() < 5 and 8 <= local.hour < 18


# The rate


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path}/paces.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    made = Database(url)
    metadata.create_all(made.writers)
    yield made
    made.close()


NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
APART = timedelta(seconds=2)


def test_turns_follow_each_other_however_many_ask_at_once(database: Database) -> None:
    with ThreadPoolExecutor(8) as askers:
        turns = list(askers.map(lambda _: paces.next_turn(database, "x", NOW, APART), range(40)))
    assert sorted(turns) == [NOW + place * APART for place in range(40)]


def test_turn_after_a_pause_is_now(database: Database) -> None:
    paces.next_turn(database, "x", NOW, APART)
    later = NOW + timedelta(minutes=5)
    assert paces.next_turn(database, "x", later, APART) == later
    assert paces.next_turn(database, "x", later, APART) == later + APART


def test_turns_of_different_things_do_not_wait_for_each_other(database: Database) -> None:
    assert [paces.next_turn(database, name, NOW, APART) for name in ("x", "y")] == [NOW, NOW]


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[System]:
    """A home that sends six letters a minute, where nothing moves the clocks but the test."""
    made = system(tmp_path / "home", PIPELINE_POLICY=policy(tmp_path, "letters_per_minute = 6"))
    at(made, "2026-10-05T15:40:00+02:00")
    import_reviewers(made)
    yield made
    made.app.database.close()


def sent_by(home: System, seconds: int) -> int:
    """Return how many letters have gone so many seconds later."""
    for _ in range(seconds):
        home.clock.tick(1)
        home.stage.ring()
        home.stage.pump()
    return len(home.mailer.sent)


def test_letters_leave_no_faster_than_the_rate(slow: System) -> None:
    for place in range(20):
        take_in_without_rest(slow, event("app-02", id=f"app-{place}"))
    slow.stage.pump()
    assert len(slow.mailer.sent) == 1
    assert [sent_by(slow, 60) for _ in range(3)] == [7, 13, 19]


def test_standstill_is_not_made_up_for_in_one_go(slow: System) -> None:
    for place in range(20):
        take_in_without_rest(slow, event("app-02", id=f"app-{place}"))
    slow.stage.pump()
    slow.clock.tick(3600)
    slow.stage.ring()
    slow.stage.pump()
    assert len(slow.mailer.sent) <= 1 + 6 + 1


def test_letter_leaves_before_its_turn_where_that_would_be_too_late(slow: System) -> None:
    for place in range(20):
        take_in_without_rest(slow, event("app-02", id=f"app-{place}"))
    slow.stage.pump()
    with slow.app.database.writing() as connection:
        letters = tables.letters
        late = (
            select(letters.c.id)
            .where(letters.c.state == "queued")
            .order_by(letters.c.turn_at.desc())
            .limit(1)
        )
        key = connection.execute(late).scalar_one()
        soon = slow.app.clock.now() + timedelta(seconds=30)
        connection.execute(letters.update().where(letters.c.id == key).values(send_by=soon, turn_at=None))
    slow.app.ring("dispatch", key)
    slow.stage.pump()
    assert len(slow.mailer.sent) == 2


def test_without_a_rate_no_turn_is_taken(home: System) -> None:
    admitted(home)
    with home.app.database.reading() as connection:
        assert list(connection.execute(select(tables.paces))) == []
