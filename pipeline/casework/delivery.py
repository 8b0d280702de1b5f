"""What a delivered letter does to its case, and what becomes of one that was not."""

from __future__ import annotations

from datetime import date
from typing import Final

from pipeline.casework import correspondence, effects, moving, projection
from pipeline.casework.draft import Draft
from pipeline.casework.posting import first_ring
from pipeline.domain import lifecycle
from pipeline.domain.lifecycle import ON_SENT, Event, State
from pipeline.domain.policy import TaskKind
from pipeline.domain.registrations import Status
from pipeline.store import rows, tables
from pipeline.store.reading import all_of, by_id

SENT_AGAIN: Final = "sent_again"
FOLLOW: Final = "follow_letters"  # the step of a case that a letter told, where taking it failed

# Letters that are only to be sent while something is still so; the others tell what has happened.
PRESUMING: Final = (
    "supplement_asked",
    "supplement_reminder",
    "renewal_reminder",
    "admission_renewal",
    "review_asked",
    "review_reminder",
    "verdict_annulled",
    "deadline_warning",
    "task_waiting",
)


def delivered(draft: Draft, letter: rows.Letter, on: date | None = None) -> None:
    """Take the step that the case takes when this letter was accepted, settled or posted.

    Args:
        on: the local day of that, where it is known.
    """
    effects.close_tasks_of(draft, letter)
    told = _told_by(draft, letter)
    effects.close_tasks_of(draft, told)
    if (event := _owed(draft, told)) is not None:
        moving.take(draft, event, letter=told.id, **({} if on is None else {"on": on}))


def put_off(draft: Draft, letter: rows.Letter, state: str) -> None:
    """See to it that what became of a letter is acted on, though that failed just now.

    The step that a sent letter owes its case is rung for until it is taken, and parked if it keeps
    failing; of any other letter a named human has the task, be it without a letter about it.
    """
    if state == rows.SENT:
        if _owed(draft, _told_by(draft, letter)) is not None:
            waits = {} if draft.case.parked_at else {"retry_at": first_ring(draft.app), "rings": 0}
            draft.set(step=FOLLOW, **waits)
    elif letter.kind != "task_waiting":
        kind: TaskKind = "unmailable" if state == rows.FAILED else "unknown_letter"
        if not draft.attempt(lambda each: correspondence.to_owner(each, kind, letter.subject, letter=letter)):
            draft.keep("tasks", correspondence.task_of(draft, kind, letter.subject, letter))


def follow(draft: Draft) -> None:
    """Take the step that a letter owes which went before its case could take it."""
    table, went = tables.letters, (rows.SENT, rows.POSTED)
    with draft.app.database.reading() as connection:
        letters = all_of(
            connection,
            rows.Letter,
            table.c.case_id == draft.case.id,
            table.c.state.in_(went),
            order=[table.c.sent_at, table.c.id],
        )
    for letter in letters:
        if _owed(draft, _told_by(draft, letter)) is not None:
            delivered(draft, letter, letter.sent_on)
            if letter.bounced_at is not None:  # closing the case does away with its tasks
                correspondence.to_owner(draft, "bounced", letter.subject, letter=letter)


def _owed(draft: Draft, told: rows.Letter) -> Event | None:
    """Return the event that the case takes when this letter has gone; None where it owes nothing any more."""
    event = ON_SENT.get(told.kind)
    if event is None or event not in lifecycle.events(draft.case.kind, draft.case.state):
        return None
    return event if event is not Event.REQUEST_SENT or _is_asked_by(draft, told) else None


def _told_by(draft: Draft, letter: rows.Letter) -> rows.Letter:
    """Return the letter whose news this one brings: itself, or the one that it stands for.

    A letter sent again brings it to whom it was for. The letter about a request that cannot be
    mailed brings it to the named human, and with that the request counts as sent.
    """
    if letter.stands_for is None:
        return letter
    with draft.app.database.reading() as connection:
        former = by_id(connection, rows.Letter, letter.stands_for)
    counts = former is not None and (letter.kind == SENT_AGAIN or former.kind == "supplement_asked")
    return former if former is not None and counts else letter


def _is_asked_by(draft: Draft, letter: rows.Letter) -> bool:
    request = effects.open_request(draft)
    return request is not None and request.letter_id == letter.id and request.asked_on is None


def lost_sight_of(draft: Draft, letter: rows.Letter) -> None:
    """Leave it to a human whether a letter arrived; a decision takes effect as if it had."""
    if ON_SENT.get(letter.kind) is Event.DECISION_SENT:
        effects.take_effect(draft)
    if letter.kind != "task_waiting":
        detail = f"{letter.subject} (Message-ID {letter.message_id})"
        correspondence.to_owner(draft, "unknown_letter", detail, letter=letter)


def failed(draft: Draft, letter: rows.Letter, error: str) -> None:
    """Leave it to a human to correct or print a letter that cannot be mailed."""
    if letter.kind == "task_waiting":
        correspondence.tell_deputy(draft, letter)
    else:
        correspondence.to_owner(draft, "unmailable", f"{letter.subject}: {error}", letter=letter)


def still_holds(draft: Draft, letter: rows.Letter) -> bool:
    """Say whether what a letter presumes is still so at the moment it would leave."""
    match letter.kind:
        case "supplement_asked" | "supplement_reminder":
            request = effects.open_request(draft)
            asked = request is not None and (
                letter.kind != "supplement_asked" or request.letter_id == letter.id
            )
            return draft.case.state is State.INCOMPLETE and asked
        case "review_asked" | "review_reminder" | "verdict_annulled":
            return draft.case.state is State.IN_REVIEW and _is_waited_for(draft, letter.reviewer_id)
        case "renewal_reminder":
            version = draft.dossier.registration
            return version is not None and version.case_id == draft.case.id and version.state == Status.VALID
        case "admission_renewal":
            return any(one.deadline == "admission" for one in projection.deadlines(draft))
        case "deadline_warning":
            return draft.case.state is not State.CLOSED
        case "task_waiting":
            return any(task.id == letter.task_id for task in draft.dossier.tasks)
    return True


def _is_waited_for(draft: Draft, reviewer_id: str | None) -> bool:
    return any(
        one.reviewer_id == reviewer_id and one.state == rows.ASKED for one in draft.dossier.assignments
    )
