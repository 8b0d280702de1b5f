"""What a named human found out about a case that looks like another: the same after all, or not."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, String, cast

from pipeline.casework import duplicates, effects, merging, walk
from pipeline.casework.draft import Draft
from pipeline.casework.duplicates import ASKED, SETTLED, TASK
from pipeline.domain.lifecycle import Kind
from pipeline.errors import UsageError
from pipeline.store import rows, tables
from pipeline.store.reading import all_of, by_id, case_by_number
from pipeline.wiring import App


@dataclass(frozen=True)
class Question:
    """Two cases that may be about the same, and what tells them apart, side by side."""

    case: rows.Case
    other: rows.Case
    compared: list[tuple[str, ...]]


def open_questions(app: App) -> list[Question]:
    """Return every pair that nobody has settled yet, by case number."""
    table = tables.cases
    flagged = cast(table.c.flags, String).contains(ASKED)
    with app.database.reading() as connection:
        cases = all_of(connection, rows.Case, flagged, order=[table.c.number])
        return [_question(connection, case, number) for case in cases for number in _asked(case)]


def _asked(case: rows.Case) -> list[str]:
    return [flag.removeprefix(ASKED) for flag in case.flags if flag.startswith(ASKED)]


def _question(connection: Connection, case: rows.Case, number: str) -> Question:
    other = case_by_number(connection, number)
    if case.kind is Kind.ADMISSION:
        ours, theirs = (_provider(connection, one) for one in (case, other))
        return Question(case, other, duplicates.side_by_side(connection, case.number, ours, [theirs]))
    columns = ("number", "title", "state", "received_on")
    return Question(
        case, other, [(name, *(str(getattr(one, name)) for one in (case, other))) for name in columns]
    )


def _provider(connection: Connection, case: rows.Case) -> rows.Provider:
    found = by_id(connection, rows.Provider, case.provider_id)
    assert found is not None  # a case has one
    return found


def settle(app: App, number: str, other: str, answer: str, reason: str, by: str) -> bool:
    """Settle whether a case and another are about the same; False where that was settled so before.

    Two applications of the same provider make one provider of two: who is admitted, or applied first, stays.

    Args:
        other: number of the case that the first was found to look like.
        answer: ``same`` or ``different``.

    Raises:
        NotFound: no case has this number.
        UsageError: the case was not found to look like the other, or they were made one before.
    """
    with app.database.reading() as connection:
        case, others = case_by_number(connection, number), case_by_number(connection, other)
    if SETTLED[answer] + other in case.flags:
        return False
    _require_asked(case, other)
    if answer == "same" and case.kind is Kind.ADMISSION:
        _make_one(app, case, others, reason, by)
    facts = {"other": other, "answer": answer, "reason": reason}
    walk.advance(app, case.id, by, lambda draft: _settle(draft, **facts))
    return True


def _require_asked(case: rows.Case, other: str) -> None:
    if SETTLED["same"] + other in case.flags:
        raise UsageError(f"Case {case.number} was settled as the same as {other}; that cannot be undone.")
    if not {ASKED + other, SETTLED["different"] + other} & set(case.flags):
        raise UsageError(
            f"Case {case.number} was not found to look like {other}: `pipeline duplicates list`."
        )


def _make_one(app: App, case: rows.Case, other: rows.Case, reason: str, by: str) -> None:
    with app.database.reading() as connection:
        ours, theirs = (_provider(connection, one) for one in (case, other))
    if ours.id == theirs.id:
        return
    is_younger = ours.admitted_at is None or theirs.admitted_at is not None
    former, into = (ours, theirs) if is_younger else (theirs, ours)
    merging.merge(app, former.id, into.id, reason, by)


def _settle(draft: Draft, other: str, answer: str, reason: str) -> None:
    asked = {ASKED + other, SETTLED["different"] + other}
    kept = [flag for flag in draft.case.flags if flag not in asked]
    draft.set(flags=[*kept, SETTLED[answer] + other])
    draft.note("likeness_settled", other=other, answer=answer, reason=reason)
    if not _asked(draft.case):
        effects.close_tasks(draft, TASK)
