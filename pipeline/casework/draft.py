"""A case on its way: what it will be and every row that goes with it.

The walk, the letters and the events work on a draft in memory; nothing is locked meanwhile.
``moving`` moves and writes it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple

from pipeline.casework import digest_days
from pipeline.casework.dossier import Dossier
from pipeline.contract import received_on
from pipeline.domain import journal
from pipeline.domain.lifecycle import Event, State
from pipeline.domain.policy import Policy
from pipeline.store import rows, tables
from pipeline.store.unit import TABLES, Change, Insert, Op, case_change, changed, new
from pipeline.wiring import App, document


class Move(NamedTuple):
    """One event of the lifecycle table that a case has taken, and between which states."""

    event: Event
    old: State
    new: State


class Draft:
    """One case being changed.

    Attributes:
        dossier: as it will be; its ``case`` too.
        now: the home's present moment; every row of this draft bears it.
        by: who or what changes the case, for the journal.
        hints: actors to ring, and for which row, once everything is committed.
        moves: the events of the lifecycle table that the case has taken.
        is_failed: a step was undone; its error stands on the case.
        published: number and version of the registration that takes effect with this draft.
    """

    def __init__(self, app: App, dossier: Dossier, now: datetime, by: str, *, is_new: bool = False) -> None:
        self.app = app
        self.dossier = dossier
        self.now = now
        self.by = by
        self._read = None if is_new else dossier
        self._first: list[Op] = []  # what others refer to, so that it is written before the case
        self._ops: list[Op] = []
        self.hints: list[tuple[str, str]] = []
        self.moves: list[Move] = []
        self.is_failed = False
        self.published: tuple[str, int] | None = None

    @property
    def case(self) -> rows.Case:
        """The case as it will be."""
        return self.dossier.case

    @property
    def policy(self) -> Policy:
        """The rules of the day on which the case was received."""
        return self.app.policy_of(self.case.policy_version)

    @property
    def today(self) -> date:
        """The local date of ``now``."""
        return received_on(self.now)

    @cached_property
    def digest_on(self) -> date | None:
        """The day of the last digest, as it was when first asked for or as somebody put it here."""
        return digest_days.last(self.app)

    def set(self, **values: Any) -> None:
        """Change fields of the case."""
        self.dossier = replace(self.dossier, case=replace(self.case, **values))

    def add(self, row: Any) -> None:
        """Add a new record."""
        self._ops.append(new(row))

    def first(self, *ops: Op) -> None:
        """Add rows that the case refers to."""
        self._first += ops

    def op(self, *ops: Op) -> None:
        """Add other changes."""
        self._ops += ops

    def hint(self, actor: str, key: str) -> None:
        """Send a hint once everything is committed."""
        self.hints.append((actor, key))

    def keep(self, name: str, row: Any) -> None:
        """Put a record, new or changed, in its place in the dossier and write it."""
        held: list[Any] = list(getattr(self.dossier, name))
        place = next((at for at, old in enumerate(held) if old.id == row.id), None)
        if place is None:
            held.append(row)
            self.add(row)
        else:
            self._ops.append(_update(held[place], row))
            held[place] = row
        anew: dict[str, Any] = {name: held}
        self.dossier = replace(self.dossier, **anew)

    def meet(self, reviewer: rows.Reviewer) -> None:
        """Learn who a reviewer is that the case is assigned to."""
        self.dossier = replace(self.dossier, reviewers={**self.dossier.reviewers, reviewer.id: reviewer})

    def note(self, event: str, **facts: Any) -> None:
        """Note in the journal what happened to the case without moving it."""
        self.tell(event, self.case.state, facts)

    def tell(self, event: str, before: str | None, facts: Mapping[str, Any]) -> None:
        """Add a row to the journal of the case, which has gone from ``before`` to where it now stands."""
        case, place = self.case, self.case.journal_length + 1
        content = rows.Content(case.id, place, self.app.new_id(), self.by, facts)
        digest = journal.content_digest(content)
        version = 1 if self._read is None else self._read.case.version + 1
        entry = rows.Entry(
            case.id, place, version, self.now, event, before, case.state, case.correlation, digest
        )
        entry = journal.linked(case.journal_head, entry)
        self.add(entry)
        self.add(content)
        self.set(journal_length=place, journal_head=entry.hash)

    def remember(self, rung: rows.Rung) -> None:
        """Remember a reminder that is dealt with; a second one of the same key cannot be written."""
        self.add(rung)
        self.dossier = replace(self.dossier, rungs=[*self.dossier.rungs, rung])

    def done(self) -> None:
        """Forget how often the step did not come to its end: it has."""
        self.set(attempts=0, unfinished=0, last_error=None)

    def attempt(self, step: Callable[[Draft], None]) -> bool:
        """Do one step of the walk; if it raises, all it did is undone and the error is kept on the case."""
        lists = (list(self._first), list(self._ops), list(self.hints), list(self.moves))
        dossier, published = self.dossier, self.published
        try:
            step(self)
        except Exception as error:  # noqa: BLE001 -- whatever it is, an operator sees it on the case
            self._first, self._ops, self.hints, self.moves = lists
            self.dossier, self.published = dossier, published
            told = f"{type(error).__name__}: {error}"
            attempts = max(self.case.attempts + (not self.is_failed), 1)  # however much of it failed at once
            self.set(attempts=attempts, unfinished=0, last_error=told)
            self.is_failed = True
            return False
        return True

    def before(self) -> Draft | None:
        """Return the case as it was read; None for one that is new."""
        return None if self._read is None else Draft(self.app, self._read, self.now, self.by)

    @property
    def is_moved(self) -> bool:
        """Whether the case has taken an event of the lifecycle table."""
        return bool(self.moves)

    @property
    def is_new(self) -> bool:
        """Whether the case is not in the database yet."""
        return self._read is None

    def ops(self) -> list[Op]:
        """Return everything to write, in order; nothing where nothing changed."""
        if self._read is None:
            return [*self._first, new(self.case), *self._ops]
        if self.case == self._read.case and not self._ops:
            return []
        return [*self._first, case_change(self._read.case, self.case), *self._ops]


def opening(app: App) -> Insert:
    """Return the row of the rules in force, which a new case refers to."""
    values = {"version": app.policy.version, "document": document(app.policy)}
    return Insert(tables.policies, values, or_ignore=True)


def _update(before: Any, after: Any) -> Op:
    return Change(TABLES[type(after)], {"id": after.id}, changed(before, after))
