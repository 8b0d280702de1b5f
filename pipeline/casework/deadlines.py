"""The deadlines of cases in calendars: with a letter to whom one concerns, and all of them for operators."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, and_, select

from pipeline.casework import dossier, projection
from pipeline.casework.draft import Draft
from pipeline.domain import terms
from pipeline.domain.lifecycle import Kind, State
from pipeline.mail import deadlines
from pipeline.mail.deadlines import Deadline
from pipeline.mail.letters import Attachment
from pipeline.store import rows, tables
from pipeline.store.reading import all_of
from pipeline.wiring import App

BY: Final = "feed"

_WORDS: Final = {"decision": "besluit", "answer": "aanvulling", "review": "oordeel"}


def counted(draft: Draft) -> dict[str, Any]:
    """Return how the term was counted, as letters tell it: the explanation itself, in runs of days."""
    ledger = projection.ledger(draft)
    runs = terms.runs(terms.explain(ledger, draft.app.calendar))
    return {"days": ledger.budget_days, "region": ledger.region, "runs": tuple(runs)}


def with_letter(draft: Draft, kind: str) -> list[Attachment]:
    """Return what goes with a letter that tells the date of the decision: that date, for a calendar.

    The case's journal only grows, so that its length tells which of two dates is the newer one.
    """
    case, register = draft.case, draft.app.policy.register_
    if kind not in deadlines.TOLD_IN or case.due_on is None:
        return []
    told = deadlines.decision(register, case.number, case.due_on, case.journal_length, draft.now)
    return [deadlines.attached(f"besluit-{case.number}.ics", told, register)]


def with_review(draft: Draft, assignment: rows.Assignment) -> list[Attachment]:
    """Return what goes with a request to review: the day by which to answer, for a calendar."""
    case, register = draft.case, draft.app.policy.register_
    told = deadlines.review(
        register, case.number, assignment.reviewer_id, assignment.review_by, case.journal_length, draft.now
    )
    return [deadlines.attached(f"oordeel-{case.number}.ics", told, register)]


def feed(app: App) -> bytes:
    """Return every deadline of the open cases as one calendar; nobody is named in it but by an id."""
    now = app.clock.now()
    with app.database.reading() as connection:
        cases = all_of(
            connection, rows.Case, tables.cases.c.state != State.CLOSED, order=[tables.cases.c.number]
        )
        known = dossier.read_many(connection, cases)
        changed = _changed(connection)
    found = [each for one in known for each in _of_case(Draft(app, one, now, BY), changed)]
    register = app.policy.register_
    return deadlines.published(found, register, name=f"{register.name}: termijnen")


def mark(app: App) -> str:
    """Return what changes whenever the feed does, at the price of one narrow look at the open cases.

    Whatever the feed tells of a case changes with its version, but for when it is looked at; the head of its
    journal tells one version from the same after a restore.
    """
    case, register = tables.cases.c, app.policy.register_
    query = select(case.id, case.version, case.journal_head, case.wake_at).where(case.state != State.CLOSED)
    found = hashlib.sha256(repr(register).encode())
    with app.database.reading() as connection:
        for row in connection.execute(query.order_by(case.id)):
            found.update(repr(tuple(row)).encode())
    return found.hexdigest()


def _changed(connection: Connection) -> dict[str, datetime]:
    """Return when each open case was last changed, as its journal tells."""
    cases, journal = tables.cases, tables.journal
    last = and_(journal.c.chain == cases.c.id, journal.c.place == cases.c.journal_length)
    query = select(cases.c.id, journal.c.at).join(journal, last).where(cases.c.state != State.CLOSED)
    return {row.id: row.at for row in connection.execute(query)}


def _of_case(draft: Draft, changed: dict[str, datetime]) -> Iterator[Deadline]:
    case, register, title = draft.case, draft.app.policy.register_, _title(draft)
    stamp = changed.get(case.id, case.received_at)
    for watched in projection.deadlines(draft):
        if watched.deadline == "validity":
            continue  # no term of ours
        what = _WORDS[watched.deadline] + (f"-{watched.reviewer}" if watched.reviewer else "")
        summary = f"{case.number}: {what.replace('-', ' van ')} uiterlijk vandaag"
        yield Deadline(
            deadlines.uid(register, case.number, what), watched.day, summary, title, case.version, stamp
        )
    if case.wake_at is not None:
        uid = deadlines.uid(register, case.number, "herinnering")
        yield Deadline(uid, case.wake_at, f"{case.number}: volgende herinnering", title, case.version, stamp)


def _title(draft: Draft) -> str:
    """Return the title of an activity; an admission has its provider's name, who may be one person."""
    return "" if draft.dossier.activity.kind is Kind.ADMISSION else draft.case.title
