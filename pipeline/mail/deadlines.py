"""Deadlines as calendars read them (RFC 5545): all-day events, the same bytes for the same facts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from icalendar import Calendar, Event, vCalAddress, vText

from pipeline.domain.policy import Register
from pipeline.mail.letters import Attachment

PRODUCT: Final = "-//Validatiestraat//Termijnen//NL"

# The letters that tell until when a provider waits for a decision.
TOLD_IN: Final = ("confirmation", "supplement_received", "objection_received", "extended", "term_changed")


@dataclass(frozen=True)
class Deadline:
    """One day, or one moment, in somebody's calendar.

    Attributes:
        uid: the same for every version of this deadline; the newest ``sequence`` counts.
        on: a local day, or an aware moment.
        stamp: when this version was made, aware.
    """

    uid: str
    on: date | datetime
    summary: str
    description: str
    sequence: int
    stamp: datetime


def published(deadlines: Iterable[Deadline], register: Register, *, name: str | None = None) -> bytes:
    """Return a calendar that holds these deadlines; a reader is told, not asked.

    Args:
        name: of the calendar, for programs that follow it.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    if name is not None:
        calendar.add("x-wr-calname", name)
    for deadline in deadlines:
        calendar.add_component(_event(deadline, register))
    written: bytes = calendar.to_ical()
    return written


def _event(deadline: Deadline, register: Register) -> Event:
    event = Event()
    event.add("uid", deadline.uid)
    event.add("dtstamp", deadline.stamp.astimezone(UTC).replace(microsecond=0))
    event.add("sequence", deadline.sequence)
    on = deadline.on
    event.add("dtstart", on.astimezone(UTC) if isinstance(on, datetime) else on)
    event.add("summary", deadline.summary)
    event.add("description", deadline.description)
    event.add("transp", "TRANSPARENT")  # nobody is busy because of it
    organiser = vCalAddress(f"MAILTO:{register.address}")
    organiser.params["CN"] = vText(register.name)
    event["organizer"] = organiser
    return event


def decision(register: Register, number: str, due_on: date, sequence: int, stamp: datetime) -> Deadline:
    """Return the day by which a provider hears of a case."""
    return Deadline(
        uid(register, number, "besluit"),
        due_on,
        f"Uiterlijk besluit in zaak {number}",
        f"Uiterlijk op deze dag krijgt u ons besluit in zaak {number}.",
        sequence,
        stamp,
    )


def review(
    register: Register, number: str, reviewer: str, review_by: date, sequence: int, stamp: datetime
) -> Deadline:
    """Return the day by which a reviewer, told by id, is to answer."""
    return Deadline(
        uid(register, number, f"oordeel-{reviewer}"),
        review_by,
        f"Uw oordeel in zaak {number}",
        f"Wij ontvangen uw oordeel in zaak {number} graag uiterlijk op deze dag.",
        sequence,
        stamp,
    )


def uid(register: Register, number: str, what: str) -> str:
    """Return what a calendar knows a deadline by, whatever its day becomes."""
    return f"{number}-{what}@{register.sender.rpartition('@')[2]}".lower()


def attached(name: str, deadline: Deadline, register: Register) -> Attachment:
    """Return a deadline as a file to go with a letter (RFC 6047)."""
    parameters = {"method": "PUBLISH", "charset": "utf-8"}
    return Attachment(name, published([deadline], register), "text/calendar", parameters)
