"""What this home's own past tells of how long reviews and the commission take."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, and_, select

from pipeline.contract import received_on
from pipeline.domain import experience
from pipeline.domain.durations import share
from pipeline.domain.experience import History, Review
from pipeline.domain.lifecycle import Event, Kind
from pipeline.store import rows, tables

Reminded = Callable[[Kind, date, date], date | None]
Closed = Callable[[date], float]


def history(connection: Connection, today: date, closed: Closed, reminded: Reminded) -> History:
    """Return what is known on this day.

    Args:
        closed: says in which share of the country schools are closed on a day.
        reminded: says when who was asked on a day, to answer by another, is first reminded.
    """
    asked = _asked(connection)
    learned = experience.learned(
        [_review(one, reminded) for one in asked], _decisions(connection), today, closed
    )
    given = [one.verdict for one in asked if one.verdict is not None]
    differ, undecided = _shares(connection)
    recused = share(sum(verdict == "recuse" for verdict in given), len(given), experience.RECUSED)
    return replace(learned, differ=differ, undecided=undecided, recused=recused)


def _asked(connection: Connection) -> list[Any]:
    """Return every review with its answer; not those that were called off, which tell of no one's pace."""
    given, asked, cases = tables.verdicts, tables.assignments, tables.cases
    same = and_(
        asked.c.case_id == given.c.case_id,
        asked.c.reviewer_id == given.c.reviewer_id,
        given.c.annulled_at.is_(None),
    )
    columns = (asked.c.reviewer_id, asked.c.asked_on, asked.c.review_by, cases.c.kind)
    query = (
        select(*columns, given.c.given_at, given.c.verdict)
        .join(cases, cases.c.id == asked.c.case_id)
        .outerjoin(given, same)
        .where(given.c.id.is_not(None) | (asked.c.state == rows.ASKED))
        .order_by(asked.c.id)
    )
    return list(connection.execute(query))


def _review(one: Any, reminded: Reminded) -> Review:
    first = reminded(one.kind, one.asked_on, one.review_by)
    ended = received_on(one.given_at) if one.given_at else None
    return Review(one.reviewer_id, one.asked_on, first, ended)


def _decisions(connection: Connection) -> Iterator[tuple[date, date | None]]:
    """Yield from when a named human had to decide or to sign, and until when."""
    table = tables.tasks
    asked = table.c.kind.in_(("escalated", "sign_off"))
    query = select(table.c.opened_at, table.c.closed_at).where(asked)
    for opened, closed in connection.execute(query.order_by(table.c.id)):
        yield received_on(opened), closed and received_on(closed)


def _shares(connection: Connection) -> tuple[float, float]:
    """Return in which share of decided activities reviewers did not agree, and of those went to the commission."""
    cases = tables.cases
    decided = select(cases.c.id).where(cases.c.decided_on.is_not(None), cases.c.kind == "activity")
    known = set(connection.execute(decided).scalars())
    differed = _took(connection, Event.DISAGREED)
    undecided = _took(connection, Event.UNDECIDED)
    settled = differed & (known | undecided)
    return (
        share(len(known & differed), len(known), experience.DIFFER),
        share(len(settled & undecided), len(settled), experience.UNDECIDED),
    )


def _took(connection: Connection, event: Event) -> set[str]:
    """Return the cases to which this happened."""
    table = tables.journal
    return set(connection.execute(select(table.c.chain).where(table.c.event == event)).scalars())
