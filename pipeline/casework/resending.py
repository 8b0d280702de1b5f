"""A letter goes out once more, waits, or goes to another address: whatever somebody says is to be done with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from pipeline.casework import contents, handling, mailing, suppressing
from pipeline.casework.delivery import SENT_AGAIN
from pipeline.casework.draft import Draft
from pipeline.casework.handling import Step
from pipeline.casework.posting import Posted, addressee, first_ring, post, post_rendered
from pipeline.contract import received_on
from pipeline.domain.completeness import is_mailable
from pipeline.domain.lifecycle import RECIPIENTS
from pipeline.errors import UsageError
from pipeline.mail import readdressed
from pipeline.mail.letters import Attachment
from pipeline.store import rows
from pipeline.store.reading import by_id
from pipeline.store.unit import ringing_again
from pipeline.wiring import App

LONGEST_PREFACE: Final = 4000  # characters


def resend(app: App, letter_id: str, by: str) -> None:
    """Send a letter that failed, or of which nobody knows, once more: the same bytes.

    Raises:
        NotFound: there is no such letter.
        UsageError: it is another's turn, or its address is not to be used.
    """
    letter = handling.found(app, letter_id)
    _check_address(app, letter.to_address)
    handling.take(app, letter, by, _queued("letter_resent", (rows.FAILED, rows.UNKNOWN), app, letter))


def hold(app: App, letter_id: str, by: str) -> None:
    """Keep a queued letter until somebody releases it.

    Raises:
        NotFound: there is no such letter.
        UsageError: the letter does not wait to go out.
    """
    letter = handling.found(app, letter_id)
    values = {"state": rows.HELD, "retry_at": None, "wake_at": None, "rings": 0}
    says = "only a queued letter can be held"
    handling.take(app, letter, by, Step("letter_held", says, (rows.QUEUED,), values, closes_tasks=False))


def release(app: App, letter_id: str, by: str) -> None:
    """Let a held letter go.

    Raises:
        NotFound: there is no such letter.
        UsageError: the letter is not held, or a held home must settle first whether it left.
    """
    letter = handling.found(app, letter_id)
    _check_settled(app, letter)
    handling.take(app, letter, by, _queued("letter_released", (rows.HELD,), app, letter))


def correct(app: App, letter_id: str, to: str, by: str) -> str:
    """Write a letter that has not gone to another address; it takes the place of the one that there was.

    Returns:
        The id of the new letter.

    Raises:
        NotFound: there is no such letter.
        UsageError: the letter has gone or may have, or the address is not to be used.
    """
    letter, now = handling.found(app, letter_id), app.clock.now()
    states, says = (rows.QUEUED, rows.HELD, rows.FAILED), "only a letter that has not gone can be corrected"
    handling.require(letter, states, says)
    _check_settled(app, letter)
    _check_address(app, to)
    anew = _corrected(app, letter, to, now)
    values = {"state": rows.REPLACED, "replaced_by": anew.letter.id, "retry_at": None, "wake_at": None}
    facts = {"replaced_by": anew.letter.id}
    ops = tuple(anew.ops)
    step = Step("letter_corrected", says, states, values, ops, rings=anew.letter.id, facts=facts)
    handling.take(app, letter, by, step, lambda draft: _take_its_place(draft, letter, anew.letter))
    return anew.letter.id


def again(app: App, letter_id: str, preface: str, by: str, to: str | None = None) -> str:
    """Send a letter again with a preface: a new letter, with the old one attached as it was.

    One of which nobody knew is replaced by it.

    Returns:
        The id of the new letter.

    Raises:
        NotFound: there is no such letter.
        UsageError: it cannot be sent again, the preface is none, or the address is not to be used.
    """
    letter, now = handling.found(app, letter_id), app.clock.now()
    states = (rows.SENT, rows.UNKNOWN, rows.POSTED)
    says = "only a sent, posted or unknown letter can be sent again with a preface"
    handling.require(letter, states, says)
    address = letter.to_address if to is None else to
    _check_address(app, address)
    anew = _prefaced(app, letter, _text(preface), address, now)
    is_replaced = letter.state == rows.UNKNOWN
    values = {"replaced_by": anew.letter.id} | (
        {"state": rows.REPLACED, "token": None} if is_replaced else {}
    )
    facts = {"sent_again_as": anew.letter.id}
    step = Step(
        "letter_sent_again", says, states, values, tuple(anew.ops), rings=anew.letter.id, facts=facts
    )  # fmt: skip
    handling.take(app, letter, by, step)
    return anew.letter.id


def _queued(name: str, states: tuple[str, ...], app: App, letter: rows.Letter) -> Step:
    says = f"only a {' or '.join(states)} letter can be sent so"
    values = {"state": rows.QUEUED, "token": None, "wake_at": None, **ringing_again(first_ring(app))}
    return Step(name, says, states, values, rings=letter.id)


def _check_address(app: App, address: str) -> None:
    if not is_mailable(address):
        raise UsageError(f"{address or 'Nothing'} is no address that can be mailed to; correct the letter.")
    with app.database.reading() as connection:
        if suppressing.is_suppressed(connection, address):
            raise UsageError(
                f"Mail to {address} bounced; `pipeline addresses release` says it is right again."
            )


def _check_settled(app: App, letter: rows.Letter) -> None:
    if mailing.may_have_left(letter) and mailing.of(app).held_at is not None:
        raise UsageError(
            f"Letter {letter.id} may have gone out since the backup was made; settle it by the relay's log with"
            " `pipeline letters settle`, or release the home."
        )


def _corrected(app: App, letter: rows.Letter, to: str, now: datetime) -> Posted:
    key, message_id = _new_name(app)
    raw = readdressed.to(contents.read(app, letter.id), to, message_id=message_id, date=now)
    row = replace(
        letter,
        id=key,
        state=rows.QUEUED,
        to_address=to,
        message_id=message_id,
        written_at=now,
        token=None,
        lease_until=None,
        answer=None,
        sent_at=None,
        sent_on=None,
        wake_at=None,
        bounced_at=None,
        replaced_by=None,
        **ringing_again(first_ring(app)),
    )
    return post_rendered(row, raw)


def _new_name(app: App) -> tuple[str, str]:
    key = app.new_id()
    return key, f"<{key}@{app.policy.register_.sender.rpartition('@')[2]}>"


def _take_its_place(draft: Draft, former: rows.Letter, anew: rows.Letter) -> None:
    for request in draft.dossier.requests:
        if request.letter_id == former.id:
            draft.keep("requests", replace(request, letter_id=anew.id))


def _text(preface: str) -> str:
    text = preface.strip()
    if not text or len(text) > LONGEST_PREFACE:
        raise UsageError(f"A preface is a text of 1 to {LONGEST_PREFACE} characters.")
    return text


def _prefaced(app: App, letter: rows.Letter, preface: str, to: str, now: datetime) -> Posted:
    facts = {
        **_whom(app, letter),
        "preface": preface,
        "former_subject": letter.subject,
        "former_written_on": received_on(letter.written_at),
    }
    former = Attachment("brief.eml", contents.read(app, letter.id), "message/rfc822")
    about = {"case_id": letter.case_id, "reviewer_id": letter.reviewer_id, "provider_id": letter.provider_id}
    return post(
        app, now, SENT_AGAIN, facts, to=to, attachments=[former],
        stands_for=letter.id, send_by=letter.send_by, **about,
    )  # fmt: skip


def _whom(app: App, letter: rows.Letter) -> Mapping[str, Any]:
    """Return how to address whoever the letter was for."""
    whom = RECIPIENTS[letter.kind]
    with app.database.reading() as connection:
        if letter.reviewer_id is not None:
            reviewer = by_id(connection, rows.Reviewer, letter.reviewer_id)
            return {"to_whom": "reviewer", "reviewer": {"name": reviewer.name if reviewer else ""}}
        provider = by_id(connection, rows.Provider, letter.provider_id or "")
    if whom != "provider" or provider is None:
        raise UsageError("Only letters to providers and reviewers are sent again; the others have a task.")
    return {"to_whom": "provider", "provider": addressee(provider)}
