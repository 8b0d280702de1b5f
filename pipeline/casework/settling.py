"""What became of a letter that could not be mailed, or of which nobody knew, is settled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import or_, select

from pipeline.casework import delivery, handling, mailing
from pipeline.casework.handling import Step
from pipeline.casework.posting import first_ring
from pipeline.contract import received_on
from pipeline.domain.lifecycle import ON_SENT, Event
from pipeline.mail import relay_log
from pipeline.mail.relay_log import Log
from pipeline.store import rows, tables
from pipeline.store.reading import all_of
from pipeline.store.unit import ringing_again
from pipeline.wiring import App

DECISIONS = tuple(kind for kind, event in ON_SENT.items() if event is Event.DECISION_SENT)
# What a relay's log can tell of: nobody knows, or what a restored home no longer knows.
OPEN: Final = (rows.UNKNOWN, rows.HELD, rows.QUEUED)
# In a held home also what had failed at the backup: somebody may have sent it again since.
OPEN_WHERE_HELD: Final = (*OPEN, rows.FAILED)
BY_LOG: Final = "the relay's log"

_ACCEPTED: Final = "The log says that the relay accepted it."
_NOT_ACCEPTED: Final = "The log is complete and does not name it: it goes out again, the same."
_ABSENT: Final = "The log does not name it; --rest-not-accepted says that the log is complete."
_UNSURE: Final = "The log names it, but not as accepted; give all lines about it."
_TOO_LATE: Final = "The log begins after the letter was written, so that it cannot tell."
_TOO_EARLY: Final = (
    "The log ends before the last attempt surely had, so that it cannot tell; give a later one."
)


@dataclass(frozen=True)
class Settled:
    """What a log tells of a letter, and what the letter becomes by it; the same where that is nothing."""

    letter: rows.Letter
    becomes: str
    why: str
    at: datetime | None = None

    @property
    def on(self) -> date | None:
        """The local day on which it was accepted, where the log tells it."""
        return None if self.at is None else received_on(self.at)


def posted(app: App, letter_id: str, by: str) -> None:
    """Record that a letter that cannot be mailed was printed and posted today.

    Raises:
        NotFound: there is no such letter.
        UsageError: the letter is no longer to be posted.
    """
    letter, now = handling.found(app, letter_id), app.clock.now()
    states: tuple[str, ...] = (rows.FAILED, rows.UNKNOWN)
    says = "only a failed or unknown letter can be posted, or one that bounced"
    if letter.bounced_at is not None:
        states = (*states, rows.SENT)
    step = Step("letter_posted", says, states, _gone(rows.POSTED, now))
    on = received_on(now)
    handling.take(app, letter, by, step, lambda draft: delivery.delivered(draft, letter, on))


def settle_as_received(app: App, number: str, by: str) -> None:
    """Count a decision letter of unknown fate as received: whoever objects to it has it.

    In a held home that goes for one that waits as well: it left after the backup was made.
    """
    held = mailing.of(app).held_at is not None
    letters, cases = tables.letters, tables.cases
    of_case = select(cases.c.id).where(cases.c.number == number).scalar_subquery()
    with app.database.reading() as connection:
        unknown = all_of(
            connection,
            rows.Letter,
            letters.c.case_id == of_case,
            letters.c.state.in_((rows.UNKNOWN, rows.HELD) if held else (rows.UNKNOWN,)),
            letters.c.kind.in_(DECISIONS),
        )
    for letter in unknown:
        _accept(app, letter, None, by)


def look_up(app: App, lines: Iterable[bytes], *, is_complete: bool) -> list[Settled]:
    """Return what a relay's log tells of the letters that are not settled; changes nothing.

    Args:
        lines: of the log, or Message-IDs, one a line.
        is_complete: the log holds all that the relay accepted since the letters were written.
    """
    table, order = tables.letters, [tables.letters.c.written_at, tables.letters.c.id]
    had_a_way = or_(table.c.state != rows.FAILED, table.c.to_address != "")
    where = (table.c.state.in_(_open(app)), had_a_way)
    with app.database.reading() as connection:
        letters = all_of(connection, rows.Letter, *where, order=order)
    log = relay_log.read(lines, [one.message_id for one in letters], app.system.now())
    if app.clock.is_simulated():  # the relay's clock is another than the home's
        log = Log(dict.fromkeys(log.accepted), log.named)
    now = app.clock.now()
    found = (_told(letter, log, now, is_complete) for letter in letters)
    return [one for one in found if one is not None]


def settle(app: App, found: Iterable[Settled], by: str) -> None:
    """Settle letters as the log tells; safe to do twice.

    Raises:
        UsageError: a letter has moved since the log was looked at; the others before it are settled.
    """
    for one in found:
        if one.becomes == rows.SENT:
            _accept(app, one.letter, one.at, by)
        elif one.becomes == rows.QUEUED and one.letter.state == rows.UNKNOWN:
            _send_again(app, one.letter, by)


def _open(app: App) -> tuple[str, ...]:
    """Return the states in which the fate of a letter is open."""
    return OPEN if mailing.of(app).held_at is None else OPEN_WHERE_HELD


def _told(letter: rows.Letter, log: Log, now: datetime, is_complete: bool) -> Settled | None:
    if letter.message_id in log.accepted:
        return Settled(letter, rows.SENT, _ACCEPTED, _between(letter, log.accepted[letter.message_id], now))
    if letter.state != rows.UNKNOWN:
        return None  # it is on its way, or waits for somebody
    if letter.message_id in log.named:
        return Settled(letter, rows.UNKNOWN, _UNSURE)
    if not is_complete:
        return Settled(letter, rows.UNKNOWN, _ABSENT)
    if log.begins_at is not None and log.begins_at > letter.written_at:
        return Settled(letter, rows.UNKNOWN, _TOO_LATE)
    if log.ends_at is not None and log.ends_at < (letter.lease_until or letter.written_at):
        return Settled(letter, rows.UNKNOWN, _TOO_EARLY)
    return Settled(letter, rows.QUEUED, _NOT_ACCEPTED)


def _between(letter: rows.Letter, at: datetime | None, now: datetime) -> datetime | None:
    """No letter was accepted before it was written, or lies ahead: the relay's clock may be another."""
    return None if at is None else min(max(at, letter.written_at), now)


def _accept(app: App, letter: rows.Letter, at: datetime | None, by: str) -> None:
    """Count a letter as sent, on the day of that where it is known."""
    gone = _gone(rows.SENT, at or app.clock.now())
    step = Step("letter_settled", "it was settled meanwhile", _open(app), gone)
    on = None if at is None else received_on(at)
    handling.take(app, letter, by, step, lambda draft: delivery.delivered(draft, letter, on))


def _send_again(app: App, letter: rows.Letter, by: str) -> None:
    values = {"state": rows.QUEUED, "token": None, **ringing_again(first_ring(app))}
    step = Step(
        "letter_not_accepted", "it was settled meanwhile", (rows.UNKNOWN,), values, rings=letter.id
    )  # fmt: skip
    handling.take(app, letter, by, step)


def _gone(state: str, at: datetime) -> dict[str, object]:
    waits_no_more = {"token": None, "retry_at": None, "wake_at": None, "lease_until": None}
    return {"state": state, "sent_at": at, "sent_on": received_on(at), **waits_no_more}
