"""A date in a letter goes into a calendar, and a newer one takes its place there."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from pipeline.mail.deadlines import TOLD_IN, Deadline, attached, decision, published
from pipeline.mail.letters import KINDS, Attachment
from tests.mail.samples import REGISTER, letter, opened

NOW = datetime(2026, 10, 19, 8, 0, 5, 123, UTC)
TOLD = decision(REGISTER, "A-2026-000123", date(2026, 12, 7), 2, NOW)


def events(written: bytes) -> list[Any]:
    return list(Calendar.from_ical(written).walk("VEVENT"))


def test_deadline_is_one_whole_day_and_names_nobody() -> None:
    (event,) = events(published([TOLD], REGISTER))
    found = {name: event.decoded(name) for name in ("dtstart", "dtstamp", "sequence")}
    assert found == {"dtstart": date(2026, 12, 7), "dtstamp": NOW.replace(microsecond=0), "sequence": 2}
    assert str(event["uid"]) == "a-2026-000123-besluit@register.example"
    assert str(event["summary"]) == "Uiterlijk besluit in zaak A-2026-000123"
    assert str(event["organizer"]) == "MAILTO:vragen@register.example"


def test_newer_date_has_the_same_id_and_a_higher_sequence() -> None:
    later = decision(REGISTER, "A-2026-000123", date(2026, 12, 21), 6, NOW + timedelta(days=40))
    (old,), (new,) = events(published([TOLD], REGISTER)), events(published([later], REGISTER))
    assert old["uid"] == new["uid"]
    assert new["sequence"] > old["sequence"]


def test_calendar_is_written_as_rfc_5545_wants_it() -> None:
    long = Deadline("1@register.example", date(2026, 12, 7), "é" * 300, "een; twee, drie\nvier", 0, NOW)
    written = published([long], REGISTER, name="Termijnen")
    lines = written.split(b"\r\n")
    assert lines[0] == b"BEGIN:VCALENDAR"
    assert lines[-2:] == [b"END:VCALENDAR", b""]
    assert max(map(len, lines)) <= 75
    assert b"\n" not in written.replace(b"\r\n", b"")
    assert {b"METHOD:PUBLISH", b"VERSION:2.0"} <= set(lines)
    (event,) = events(written)
    assert (str(event["summary"]), str(event["description"])) == (long.summary, long.description)


def test_same_facts_are_the_same_bytes() -> None:
    assert published([TOLD], REGISTER) == published([TOLD], REGISTER)


def test_letter_brings_the_date_as_a_calendar_file() -> None:
    date_of_it = attached("besluit-A-2026-000123.ics", TOLD, REGISTER)
    (part,) = opened(letter("confirmation", attachments=[date_of_it])).iter_attachments()
    assert (part.get_content_type(), part.get_filename()) == ("text/calendar", "besluit-A-2026-000123.ics")
    assert (part.get_param("method"), part.get_param("charset")) == ("PUBLISH", "utf-8")
    assert part.get_payload(decode=True) == date_of_it.content


def test_attachment_without_parameters_has_none() -> None:
    (part,) = opened(
        letter("granted", attachments=[Attachment("a.png", b"1", "image/png")])
    ).iter_attachments()
    assert part["Content-Type"] == "image/png"


@pytest.mark.parametrize("kind", [kind for kind in TOLD_IN if kind in KINDS])
def test_letter_that_tells_a_date_says_that_it_is_attached(kind: str) -> None:
    body = opened(letter(kind)).get_body(("plain",))
    assert body is not None
    assert "datum zit als bijlage bij deze e-mail" in body.get_content()
