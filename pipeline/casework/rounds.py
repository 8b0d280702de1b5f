"""What a named human does with a case that stayed incomplete, however often it was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pipeline.casework import lacking, moving, walk
from pipeline.casework.draft import Draft
from pipeline.domain import completeness
from pipeline.domain.lifecycle import Event
from pipeline.errors import UsageError
from pipeline.store.reading import case_by_number
from pipeline.wiring import App

CHOICES: Final[Mapping[str, Event]] = {
    "ask": Event.ASKED_ONCE_MORE,
    "accept": Event.TAKEN_AS_IT_IS,
    "set-aside": Event.SET_ASIDE,
}
TASK: Final = "rounds"


def settle(app: App, number: str, choice: str, reason: str, by: str) -> None:
    """Ask once more, take the case as it is, or set it aside.

    Args:
        choice: one of ``CHOICES``.
        reason: for the journal, in one sentence.
        by: the name of whoever chooses.

    Raises:
        NotFound: no case has this number.
        UsageError: the case does not wait for such a choice.
    """
    with app.database.reading() as connection:
        case = case_by_number(connection, number)
    walk.advance(app, case.id, by, lambda draft: _settle(draft, CHOICES[choice], reason))


def _settle(draft: Draft, event: Event, reason: str) -> None:
    walk.bring_up_to_date(draft)
    if all(task.kind != TASK for task in draft.dossier.tasks):
        raise UsageError(
            f"Case {draft.case.number} is {draft.case.state}: only a case with the task {TASK} is settled so."
        )
    facts: dict[str, Any] = {"reason": reason}
    facts["findings"] = [one.told() for one in completeness.musts(lacking.found(draft))]
    facts["supplement_on"] = draft.dossier.requests[-1].answered_on
    moving.take(draft, event, **facts)
    walk.walk(draft)
