"""The list of reviewers as operators see it: plain JSON with stable keys, as docs/json.md names them."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import select

from pipeline.domain.lifecycle import State
from pipeline.store import rows, tables
from pipeline.store.reading import all_of
from pipeline.wiring import App


def reviewers(app: App) -> list[dict[str, Any]]:
    """Return every reviewer, by id, with how many reviews each still owes."""
    with app.database.reading() as connection:
        found = all_of(connection, rows.Reviewer, order=[tables.reviewers.c.id])
        table, cases = tables.assignments, tables.cases
        owed = (
            select(table.c.reviewer_id)
            .join(cases, cases.c.id == table.c.case_id)
            .where(table.c.state == rows.ASKED, cases.c.state == State.IN_REVIEW)
        )
        open_reviews = Counter(connection.execute(owed).scalars())
    return [_row(reviewer, open_reviews[reviewer.id]) for reviewer in found]


def _row(reviewer: rows.Reviewer, open_reviews: int) -> dict[str, Any]:
    return {
        "reviewer": reviewer.id,
        "name": reviewer.name,
        "email": reviewer.email,
        "sectors": reviewer.sectors,
        "categories": reviewer.categories,
        "employer": reviewer.employer,
        "employer_kvk": reviewer.employer_kvk,
        "earlier_employers": reviewer.earlier_employers,
        "interests": reviewer.interests,
        "capacity_per_4_weeks": reviewer.capacity,
        "away_from": reviewer.away_from and reviewer.away_from.isoformat(),
        "away_until": reviewer.away_until and reviewer.away_until.isoformat(),
        "active": reviewer.active,
        "open_reviews": open_reviews,
    }
