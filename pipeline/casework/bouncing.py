"""What came back by mail is kept, tied to its letter where it surely is about it, and acted on once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import structlog
from sqlalchemy import Connection, or_

from pipeline.casework import correspondence, delivery, moving, suppressing, walk
from pipeline.casework.draft import Draft
from pipeline.casework.parking import write_with_task
from pipeline.casework.posting import Posted, closing, is_told_of, new_task, task_about, told_instead
from pipeline.contract import received_on
from pipeline.domain.lifecycle import RECIPIENTS, Event, State
from pipeline.errors import Stale, Unreachable, shorten
from pipeline.mail import bounces
from pipeline.mail.bounces import FAILED, LARGEST, Fate, NoNotification, Notification
from pipeline.store import rows, tables
from pipeline.store.reading import all_of, one_of
from pipeline.store.unit import Change, HomeNote, Op, new
from pipeline.wiring import App

_log = structlog.get_logger()

BY: Final = "mail system"
# Somebody else is asked where these do not arrive.
REVIEWS: Final = ("review_asked", "review_reminder", "verdict_annulled")
# A notification proves that the relay had the letter, whatever we knew of it.
NOT_KNOWN: Final = (rows.UNKNOWN, rows.HELD, rows.QUEUED)


@dataclass(frozen=True)
class Read:
    """A notification as it is kept, with the letter that it is tied to, if it is to any."""

    bounce: rows.Bounce
    letter: rows.Letter | None = None

    @property
    def is_failure(self) -> bool:
        """Whether a letter of ours did not arrive."""
        return self.letter is not None and self.bounce.action == FAILED


def take_in(app: App, raw: bytes) -> rows.Bounce:
    """Keep what came back, and act on it; the same bytes again change nothing.

    Raises:
        Unreachable: the database is away; nothing is kept yet.
        Stale: rows kept changing under our hands; likewise.
    """
    digest = hashlib.sha256(raw).hexdigest()
    for left in reversed(range(walk.TRIES)):
        now = app.clock.now()  # before the look: a thread has one connection to the database at a time
        with app.database.reading() as connection:
            known = one_of(connection, rows.Bounce, tables.bounces.c.digest == digest)
            if known is not None:
                return known
            read = _read(rows.Bounce(app.new_id(), now, raw[:LARGEST], len(raw), digest), raw, connection)
        try:
            _keep(app, read)
            break
        except Stale:
            if not left:
                raise
        except Unreachable:
            raise
        except Exception as error:  # noqa: BLE001 -- whatever it is, what came back is kept and an operator sees it
            _log.exception("bounce_not_acted_on", bounce=read.bounce.id)
            _keep_only(app, read, f"It could not be acted on: {type(error).__name__}: {error}")
            break
    return read.bounce


def _read(kept: rows.Bounce, raw: bytes, connection: Connection) -> Read:
    try:
        told = bounces.read(raw)
    except NoNotification as error:
        return Read(replace(kept, diagnostic=str(error)))
    letter = _letter(connection, told)
    fate = _fate(told, letter)
    is_ours = letter is not None and fate is not None
    shown = fate or told.fates[0]
    kept = replace(
        kept,
        action=shown.action,
        status=shown.status or None,
        recipient=shown.addresses[-1],
        diagnostic=shown.diagnostic or None,
        message_id=told.message_id,
        letter_id=letter.id if letter and is_ours else None,
        case_id=letter.case_id if letter and is_ours else None,
    )
    return Read(kept, letter if is_ours else None)


def _letter(connection: Connection, told: Notification) -> rows.Letter | None:
    """Return the letter that is named by all that names one."""
    table = tables.letters
    named = [table.c.message_id == told.message_id] if told.message_id else []
    named += [table.c.id == told.envelope_id] if told.envelope_id else []
    found = all_of(connection, rows.Letter, or_(*named)) if named else []
    return found[0] if len(found) == 1 else None


def _fate(told: Notification, letter: rows.Letter | None) -> Fate | None:
    """Return what became of the letter at the address that it was for."""
    if letter is None or not letter.to_address:
        return None
    wanted = suppressing.compared(letter.to_address)
    ours = (fate for fate in told.fates if wanted in {suppressing.compared(one) for one in fate.addresses})
    return next(ours, None)


def _keep(app: App, read: Read) -> None:
    letter = read.letter
    if letter is None or not read.is_failure:
        app.unit.write([new(read.bounce)])
        return
    suppressing.suppress(app, letter, _reason(read.bounce))
    if letter.case_id is None:
        _act_alone(app, read.bounce, letter)
    else:
        walk.advance(app, letter.case_id, BY, lambda draft: _act(draft, read.bounce, letter))


def _keep_only(app: App, read: Read, why: str) -> None:
    """Keep what came back without acting on it, which is left to a named human."""
    letter = read.letter
    kept: list[Op] = [new(replace(read.bounce, diagnostic=why))]
    if letter is None:
        app.unit.write(kept)
        return
    key, detail = f"bounced:{letter.id}", f"{letter.subject}: {shorten(why)}"
    about = {"case_id": letter.case_id, "letter_id": letter.id}
    task = new_task(app, app.clock.now(), "bounced", key, detail, **about)
    try:
        write_with_task(app, kept, task, told=True)
    except Unreachable:
        raise
    except Exception:  # noqa: BLE001 -- what keeps it from being acted on may keep a letter from being written
        write_with_task(app, kept, task, told=False)


def _reason(bounce: rows.Bounce) -> str:
    return (
        " ".join(part for part in (bounce.status, bounce.diagnostic) if part) or "It could not be delivered."
    )


def _changed(app: App, letter: rows.Letter, bounce: rows.Bounce) -> Change:
    values: dict[str, Any] = {"bounced_at": bounce.received_at}
    if letter.state in NOT_KNOWN:
        now = bounce.received_at
        values |= {"state": rows.SENT, "sent_at": now, "sent_on": received_on(now)}
        values |= {"token": None, "retry_at": None, "wake_at": None}
    return Change(tables.letters, {"id": letter.id, "state": letter.state}, values)


def _facts(letter: rows.Letter, bounce: rows.Bounce) -> dict[str, Any]:
    return {"letter": letter.id, "kind": letter.kind, "bounce": bounce.id, "reason": _reason(bounce)}


def _act(draft: Draft, bounce: rows.Bounce, letter: rows.Letter) -> None:
    """Note that a letter about a case did not arrive, and see that somebody acts on it."""
    draft.add(bounce)
    draft.op(_changed(draft.app, letter, bounce))
    draft.note("letter_bounced", **_facts(letter, bounce))
    if letter.state in NOT_KNOWN:
        delivery.delivered(draft, letter)
    if letter.kind in REVIEWS:
        _ask_somebody_else(draft, letter)
    elif letter.kind == "task_waiting":
        correspondence.tell_deputy(draft, letter)
    else:
        correspondence.to_owner(draft, "bounced", f"{letter.subject}: {_reason(bounce)}", letter=letter)


def _ask_somebody_else(draft: Draft, letter: rows.Letter) -> None:
    asked = [one.reviewer_id for one in draft.dossier.assignments if one.state == rows.ASKED]
    if letter.reviewer_id in asked and draft.case.state is State.IN_REVIEW:
        moving.take(draft, Event.RELEASED, released=[letter.reviewer_id], out_of_reach=True)


def _act_alone(app: App, bounce: rows.Bounce, letter: rows.Letter) -> None:
    """Note that a letter about no case did not arrive, and tell a named human, unless that was what it did."""
    now = app.clock.now()
    ops: list[Op] = [new(bounce), _changed(app, letter, bounce)]
    if letter.state in NOT_KNOWN:
        ops.append(closing(letter, now))
    ops.append(HomeNote(now, "letter_bounced", BY, _facts(letter, bounce), app.new_id()))
    told = _told(app, now, bounce, letter)
    app.unit.write(ops if told is None else [*ops, *told.ops])
    if told is not None:
        app.ring("dispatch", told.letter.id)


def _told(app: App, now: datetime, bounce: rows.Bounce, letter: rows.Letter) -> Posted | None:
    """Return the letter that tells a named human; None where they were told already, or nobody is left."""
    if RECIPIENTS[letter.kind] == "owner":
        return told_instead(app, now, letter)
    if is_told_of(app, "bounced", letter):
        return None
    return task_about(app, now, "bounced", letter, f"{letter.subject}: {_reason(bounce)}")
