"""One step that somebody takes with a letter: with what it does to its case, and in the journal in their name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.casework import effects, walk
from pipeline.casework.draft import Draft
from pipeline.casework.posting import closing
from pipeline.errors import NotFound, Stale, UsageError
from pipeline.store import rows, tables
from pipeline.store.reading import by_id
from pipeline.store.unit import Change, HomeNote, Op
from pipeline.wiring import App

Follow = Callable[[Draft], None]


@dataclass(frozen=True)
class Step:
    """What is done with a letter.

    Attributes:
        name: the event in the journal.
        says: what the letter must be for it, for a sentence.
        states: in which states that is.
        values: what changes of the letter.
        ops: what else is written.
        closes_tasks: whether nobody has to look at the letter any more.
        rings: the letter that may leave now.
        facts: for the journal.
    """

    name: str
    says: str
    states: Collection[str]
    values: Mapping[str, Any]
    ops: tuple[Op, ...] = ()
    closes_tasks: bool = True
    rings: str | None = None
    facts: Mapping[str, Any] | None = None


def found(app: App, letter_id: str) -> rows.Letter:
    """Return a letter as it now stands.

    Raises:
        NotFound: there is no such letter.
    """
    with app.database.reading() as connection:
        letter = by_id(connection, rows.Letter, letter_id)
    if letter is None:
        raise NotFound(f"There is no letter {letter_id}.")
    return letter


def require(letter: rows.Letter, states: Collection[str], says: str) -> None:
    """Make sure that a letter stands where a step can be taken with it.

    Raises:
        UsageError: it does not.
    """
    if letter.state not in states:
        raise UsageError(f"Letter {letter.id} is {letter.state}; {says}.")


def take(app: App, letter: rows.Letter, by: str, step: Step, follow: Follow | None = None) -> None:
    """Take a step with a letter, in one transaction with its case.

    Args:
        follow: what the step does to the case, after the letter.

    Raises:
        UsageError: the letter does not stand where that can be done, maybe not any more.
    """
    require(letter, step.states, step.says)
    try:
        _write(app, letter, by, step, follow)
    except Stale:
        require(found(app, letter.id), (letter.state,), step.says)  # it may have moved under our hands
        raise


def _write(app: App, letter: rows.Letter, by: str, step: Step, follow: Follow | None) -> None:
    change = Change(tables.letters, {"id": letter.id, "state": letter.state}, step.values)
    facts = {"letter": letter.id, "kind": letter.kind, **(step.facts or {})}
    if letter.case_id is None:
        _write_alone(app, letter, [change, *step.ops], by, step, facts)
        return

    def all_of_it(draft: Draft) -> None:
        draft.op(change, *step.ops)
        draft.note(step.name, **facts)
        if step.closes_tasks:
            effects.close_tasks_of(draft, letter)
        if follow is not None:
            follow(draft)
        if step.rings is not None:
            draft.hint("dispatch", step.rings)

    walk.advance(app, letter.case_id, by, all_of_it)


def _write_alone(
    app: App, letter: rows.Letter, ops: list[Op], by: str, step: Step, facts: Mapping[str, Any]
) -> None:
    now = app.clock.now()
    if step.closes_tasks:
        ops.append(closing(letter, now))
    app.unit.write([*ops, HomeNote(now, step.name, by, facts, app.new_id())])
    if step.rings is not None:
        app.ring("dispatch", step.rings)
