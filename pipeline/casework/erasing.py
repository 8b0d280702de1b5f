"""What is personal goes, a case at a time: each in one transaction, told in the journal of the case."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from pipeline.casework import chronicle, effects, retention, unattached, walk
from pipeline.casework.draft import Draft
from pipeline.casework.retention import Due
from pipeline.contract import received_on
from pipeline.domain import decisions
from pipeline.domain.chains import RETAINED
from pipeline.domain.lifecycle import Kind
from pipeline.domain.retention import lasting
from pipeline.store import rows, tables
from pipeline.store.unit import Change, Forgotten
from pipeline.wiring import App

VERDICT: Final = {"motivation": None, "annulled_by": None, "annulled_because": None}
EXTENSION: Final = {"reason": ""}


def erase(app: App, case_id: str, by: str) -> bool:
    """Erase what is personal in a case whose time has come; False where it is not to be erased after all.

    Raises:
        Stale: it kept changing under our hands; it is due the next time as well.
    """
    done: list[Due] = []

    def change(draft: Draft) -> None:
        done.clear()
        with app.database.reading() as connection:
            due = retention.due_one(connection, app, draft.case, draft.today)
            if due is None or due.held_by:
                return
            _erase(draft, connection, due)
        done.append(due)

    walk.advance(app, case_id, by, change)
    return bool(done)


def _erase(draft: Draft, connection: Connection, due: Due) -> None:
    case, today = draft.case, draft.today
    decision = case.decision and decisions.without_persons(case.decision)
    data = lasting(case.kind, case.data)
    draft.set(data=data, decision=decision, last_error=None, flags=[], erased_on=today)
    if draft.dossier.activity.kind is Kind.ADMISSION and draft.dossier.provider.admitted_at is None:
        _forget_name(draft)
    places = [
        entry.place
        for entry, content in chronicle.of(connection, case.id)
        if content is not None and entry.event != RETAINED
    ]
    draft.op(Forgotten(case.id, places))
    draft.op(*unattached.event_ops({"case_id": case.id}, today))
    _erase_letters(draft, connection, today)
    for table, values in _AROUND.items():
        draft.op(Change(table, {"case_id": case.id}, values, must=False))
    if not _is_needed(connection, case, today):
        _forget_contact(draft)
    draft.note(RETAINED, places=places, because=due.because)


def _forget_contact(draft: Draft) -> None:
    contact: dict[str, Any] = unattached.CONTACT
    effects.change_provider(draft, replace(draft.dossier.provider, **contact))


def _forget_name(draft: Draft) -> None:
    """Take the name of somebody who was never admitted, which no register has published, from their case."""
    data = draft.case.data
    provider = {name: value for name, value in (data.get("provider") or {}).items() if name != "name"}
    draft.set(title="", data={**data, "provider": provider} if "provider" in data else data)


_AROUND: Final[dict[Any, dict[str, Any]]] = {
    tables.verdicts: VERDICT,
    tables.extensions: EXTENSION,
    tables.tasks: unattached.TASK,
    tables.bounces: unattached.BOUNCE,
}


def _erase_letters(draft: Draft, connection: Connection, today: date) -> None:
    table = tables.letters
    for letter in connection.execute(select(table.c.id).where(table.c.case_id == draft.case.id)).scalars():
        draft.op(*unattached.letter_ops(letter, today))
        draft.op(Change(tables.bounces, {"letter_id": letter}, unattached.BOUNCE, must=False))


def _is_needed(connection: Connection, case: rows.Case, today: date) -> bool:
    """Say whether another case of the provider, or the register, still needs to know whom to write to."""
    table = tables.cases
    others = (table.c.provider_id == case.provider_id, table.c.id != case.id, table.c.erased_on.is_(None))
    needed = or_(exists().where(*others), unattached.is_written_to(case.provider_id, today))
    return bool(connection.execute(select(needed)).scalar_one())


def _told_since(connection: Connection, before: datetime) -> list[str]:
    """Return the erased cases whose journal went on to tell something, and how long ago is long enough."""
    table, contents, cases = tables.journal, tables.journal_contents, tables.cases
    erased = select(cases.c.id).where(cases.c.erased_on.is_not(None))
    same = and_(contents.c.chain == table.c.chain, contents.c.place == table.c.place)
    told = (table.c.chain.in_(erased), table.c.event != RETAINED, table.c.at < before)
    found = select(table.c.chain).distinct().join(contents, same).where(*told).order_by(table.c.chain)
    return list(connection.execute(found).scalars())


def _erase_told_since(app: App, case_id: str, by: str, before: datetime) -> None:
    def change(draft: Draft) -> None:
        with app.database.reading() as connection:
            chain = chronicle.of(connection, case_id)
        due = (entry for entry, content in chain if content is not None and entry.event != RETAINED)
        if places := [entry.place for entry in due if entry.at < before]:
            draft.set(flags=[], last_error=None)
            draft.op(Forgotten(case_id, places))
            draft.note(RETAINED, places=places, because="told after the case was erased")

    walk.advance(app, case_id, by, change)


def erase_all(app: App, by: str) -> dict[str, Any]:
    """Erase all that is due; returns the numbers of the cases and how much else."""
    today = received_on(app.clock.now())
    ready = [due for due in retention.due(app, today) if not due.held_by]
    erased = [due.case.number for due in ready if erase(app, due.case.id, by)]
    before = unattached.arrived_before(app)
    with app.database.reading() as connection:
        chains = _told_since(connection, before)
    for case_id in chains:
        _erase_told_since(app, case_id, by, before)
    counts: dict[str, int] = {"chains": len(chains)} if chains else {}
    while any((more := unattached.erase(app, by)).values()):
        counts |= {name: counts.get(name, 0) + count for name, count in more.items()}
    app.database.overwrite()
    return {"cases": erased, "unattached": counts}


def planned(app: App) -> dict[str, Any]:
    """Return what would be erased now, and what is due and held up; keys as docs/json.md names them."""
    today = received_on(app.clock.now())
    found = retention.due(app, today)
    with app.database.reading() as connection:
        cases = [_planned(connection, due, today) for due in found]
        chains = len(_told_since(connection, unattached.arrived_before(app)))
    counts = {**unattached.due(app).counts(), "chains": chains}
    return {"day": today.isoformat(), "cases": cases, "unattached": counts}


def _planned(connection: Connection, due: Due, today: date) -> dict[str, Any]:
    case = due.case
    tables_of = {"events": tables.events, "letters": tables.letters, "verdicts": tables.verdicts}
    counts = {name: _count(connection, table.c.case_id == case.id) for name, table in tables_of.items()}
    journal = _count(connection, tables.journal_contents.c.chain == case.id)
    return {
        "case": case.number,
        "result": case.result.value if case.result else None,
        "closed_on": str(case.closed_on),
        "due_since": due.since.isoformat(),
        "held_by": list(due.held_by),
        "erases": {**counts, "journal": journal, "contact": not _is_needed(connection, case, today)},
    }


def _count(connection: Connection, where: ColumnElement[bool]) -> int:
    return int(connection.execute(select(func.count()).where(where)).scalar_one())
