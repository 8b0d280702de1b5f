"""What reviewers agreed on, signed by a named human before it is decided, or sent to the commission."""

from __future__ import annotations

from pipeline.casework import enacting, judging, moving, walk
from pipeline.casework.draft import Draft
from pipeline.domain import decisions
from pipeline.domain.lifecycle import Event, State
from pipeline.errors import UsageError
from pipeline.store.reading import case_by_number
from pipeline.wiring import App


def sign(app: App, number: str, by: str, motivation: str | None = None) -> None:
    """Sign what is held, and with that decide; number, logo and letter follow.

    Args:
        motivation: takes the place of the reviewers' own in the letter; both stay on record.

    Raises:
        NotFound: no case has this number.
        UsageError: nothing of this case waits for a signature, or the motivation is empty.
    """
    if motivation is not None and not motivation.strip():
        raise UsageError("A motivation that takes the place of the reviewers' own is a text.")
    _advance(app, number, by, lambda draft: _sign(draft, motivation))


def refuse(app: App, number: str, by: str, reason: str) -> None:
    """Sign nothing: the commission decides.

    Raises:
        NotFound: no case has this number.
        UsageError: nothing of this case waits for a signature, or no reason is given.
    """
    if not reason.strip():
        raise UsageError("Whoever does not sign says why.")
    _advance(app, number, by, lambda draft: _refuse(draft, reason.strip()))


def _advance(app: App, number: str, by: str, change: walk.Change) -> None:
    with app.database.reading() as connection:
        case = case_by_number(connection, number)
    walk.advance(app, case.id, by, change)


def _sign(draft: Draft, motivation: str | None) -> None:
    decision = _held(draft)
    moving.take(draft, Event.SIGNED_OFF, amended=motivation is not None)
    if motivation is not None:
        decision = decisions.amended(decision, motivation.strip(), draft.by)
    draft.set(decision={**decision, "signed_by": draft.by})
    enacting.enact(draft)


def _refuse(draft: Draft, reason: str) -> None:
    refused = enacting.in_dutch(_held(draft))
    detail = f"{reason} (Niet getekend: {refused}. Oordelen: {judging.told(draft)})"
    moving.take(draft, Event.SIGN_OFF_REFUSED, reason=reason, task="escalated", detail=detail)


def _held(draft: Draft) -> decisions.Json:
    case = draft.case
    if case.state is not State.TO_SIGN or case.decision is None:
        raise UsageError(f"Case {case.number} is {case.state}: nothing of it waits for a signature.")
    return case.decision
