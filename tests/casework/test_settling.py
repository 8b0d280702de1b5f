"""Nobody knows whether a letter arrived, until the relay's log or a human tells."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from pipeline.casework import erasing, overview, settling, verifying
from pipeline.casework.settling import BY_LOG, Settled
from pipeline.errors import UsageError
from pipeline.mail.smtp import Permanent, Unknown
from pipeline.store import tables
from tests.casework.events import SUBMITTED, admitted, at, case, take_in
from tests.casework.test_cases import decided
from tests.casework.test_faults import incomplete, letter, refused_letter
from tests.stages import System


@pytest.fixture
def ready(home: System) -> System:
    admitted(home)
    at(home, SUBMITTED)
    return home


def asked(home: System) -> str:
    """Ask a provider to complete, by a letter of unknown fate."""
    home.mailer.faults = [Unknown("gone")]
    number = take_in(home, incomplete()).case
    assert number is not None
    return number


def by_log(home: System, text: str, *, is_complete: bool = False) -> list[Settled]:
    lines = [line.encode() for line in text.splitlines()]
    found = settling.look_up(home.app, lines, is_complete=is_complete)
    settling.settle(home.app, found, BY_LOG)
    home.stage.rest()
    return found


def sent(home: System, message_id: str) -> int:
    return sum(one["Message-ID"] == message_id for one in home.mailer.letters())


def real(home: System) -> None:
    """Let the home run in real time, so that the relay's clock is its own."""
    with home.app.database.writing() as connection:
        connection.execute(tables.home.update().values(simulated=False, stands_at=None, runs_from=None))


def journal(home: System, number: str) -> list[tuple[str, str, Any]]:
    return [(one["event"], one["by"], one["facts"]) for one in case(home, number)["journal"]]


def test_request_that_the_log_names_was_made(ready: System) -> None:
    number = asked(ready)
    lost = letter(ready, number, "supplement_asked")
    [told] = by_log(ready, lost["message_id"])
    assert (told.letter.id, told.becomes) == (lost["letter"], "sent")
    assert letter(ready, number, "supplement_asked")["state"] == "sent"
    assert case(ready, number)["requests"][0]["asked_on"] == "2026-10-20"
    assert overview.tasks(ready.app) == []
    assert sent(ready, lost["message_id"]) == 0


def test_decision_that_the_log_names_closes_its_case(ready: System) -> None:
    number = decided(ready, Unknown("gone"))
    lost = letter(ready, number, "rejected")
    by_log(ready, f"accepted: {lost['message_id']}")
    found = case(ready, number)
    assert (found["state"], found["waits_for"]) == ("closed", None)
    assert ("letter_settled", BY_LOG, {"letter": lost["letter"], "kind": "rejected"}) in journal(
        ready, number
    )


def test_case_closed_by_a_later_look_at_the_log_accuses_nobody_before_or_after_erasing(ready: System) -> None:
    number = decided(ready, Unknown("gone"))
    lost = letter(ready, number, "rejected")
    real(ready)
    written = datetime.fromisoformat(lost["written_at"]).astimezone(UTC)
    ready.clock.at = written + timedelta(days=20)
    by_log(ready, f"{written:%Y-%m-%dT%H:%M:%SZ} accepted {lost['message_id']} status=sent (250 OK)")
    closed_on = case(ready, number)["closed_on"]
    assert closed_on == written.date().isoformat() != ready.clock.at.date().isoformat()
    assert verifying.verify(ready.app).faults == []
    alter_day(ready, number, date(2026, 1, 1))
    [fault] = verifying.verify(ready.app).faults
    assert fault["says"] == f"has closed_on 2026-01-01, where its journal leads to {closed_on}"
    alter_day(ready, number, date.fromisoformat(closed_on))
    ready.clock.at = written + timedelta(days=4000)
    assert number in erasing.erase_all(ready.app, "Ineke")["cases"]
    assert verifying.verify(ready.app).faults == []


def alter_day(home: System, number: str, day: date) -> None:
    table = tables.cases
    with home.app.database.writing() as connection:
        connection.execute(table.update().where(table.c.number == number).values(closed_on=day))


def test_letter_that_the_log_does_not_name_stays_unknown(ready: System) -> None:
    number = asked(ready)
    [told] = by_log(ready, "<other@register.example>")
    assert told.becomes == "unknown"
    assert letter(ready, number, "supplement_asked")["state"] == "unknown"
    assert "unknown_letter" in case(ready, number)["waits_for"]


def test_letter_that_a_complete_log_does_not_name_goes_out_the_same(ready: System) -> None:
    number = asked(ready)
    lost = letter(ready, number, "supplement_asked")
    before = content(ready, lost["letter"])
    [told] = by_log(ready, "<other@register.example>", is_complete=True)
    assert told.becomes == "queued"
    assert letter(ready, number, "supplement_asked")["state"] == "sent"
    assert before in ready.mailer.sent
    assert sent(ready, lost["message_id"]) == 1
    assert case(ready, number)["requests"][0]["asked_on"] == "2026-10-20"
    assert overview.tasks(ready.app) == []


def content(home: System, key: str) -> bytes:
    table = tables.letter_contents
    with home.app.database.reading() as connection:
        raw: bytes = connection.execute(select(table.c.raw).where(table.c.letter_id == key)).scalar_one()
    return raw


def test_letter_that_the_log_names_without_taking_it_stays_unknown(ready: System) -> None:
    number = asked(ready)
    lost = letter(ready, number, "supplement_asked")
    line = f"2026-10-20T10:00:00+02:00 mx postfix/cleanup[1]: 4F2C81A0: message-id={lost['message_id']}"
    [told] = by_log(ready, line, is_complete=True)
    assert told.becomes == "unknown"
    assert letter(ready, number, "supplement_asked")["state"] == "unknown"


def test_log_that_begins_later_than_the_letter_cannot_deny_it(ready: System) -> None:
    number = asked(ready)
    real(ready)
    end = _last_attempt_over(ready)
    ready.clock.at = end + timedelta(days=1)
    [told] = by_log(ready, f"2026-10-20T23:00:00Z mx something\n{end.isoformat()} mx more", is_complete=True)
    assert (told.becomes, told.why) == ("unknown", settling._TOO_LATE)
    [told] = by_log(ready, f"2026-10-19T23:00:00Z mx something\n{end.isoformat()} mx more", is_complete=True)
    assert told.becomes == "queued"
    assert letter(ready, number, "supplement_asked")["state"] == "sent"


def test_log_that_ends_before_the_last_attempt_was_over_cannot_deny_the_letter(ready: System) -> None:
    asked(ready)
    real(ready)
    end = _last_attempt_over(ready)
    ready.clock.at = end + timedelta(days=1)
    lines = [
        end - timedelta(days=90),
        end - timedelta(seconds=1),
        end + timedelta(days=2),
    ]  # the last lies ahead
    log = "\n".join(f"{moment.isoformat()} mx something" for moment in lines)
    [told] = by_log(ready, log, is_complete=True)
    assert (told.becomes, told.why) == ("unknown", settling._TOO_EARLY)


def _last_attempt_over(home: System) -> datetime:
    table = tables.letters
    with home.app.database.reading() as connection:
        until = connection.execute(select(table.c.lease_until).where(table.c.state == "unknown")).scalar_one()
    assert isinstance(until, datetime)
    return until


def test_day_of_the_log_is_the_day_of_the_decision(ready: System) -> None:
    number = decided(ready, Unknown("gone"))  # on 22 October
    lost = letter(ready, number, "rejected")
    real(ready)
    ready.clock.at = datetime(2026, 10, 28, 12, tzinfo=UTC)
    by_log(ready, f"2026-10-23T08:00:00Z mx took {lost['message_id']}")
    found = case(ready, number)
    assert (found["closed_on"], letter(ready, number, "rejected")["sent_on"]) == ("2026-10-23", "2026-10-23")
    with ready.app.database.reading() as connection:
        in_effect = select(tables.cases.c.in_effect_on).where(tables.cases.c.number == number)
        assert str(connection.execute(in_effect).scalar_one()) == "2026-10-23"


def test_clock_of_a_relay_that_is_wrong_makes_no_letter_older_than_it_is(ready: System) -> None:
    number = decided(ready, Unknown("gone"))
    lost = letter(ready, number, "rejected")
    real(ready)
    ready.clock.at = datetime(2026, 10, 28, 12, tzinfo=UTC)
    by_log(ready, f"2025-01-01T08:00:00Z mx took {lost['message_id']}")
    assert letter(ready, number, "rejected")["sent_on"] == "2026-10-22"


def test_looking_up_changes_nothing(ready: System) -> None:
    number = asked(ready)
    lost = letter(ready, number, "supplement_asked")
    [told] = settling.look_up(ready.app, [lost["message_id"].encode()], is_complete=False)
    assert told.becomes == "sent"
    assert letter(ready, number, "supplement_asked")["state"] == "unknown"


def test_settling_twice_is_settling_once(ready: System) -> None:
    number = asked(ready)
    lost = letter(ready, number, "supplement_asked")
    by_log(ready, lost["message_id"])
    assert by_log(ready, lost["message_id"], is_complete=True) == []
    assert [event for event, _, _ in journal(ready, number)].count("letter_settled") == 1


def test_letter_that_was_settled_meanwhile_is_left_as_it_is(ready: System) -> None:
    number = asked(ready)
    lost = letter(ready, number, "supplement_asked")
    found = settling.look_up(ready.app, [lost["message_id"].encode()], is_complete=False)
    settling.posted(ready.app, lost["letter"], "Tom de Wit")
    with pytest.raises(UsageError, match=f"{lost['letter']} is posted; it was settled meanwhile"):
        settling.settle(ready.app, found, BY_LOG)
    assert letter(ready, number, "supplement_asked")["state"] == "posted"


def test_held_letter_that_the_log_names_went_out_before(ready: System) -> None:
    """A home that was restored from a backup no longer knows."""
    number = decided(ready, Permanent("550 no"))
    key = letter(ready, number, "rejected")["letter"]
    with ready.app.database.writing() as connection:
        connection.execute(tables.letters.update().where(tables.letters.c.id == key).values(state="held"))
    by_log(ready, letter(ready, number, "rejected")["message_id"])
    assert letter(ready, number, "rejected")["state"] == "sent"
    assert case(ready, number)["state"] == "closed"


def test_letter_about_no_case_is_settled_too(ready: System) -> None:
    ready.mailer.faults = [Unknown("gone")]
    lost = refused_letter(ready)
    by_log(ready, lost["message_id"])
    assert overview.tasks(ready.app) == []
    [found] = [one for one in overview.letters(ready.app) if one["letter"] == lost["letter"]]
    assert found["state"] == "sent"


def test_request_counts_as_made_when_the_named_human_was_told_of_it(ready: System) -> None:
    """Its own letter cannot be mailed; the fate of the one to the human is unknown at first."""
    ready.mailer.faults = [Permanent("550 no"), Unknown("gone")]
    number = take_in(ready, incomplete()).case
    assert number is not None
    by_log(ready, letter(ready, number, "task_waiting")["message_id"])
    assert case(ready, number)["requests"][0]["asked_on"] == "2026-10-20"


def test_letter_posted_is_in_the_journal_with_who_did_it(ready: System) -> None:
    number = decided(ready, Permanent("550 no such user"))
    key = letter(ready, number, "rejected")["letter"]
    settling.posted(ready.app, key, "Tom de Wit")
    assert ("letter_posted", "Tom de Wit", {"letter": key, "kind": "rejected"}) in journal(ready, number)
