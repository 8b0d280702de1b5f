"""Every deadline of a case stands in a calendar: the provider's, the reviewer's and the operators'."""

from __future__ import annotations

from datetime import date
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

from icalendar import Calendar

from pipeline.casework import deadlines, extending
from pipeline.store import tables
from tests.casework.events import at, case, event, take_in
from tests.casework.test_cases import submitted
from tests.stages import System, system


def events(written: bytes | str) -> list[Any]:
    return list(Calendar.from_ical(written).walk("VEVENT"))


def in_letters(home: System, begins: str) -> list[Any]:
    """Return the dates that came with letters whose attachment has such a name."""
    found = []
    for raw in home.mailer.sent:
        message = message_from_bytes(raw, policy=SMTP)
        assert isinstance(message, EmailMessage)
        for part in message.iter_attachments():
            if (part.get_filename() or "").startswith(begins):
                found += events(part.get_content())
    return found


def test_provider_gets_each_new_date_in_the_place_of_the_former(ready: System) -> None:
    number = submitted(ready)
    former = case(ready, number)["due_on"]
    extending.extend(ready.app, number, date(2027, 1, 11), "Een beoordelaar is ziek.", "Ineke Vermeer")
    ready.stage.rest()

    first, second = in_letters(ready, f"besluit-{number}")

    assert [each.decoded("dtstart").isoformat() for each in (first, second)] == [former, "2027-01-11"]
    assert first["uid"] == second["uid"]
    assert first["sequence"] < second["sequence"]


def test_reviewer_gets_the_day_to_answer(ready: System) -> None:
    number = submitted(ready)
    asked = {one["review_by"] for one in case(ready, number)["assignments"]}
    found = in_letters(ready, f"oordeel-{number}")
    assert len(found) == 2
    assert {each.decoded("dtstart").isoformat() for each in found} == asked


def test_feed_holds_every_deadline_of_what_is_open(ready: System) -> None:
    number = submitted(ready)
    written = deadlines.feed(ready.app)
    found = {str(each["uid"]).partition("@")[0]: each for each in events(written)}
    known = case(ready, number)
    reviewers = {f"{number}-oordeel-{one['reviewer']}".lower() for one in known["assignments"]}

    assert set(found) == {f"{number}-besluit".lower(), f"{number}-herinnering".lower(), *reviewers}
    assert found[f"{number}-besluit".lower()].decoded("dtstart").isoformat() == known["due_on"]
    assert deadlines.feed(ready.app) == written
    assert b"@school" not in written
    assert not any(one["name"].encode() in written for one in known["assignments"])


def test_feed_does_not_name_who_asks_to_be_admitted(tmp_path: Path) -> None:
    home = system(tmp_path / "home")
    at(home, "2026-10-05T15:40:00+02:00")
    asked = event("app-02")
    take_in(home, asked)
    written = deadlines.feed(home.app)
    assert len(events(written)) == 2
    assert asked["data"]["provider"]["name"].encode() not in written


def test_mark_of_the_feed_changes_when_the_feed_does_and_not_before(ready: System) -> None:
    number = submitted(ready)
    seen = [(deadlines.mark(ready.app), deadlines.feed(ready.app))]
    assert (deadlines.mark(ready.app), deadlines.feed(ready.app)) == seen[0]

    extending.extend(ready.app, number, date(2027, 1, 11), "Een beoordelaar is ziek.", "Ineke Vermeer")
    seen.append((deadlines.mark(ready.app), deadlines.feed(ready.app)))
    with ready.app.database.writing() as connection:  # as where a case is parked without a version of its own
        connection.execute(tables.cases.update().values(wake_at=None))
    seen.append((deadlines.mark(ready.app), deadlines.feed(ready.app)))

    assert [len(set(each)) for each in zip(*seen, strict=True)] == [3, 3]
