"""One letter goes out: it is sent once, or nobody claims to know that it was."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, NamedTuple

import structlog
from sqlalchemy import Connection, bindparam, select

from pipeline import logs
from pipeline.casework import (
    contents,
    delivery,
    dossier,
    effects,
    leaving,
    mailing,
    parking,
    suppressing,
    walk,
)
from pipeline.casework.dossier import Dossier
from pipeline.casework.draft import Draft
from pipeline.casework.posting import Posted, closing, is_told_of, task_about, told_instead
from pipeline.contract import received_on
from pipeline.domain.lifecycle import ON_SENT
from pipeline.domain.policy import TaskKind
from pipeline.errors import Stale, Unreachable
from pipeline.mail.smtp import Aborted, MailError, Permanent, Unknown
from pipeline.store import rows, tables
from pipeline.store.prepared import Prepared
from pipeline.store.reading import by_id
from pipeline.store.unit import Change, Guard, Op
from pipeline.wiring import App

BY: Final = "mail server"
PATIENCE: Final = (0.0, 0.02, 0.03, 0.08, 0.17, 0.33)  # of the timeout; together well within a lease
_NUMBER: Final = Prepared(select(tables.cases.c.number).where(tables.cases.c.id == bindparam("case")))
_STATE: Final = Prepared(select(tables.letters.c.state).where(tables.letters.c.id == bindparam("letter")))
_log = structlog.get_logger()
_pause = threading.Event()  # never set: only waited for


def dispatch(app: App, letter_id: str) -> None:
    """Send a queued letter; safe to call twice.

    A letter whose attempt was broken off is never sent blindly again: it becomes unknown.
    """
    seen = _look(app, letter_id)
    if seen is None:
        return
    letter = seen.letter
    logs.about(letter.correlation, letter=letter.id, kind=letter.kind, **seen.case)
    if letter.state == rows.SENDING and letter.retry_at is not None and _is_lapsed(app, letter):
        _unknown(app, letter, "The attempt to send it was broken off.")
    elif letter.state == rows.QUEUED and seen.mails and leaving.may_leave(app, letter):
        _send(app, seen)


class _Seen(NamedTuple):
    """A letter as one look shows it.

    Attributes:
        case: for the log, the number of the case that it is about.
        mails: whether this home mails.
        bounces: whether nothing is mailed to its address for now.
        raw: its bytes, where it waits to be sent.
    """

    letter: rows.Letter
    case: dict[str, str]
    mails: bool
    bounces: bool
    raw: bytes


def _look(app: App, letter_id: str) -> _Seen | None:
    with app.database.reading() as connection:
        letter = by_id(connection, rows.Letter, letter_id)
        if letter is None:
            return None
        number = _NUMBER.row(connection, {"case": letter.case_id})
        mails = mailing.seen(connection, app.settings).mails
        bounces = suppressing.is_suppressed(connection, letter.to_address)
        raw = contents.of(connection, letter_id) if letter.state == rows.QUEUED else b""
    return _Seen(letter, {} if number is None else {"case": number[0]}, mails, bounces, raw)


def read(app: App, letter_id: str) -> rows.Letter | None:
    """Return a letter as it now stands."""
    with app.database.reading() as connection:
        return by_id(connection, rows.Letter, letter_id)


def lease(app: App) -> timedelta:
    """Return how long an attempt that has begun may last: the server's answer, and as long to write it."""
    return 2 * _timeout(app)


def _timeout(app: App) -> timedelta:
    return timedelta(seconds=app.policy.machinery.mail_timeout_seconds)


def _is_lapsed(app: App, letter: rows.Letter) -> bool:
    return letter.lease_until is not None and letter.lease_until <= app.system.now()


class _Attempt:
    """One try to send a letter; until it has begun, another try may begin as well."""

    def __init__(self, app: App, letter: rows.Letter) -> None:
        self.app = app
        self.letter = letter
        self.token = app.new_id()
        self.begun = False
        self.lease_until: datetime | None = None  # of a letter of unknown fate: until when to look for it

    def outcome(self, **values: Any) -> Change:
        """Return the change that says what became of it, only where it may say so.

        The owner of a token may still tell the truth after its lease has lapsed.
        """
        mine = {"token": self.token} if self.begun else {"state": rows.QUEUED}
        waits_no_more = {"retry_at": None, "wake_at": None, "turn_at": None, "lease_until": None}
        told = {**waits_no_more, "unfinished": 0, **values}
        must = self.begun or values["state"] == rows.FAILED  # a task comes with it
        return Change(tables.letters, {"id": self.letter.id, **mine}, told, must=must)

    def begin(self) -> bool:
        """Commit that the letter is being sent; False when it must not leave."""
        for _ in range(walk.TRIES):
            with self.app.database.reading() as connection:
                letter = by_id(connection, rows.Letter, self.letter.id)
                if letter is None or letter.state != rows.QUEUED:
                    return False
                mails = mailing.seen(connection, self.app.settings).mails
                known = _presumed(connection, letter)
            if not mails:
                return False
            with suppress(Stale):
                self.begun = self._begun(letter, known)
                return self.begun
        return False

    def _begun(self, letter: rows.Letter, known: Dossier | None) -> bool:
        """Commit it, given the case that the letter presumes something of."""
        guards, holds = _still(self.app, letter, known)
        queued = {"id": letter.id, "state": rows.QUEUED}
        until = self.app.system.now() + lease(self.app)
        values: dict[str, Any] = {"state": rows.CANCELLED, "retry_at": None, "wake_at": None}
        if holds:
            self.lease_until = until
            times = {"lease_until": until, "retry_at": until, "wake_at": None}
            counts = {"attempts": letter.attempts + 1, "unfinished": 0}
            values = {"state": rows.SENDING, "token": self.token, **counts, **times}
        may = mailing.unless_forbidden(self.app.settings)
        self.app.unit.write([*guards, may, Change(tables.letters, queued, values)])
        return holds


def _presumed(connection: Connection, letter: rows.Letter) -> Dossier | None:
    if letter.case_id is None or letter.kind not in delivery.PRESUMING:
        return None
    return dossier.read(connection, letter.case_id)


def _still(app: App, letter: rows.Letter, known: Dossier | None) -> tuple[list[Op], bool]:
    if known is None:
        return [], True
    draft = Draft(app, known, app.clock.now(), BY)
    return [Guard(tables.cases, known.case.id, known.case.version)], delivery.still_holds(draft, letter)


def _send(app: App, seen: _Seen) -> None:
    letter, attempt = seen.letter, _Attempt(app, seen.letter)
    if seen.bounces:
        _fail(attempt, suppressing.WHY)
        return
    sender = app.policy.register_.sender
    try:
        answer = app.mailer.deliver(sender, letter.to_address, seen.raw, before_data=attempt.begin)
    except Aborted:
        return
    except Unknown as error:
        _persist(app, partial(_lose, attempt, str(error)))
    except Permanent as error:
        _persist(app, partial(_fail, attempt, str(error)))
    except MailError as error:
        _again_later(attempt, str(error))
    except Exception as error:
        if attempt.begun:
            raise  # the server may have it: when the lease lapses nobody claims to know
        _again_later(attempt, f"{type(error).__name__}: {error}")
    else:
        _persist(app, partial(_sent, attempt, answer))


def _persist(app: App, write: Callable[[], None]) -> None:
    """Write what the server said; a database that is away for a moment must not turn it into a guess."""
    for share in PATIENCE:
        try:
            write()
            return
        except Unreachable:
            _pause.wait(share * _timeout(app).total_seconds())
    write()


def _sent(attempt: _Attempt, answer: str) -> None:
    app, letter = attempt.app, attempt.letter
    now = app.clock.now()
    sent = {"state": rows.SENT, "answer": answer, "sent_at": now, "sent_on": received_on(now)}
    change = attempt.outcome(**sent, last_error=None)
    if letter.kind in ON_SENT or letter.stands_for or _is_given_up(app, letter):
        today = received_on(now)
        _write(app, letter, change, lambda draft, each: delivery.delivered(draft, each, today))
    else:
        app.unit.write([change])
    _log.info("letter_sent", code=answer[:3])


def _is_given_up(app: App, letter: rows.Letter) -> bool:
    """Say whether another worker had given up the attempt that the server has now answered."""
    with app.database.reading() as connection:
        return _STATE.row(connection, {"letter": letter.id}) == [rows.UNKNOWN]


def _lose(attempt: _Attempt, error: str) -> None:
    change = attempt.outcome(state=rows.UNKNOWN, last_error=error, lease_until=attempt.lease_until)
    _write(attempt.app, attempt.letter, change, delivery.lost_sight_of)
    _log.warning("letter_unknown", error=error)


def _unknown(app: App, letter: rows.Letter, error: str) -> None:
    ended = {"retry_at": None, "unfinished": 0}
    values = {"state": rows.UNKNOWN, "last_error": error, **ended}
    lapsed = {"id": letter.id, "state": rows.SENDING, "token": letter.token}
    _write(app, letter, Change(tables.letters, lapsed, values), delivery.lost_sight_of)
    _log.warning("letter_unknown", error=error)


def _fail(attempt: _Attempt, error: str, **more: Any) -> None:
    """Let a letter fail; one that has not begun only where nobody else has it in hand, nor has corrected it."""
    app = attempt.app
    for left in reversed(range(walk.TRIES)):
        current = read(app, attempt.letter.id)
        if not attempt.begun and (current is None or current.state != rows.QUEUED):
            return  # another attempt had more luck
        change = attempt.outcome(state=rows.FAILED, last_error=error, **more)
        try:
            _write(app, attempt.letter, change, lambda draft, each: delivery.failed(draft, each, error))
            break
        except Stale:
            if attempt.begun or not left:
                raise
    _log.warning("letter_failed", error=error)


def give_up(app: App, letter_id: str, error: str) -> None:
    """Let a letter fail that no attempt comes to send; one whose attempt was broken off is unknown."""
    letter = read(app, letter_id)
    if letter is not None and letter.state == rows.QUEUED:
        _fail(_Attempt(app, letter), error, unfinished=letter.unfinished)
    elif letter is not None and letter.state == rows.SENDING and _is_lapsed(app, letter):
        parking.park_letter(app, letter, error)


def _again_later(attempt: _Attempt, error: str) -> None:
    """Try again with growing pauses; the letter was surely not accepted."""
    app, tries = attempt.app, attempt.letter.attempts + 1
    machinery = app.policy.machinery
    if tries >= machinery.letter_tries_before_failed:
        _fail(attempt, error)
        return
    pause = min(machinery.ring_after_seconds * 2 ** min(tries, 10), machinery.letter_wait_at_most_seconds)
    retry_at = app.system.now() + timedelta(seconds=pause)
    again = attempt.outcome(state=rows.QUEUED, attempts=tries, last_error=error, retry_at=retry_at)
    if _is_given_up(app, attempt.letter):
        _write(app, attempt.letter, again, effects.close_tasks_of)
    else:
        app.unit.write([again])
    _log.info("letter_again_later", error=error, attempts=tries, seconds=pause)


def _write(
    app: App, letter: rows.Letter, change: Change, follow: Callable[[Draft, rows.Letter], None]
) -> None:
    """Write what became of a letter together with the step that its case takes.

    What became of it is written also where the step fails, which is then put off.
    """
    if letter.case_id is None:
        _write_alone(app, letter, change)
        return

    def both(draft: Draft) -> None:
        draft.op(change)
        if not draft.attempt(lambda each: follow(each, letter)):
            delivery.put_off(draft, letter, change.values["state"])

    walk.advance(app, letter.case_id, BY, both)


def _write_alone(app: App, letter: rows.Letter, change: Change) -> None:
    """Write what became of a letter about no case; where it needs a human it brings a task, else it ends it."""
    state = change.values["state"]
    if state in (rows.SENT, rows.QUEUED):
        app.unit.write([change, closing(letter, app.clock.now())])
    elif (told := _told(app, letter, state)) is None:
        app.unit.write([change])
    else:
        app.unit.write([change, *told.ops])
        app.ring("dispatch", told.letter.id)


def _told(app: App, letter: rows.Letter, state: str) -> Posted | None:
    """Return the letter that tells a named human what became of one, where they need to be told."""
    kinds: dict[str, TaskKind] = {rows.FAILED: "unmailable", rows.UNKNOWN: "unknown_letter"}
    kind, now = kinds.get(state), app.clock.now()
    if letter.kind == "task_waiting":
        return told_instead(app, now, letter) if state == rows.FAILED else None
    if kind is None or is_told_of(app, kind, letter):
        return None
    return task_about(app, now, kind, letter, letter.subject)
