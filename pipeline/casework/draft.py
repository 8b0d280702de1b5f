"""A case on its way: what it will be and every row that goes with it, written all at once.

The walk, the letters and the events work on a draft in memory; nothing is locked meanwhile.
Only ``take`` sets a state, and only as the lifecycle table says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from pipeline.casework import correspondence, effects, projection
from pipeline.casework.dossier import Dossier
from pipeline.casework.posting import first_ring
from pipeline.contract import received_on
from pipeline.domain import lifecycle
from pipeline.domain.lifecycle import Event, Step
from pipeline.domain.policy import Policy
from pipeline.store import rows, tables
from pipeline.store.unit import TABLES, Change, Guard, Insert, Op, case_change, changed, new
from pipeline.wiring import App, document


class Draft:
    """One case being changed.

    Attributes:
        dossier: as it will be; its ``case`` too.
        now: the home's present moment; every row of this draft bears it.
        by: who or what changes the case, for the journal.
    """

    def __init__(self, app: App, dossier: Dossier, now: datetime, by: str, *, is_new: bool = False) -> None:
        self.app = app
        self.dossier = dossier
        self.now = now
        self.by = by
        self._read = None if is_new else dossier
        self._first: list[Op] = []  # what others refer to, so that it is written before the case
        self._ops: list[Op] = []
        self._hints: list[tuple[str, str]] = []
        self._moved = False
        self._failed = False

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

    def take(self, event: Event, **facts: Any) -> Step:
        """Move the case as the table says: state, journal, term, letters and next step.

        Args:
            facts: what the letters and the journal tell beyond what the case holds.

        Raises:
            IllegalMove: the table has no such row.
        """
        before = self.case
        row = lifecycle.step(before.kind, before.state, event)
        self.set(state=row.to, result=row.result or before.result, step=row.wake or self._step_kept(row))
        effects.apply(self, event, row, facts)
        told = correspondence.journal_facts(facts)
        self.add(rows.Entry(before.id, self.now, self.by, event, before.state, row.to, told))
        projection.term(self)
        for kind in row.letters.split():
            correspondence.write(self, kind, facts)
        self._moved = True
        return row

    def _step_kept(self, row: Step) -> str | None:
        """Only an extension leaves a pending step alone; any other move has done it or overtaken it."""
        return self.case.step if row.term == "extend" else None

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
        self._hints.append((actor, key))

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

    def remember(self, rung: rows.Rung) -> None:
        """Remember a reminder that is dealt with; a second one of the same key cannot be written."""
        self.add(rung)
        self.dossier = replace(self.dossier, rungs=[*self.dossier.rungs, rung])

    def attempt(self, step: Callable[[Draft], None]) -> bool:
        """Do one step of the walk; if it raises, all it did is undone and the error is kept on the case."""
        kept = (self.dossier, list(self._first), list(self._ops), list(self._hints), self._moved)
        try:
            step(self)
        except Exception as error:  # noqa: BLE001 -- whatever it is, an operator sees it on the case
            self.dossier, self._first, self._ops, self._hints, self._moved = kept
            self.set(attempts=self.case.attempts + 1, last_error=f"{type(error).__name__}: {error}")
            self._failed = True
            return False
        return True

    def write(self) -> None:
        """Write everything in one transaction, then send the hints; nothing where nothing changed.

        Raises:
            Stale: the case, or something looked at, has changed since it was read.
        """
        self._ready()
        if self._read is not None and self.case == self._read.case and not self._ops:
            return
        self.app.unit.write([*self._first, self._case_op(), *self._ops])
        for actor, key in self._hints:
            self.app.ring(actor, key)

    def _ready(self) -> None:
        """Say when to ring again: soon after a move with a step to follow, never where none follows."""
        step = self.case.step
        if step is None:
            self.set(retry_at=None, rings=0)
        elif self._moved or self._read is None:
            self.set(retry_at=first_ring(self.app), rings=0, parked_at=None)
            self.hint(step, self.case.id)
        if self._moved and not self._failed:
            self.set(attempts=0, last_error=None)
        projection.project(self)

    def _case_op(self) -> Op:
        return new(self.case) if self._read is None else case_change(self._read.case, self.case)


def opening(app: App) -> Insert:
    """Return the row of the rules in force, which a new case refers to."""
    values = {"version": app.policy.version, "document": document(app.policy)}
    return Insert(tables.policies, values, or_ignore=True)


def guards(*cases: rows.Case) -> Sequence[Guard]:
    """Return guards on cases that a draft was decided by, in the order in which they are locked."""
    return [Guard(tables.cases, case.id, case.version) for case in cases]


def _update(before: Any, after: Any) -> Op:
    return Change(TABLES[type(after)], {"id": after.id}, changed(before, after))
