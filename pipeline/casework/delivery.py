"""What a delivered letter does to its case, and what becomes of one that was not."""

from __future__ import annotations

from datetime import date
from typing import Final

from pipeline.casework import correspondence, effects, moving
from pipeline.casework.draft import Draft
from pipeline.domain import lifecycle
from pipeline.domain.lifecycle import ON_SENT, Event, State
from pipeline.store import rows, tables
from pipeline.store.reading import one_of

SENT_AGAIN: Final = "sent_again"

# Letters that are only to be sent while something is still so; the others tell what has happened.
PRESUMING: Final = (
    "supplement_asked",
    "supplement_reminder",
    "review_asked",
    "review_reminder",
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
    event = ON_SENT.get(told.kind)
    if event is None or event not in lifecycle.events(draft.case.kind, draft.case.state):
        return
    if event is not Event.REQUEST_SENT or _is_asked_by(draft, told):
        moving.take(draft, event, letter=told.id, **({} if on is None else {"on": on}))


def _told_by(draft: Draft, letter: rows.Letter) -> rows.Letter:
    """Return the letter whose news this one brings: itself, or the one that it stands for.

    A letter sent again brings it to whom it was for. The letter about a request that cannot be
    mailed brings it to the named human, and with that the request counts as sent.
    """
    if letter.stands_for is None:
        return letter
    with draft.app.database.reading() as connection:
        former = one_of(connection, rows.Letter, tables.letters.c.id == letter.stands_for)
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
        case "review_asked" | "review_reminder":
            return draft.case.state is State.IN_REVIEW and _is_waited_for(draft, letter.reviewer_id)
        case "deadline_warning":
            return draft.case.state is not State.CLOSED
        case "task_waiting":
            return any(task.id == letter.task_id for task in draft.dossier.tasks)
    return True


def _is_waited_for(draft: Draft, reviewer_id: str | None) -> bool:
    return any(
        one.reviewer_id == reviewer_id and one.state == rows.ASKED for one in draft.dossier.assignments
    )
