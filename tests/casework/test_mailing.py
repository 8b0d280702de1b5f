"""A home mails only where it is the register itself: not a copy of it, and not while it is held."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from pipeline.casework import mailing, overview
from pipeline.casework.overdue import overdue
from pipeline.casework.ringing import ring_due
from pipeline.errors import Stale
from pipeline.store import tables
from tests.casework.events import at, event, take_in
from tests.stages import System, system

RELAY = {"PIPELINE_SMTP_URL": "smtp://relay.example"}
MOMENT = "2026-10-05T15:40:00+02:00"

Open = Callable[..., System]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """Open a home that was made with the id `register`, under other settings."""
    made = [system(tmp_path / "home", PIPELINE_HOME_ID="register")]
    at(made[0], MOMENT)

    def again(**environ: str) -> System:
        made.append(system(tmp_path / "home", **environ))
        return made[-1]

    yield again
    for each in made:
        each.app.database.close()


def states(home: System) -> list[str]:
    return [letter["state"] for letter in overview.letters(home.app)]


def hold(home: System) -> None:
    with home.app.database.writing() as connection:
        connection.execute(tables.home.update().values(held_at=home.app.clock.now()))


@pytest.mark.parametrize("environ", [RELAY, {**RELAY, "PIPELINE_HOME_ID": "staging"}])
def test_database_that_the_variable_does_not_name_mails_nothing(
    opened: Open, environ: dict[str, str]
) -> None:
    home = opened(**environ)

    take_in(home, event("app-02"))  # and all comes to rest: nobody waits for the letters

    assert (home.mailer.sent, set(states(home))) == ([], {"queued"})
    assert len(states(home)) == mailing.waiting(home.app) > 0


@pytest.mark.parametrize(
    "environ",
    [
        {},  # the catcher of this home delivers nothing
        {**RELAY, "PIPELINE_MAIL_IS_CAUGHT": "true"},
        {**RELAY, "PIPELINE_HOME_ID": "register"},
    ],
)
def test_database_that_the_variable_names_mails_and_so_does_one_whose_mail_is_caught(
    opened: Open, environ: dict[str, str]
) -> None:
    home = opened(**environ)

    take_in(home, event("app-02"))

    assert len(home.mailer.sent) == len(states(home)) > 0
    assert set(states(home)) == {"sent"}


def test_letters_that_waited_go_out_once_the_variable_is_right(opened: Open) -> None:
    take_in(copy := opened(**RELAY), event("app-02"))
    home = opened(**RELAY, PIPELINE_HOME_ID="register")

    home.clock.at = copy.clock.at + timedelta(minutes=5)
    home.stage.rest()

    assert set(states(home)) == {"sent"}


def test_held_home_mails_nothing_also_into_its_own_catcher(opened: Open) -> None:
    home = opened()
    hold(home)

    take_in(home, event("app-02"))

    assert (home.mailer.sent, set(states(home))) == ([], {"queued"})


def test_home_that_comes_to_be_held_between_the_connection_and_the_commit_mails_nothing(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = opened()
    deliver = home.mailer.deliver

    def held_meanwhile(sender: str, to: str, raw: bytes, *, before_data: Callable[[], bool]) -> str:
        hold(home)
        return deliver(sender, to, raw, before_data=before_data)

    monkeypatch.setattr(home.mailer, "deliver", held_meanwhile)
    take_in(home, event("app-02"))

    assert (home.mailer.sent, set(states(home))) == ([], {"queued"})


def test_the_commit_itself_makes_sure_that_the_home_may_mail(opened: Open) -> None:
    home = opened(**RELAY, PIPELINE_HOME_ID="register")
    home.app.unit.write([mailing.unless_forbidden(home.app.settings)])
    copy = opened(**RELAY, PIPELINE_HOME_ID="staging")

    with pytest.raises(Stale):
        copy.app.unit.write([mailing.unless_forbidden(copy.app.settings)])
    hold(home)
    with pytest.raises(Stale):
        home.app.unit.write([mailing.unless_forbidden(home.app.settings)])


def test_attempt_that_was_broken_off_becomes_unknown_also_where_nothing_is_mailed(opened: Open) -> None:
    home = opened()
    take_in(home, event("app-02"))
    with home.app.database.writing() as connection:
        letter = connection.execute(select(tables.letters.c.id)).scalars().first()
        lapsed = {"state": "sending", "token": "t", "lease_until": home.clock.at, "retry_at": home.clock.at}
        connection.execute(tables.letters.update().where(tables.letters.c.id == letter).values(lapsed))
    hold(home)

    home.clock.tick(1)
    home.stage.ring()
    home.stage.rest()

    assert states(home).count("unknown") == 1


def test_letters_that_may_not_go_out_are_neither_rung_nor_overdue(opened: Open) -> None:
    home = opened(**RELAY)
    take_in(home, event("app-02"))

    home.clock.tick(3600)

    assert (ring_due(home.app), overdue(home.app)) == (0, 0)
    allowed = opened()
    allowed.clock.at = home.clock.at
    assert ring_due(allowed.app) == len(states(home))


def test_what_is_told_names_both_ids_and_what_to_do(opened: Open) -> None:
    told = {
        why: (mailing.of(home.app).why_not, mailing.of(home.app).sentence)
        for why, home in (
            ("other_home", opened(**RELAY, PIPELINE_HOME_ID="staging")),
            ("no_home_id", opened(**RELAY)),
        )
    }

    assert told == {
        "other_home": (
            "other_home",
            "Nothing is mailed: this database's home id is register and PIPELINE_HOME_ID says staging."
            " Make them the same where this is the register itself; a copy is right not to mail.",
        ),
        "no_home_id": (
            "no_home_id",
            "Nothing is mailed: this database's home id is register and PIPELINE_HOME_ID is not set."
            " Set PIPELINE_HOME_ID to it where this is the register itself, and nowhere else.",
        ),
    }


def test_home_gets_a_random_id_where_none_is_set(home: System) -> None:
    home.app.clock.make(None)
    [first] = {mailing.of(home.app).home_id}
    home.app.clock.make(None)

    assert first is not None
    assert mailing.of(home.app).home_id == first


def test_process_that_starts_tells_the_log_once_that_nothing_is_mailed(opened: Open) -> None:
    copy, register = opened(**RELAY), opened(**RELAY, PIPELINE_HOME_ID="register")

    with capture_logs() as lines:
        mailing.warn(copy.app)
        mailing.warn(register.app)

    assert [(line["event"], line["log_level"]) for line in lines] == [("nothing_is_mailed", "warning")]
    assert lines[0]["why"] == mailing.of(copy.app).sentence
