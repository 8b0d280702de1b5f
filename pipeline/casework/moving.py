"""The one place that moves a case, as the lifecycle table says, and writes what that brings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from pydantic_core import to_jsonable_python

from pipeline.casework import asking, claiming, copies, correspondence, effects, parking, projection
from pipeline.casework.draft import Draft, Move
from pipeline.casework.posting import first_ring
from pipeline.domain import lifecycle
from pipeline.domain.lifecycle import RECIPIENTS, Event, Step
from pipeline.errors import CalendarEnds
from pipeline.store.unit import Op

Facts = Mapping[str, Any]

_log = structlog.get_logger()


def take(draft: Draft, event: Event, **facts: Any) -> Step:
    """Move the case as the table says: state, journal, term, letters and next step.

    Args:
        facts: what the letters and the journal tell beyond what the case holds.

    Raises:
        IllegalMove: the table has no such row.
    """
    before = draft.case
    row = lifecycle.step(before.kind, before.state, event)
    # Only an extension leaves a pending step alone; any other move has done it or overtaken it.
    kept = before.step if row.term == "extend" else None
    draft.set(state=row.to, result=row.result or before.result, step=row.wake or kept)
    if kept is None:
        draft.done()
    effects.apply(draft, event, row, facts)
    draft.tell(event, before.state, _plain(facts))
    projection.term(draft)
    for kind in row.letters.split():
        _write_letters(draft, kind, facts)
    draft.moves.append(Move(event, before.state, row.to))
    return row


def _plain(facts: Facts) -> dict[str, Any]:
    """Return the facts of a move as the journal keeps them: JSON, and no files."""
    told = {name: fact for name, fact in facts.items() if not isinstance(fact, bytes)}
    kept: dict[str, Any] = to_jsonable_python(told)
    return kept


def _write_letters(draft: Draft, kind: str, facts: Facts) -> None:
    """Write the letters of this kind that a move owes, to whom the table says."""
    match RECIPIENTS[kind]:
        case "provider":
            correspondence.to_provider(draft, kind, facts)
        case "reviewer":
            asking.to_reviewers(draft, kind, facts)
        case "owner":
            correspondence.to_owner(draft, facts["task"], facts.get("detail", ""))


def write(draft: Draft) -> None:
    """Write a draft in one transaction, then send its hints; nothing where nothing changed.

    Raises:
        Stale: the case, or something looked at, has changed since it was read.
    """
    write_together([draft])


def write_together(drafts: Sequence[Draft], also: Sequence[Op] = ()) -> None:
    """Write drafts and what belongs to all of them in one transaction, then send their hints.

    Args:
        drafts: of different cases of one home, in the order of their ids.

    Raises:
        Stale: one of the cases, or something looked at, has changed since it was read.
    """
    for draft in drafts:
        claiming.settle(draft)
        _say_when_to_ring(draft)
        _say_when_to_look(draft)
    ops = [op for draft in drafts for op in draft.ops()] + list(also)
    if not ops:
        return
    drafts[0].app.unit.write(ops)
    for draft in drafts:
        if draft.ops():
            _follow(draft)


def _follow(draft: Draft) -> None:
    """Tell what was written, and let others go on with it."""
    _tell(draft)
    for actor, key in draft.hints:
        draft.app.ring(actor, key)
    if draft.published is not None:
        copies.lay(draft.app, *draft.published)


def _tell(draft: Draft) -> None:
    """Tell the log how the case moved."""
    case = draft.case
    for move in draft.moves:
        moved = {"move": move.event.value, "old": move.old.value, "new": move.new.value}
        _log.info("case_moved", case=case.number, correlation=case.correlation, **moved)


def _say_when_to_ring(draft: Draft) -> None:
    """Ring soon after a move with a step to follow, never where none follows or it failed too often."""
    step = draft.case.step
    if draft.is_moved and draft.case.parked_at is not None:
        draft.set(parked_at=None)
        effects.close_tasks(draft, "parked")
    if step is None:
        draft.set(retry_at=None, rings=0, unfinished=0)
    elif draft.is_moved or draft.is_new:
        draft.set(retry_at=first_ring(draft.app), rings=0)
        draft.hint(step, draft.case.id)
    if step is not None and _has_failed_enough(draft):
        parking.park(draft, draft.case.last_error or "")


def _say_when_to_look(draft: Draft) -> None:
    """What the calendar does not say of one case must not keep it, or those written with it, from being written."""
    try:
        projection.project(draft)
    except CalendarEnds as error:
        parking.park_at_calendar_end(draft, error)


def _has_failed_enough(draft: Draft) -> bool:
    most = draft.app.policy.machinery.attempts_before_parked
    return draft.is_failed and draft.case.attempts >= most and draft.case.parked_at is None
