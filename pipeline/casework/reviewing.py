"""The list of reviewers: imported whole; who is missing leaves it, and their reviews go to others."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final, get_args

from sqlalchemy import select

from pipeline.casework import moving, walk
from pipeline.casework.around import known_of
from pipeline.casework.draft import Draft
from pipeline.casework.posting import first_ring
from pipeline.contract import is_kvk, normalise_kvk, received_on
from pipeline.contract.fields import Category, Sector, storable_line
from pipeline.domain.completeness import is_mailable
from pipeline.domain.lifecycle import Event, State
from pipeline.errors import UsageError, shorten
from pipeline.store import rows, tables
from pipeline.store.reading import all_of
from pipeline.store.unit import Change, changed, new
from pipeline.wiring import App

COLUMNS: Final = (
    "id",
    "name",
    "email",
    "sectors",
    "categories",
    "employer",
    "employer_kvk",
    "capacity_per_4_weeks",
    "away_from",
    "away_until",
)
OPTIONAL: Final = ("earlier_employers", "interests")  # lists of before have no such columns
NONE: Final = "-"  # where an empty cell says that it is not known
BY: Final = "reviewers import"
LEFT, AWAY = "reassigned", "away"  # why somebody else is asked
FAULTS_TOLD: Final = 200


@dataclass(frozen=True)
class Plan:
    """What an import would change."""

    added: tuple[rows.Reviewer, ...]
    altered: tuple[tuple[rows.Reviewer, rows.Reviewer], ...]
    left: tuple[rows.Reviewer, ...]


def read_list(text: str) -> list[rows.Reviewer]:
    """Read a CSV file of reviewers.

    Raises:
        UsageError: one line a fault, each with its line number, column and what is expected.
    """
    try:
        return _checked(csv.DictReader(io.StringIO(text)))
    except csv.Error as error:
        raise UsageError(f"It cannot be read as CSV: {error}.") from None


def _checked(table: csv.DictReader[str]) -> list[rows.Reviewer]:
    missing = [name for name in COLUMNS if name not in (table.fieldnames or [])]
    if missing:
        raise UsageError(f"The first line must name the columns; missing: {', '.join(missing)}.")
    faults: list[str] = []
    found = [_reviewer(row, table.line_num, faults) for row in table]
    ids = [reviewer.id for reviewer in found]
    faults += [
        f"id: {shorten(each)} stands there more than once."
        for each, times in sorted(Counter(ids).items())
        if times > 1
    ]
    if faults:
        raise UsageError("\n".join(_told(faults)))
    return found


def _told(faults: list[str]) -> list[str]:
    """Return as many faults as somebody may read."""
    more = len(faults) - FAULTS_TOLD
    return faults if more <= 0 else [*faults[:FAULTS_TOLD], f"And {more} more faults."]


def _reviewer(row: dict[str, Any], line: int, faults: list[str]) -> rows.Reviewer:
    given = {name: (row.get(name) or "").strip() for name in (*COLUMNS, *OPTIONAL)}

    def fault(column: str, expected: str) -> None:
        faults.append(
            f"line {line}, {column}: expected {expected}, got {shorten(given[column]) or 'nothing'}."
        )

    for column in ("id", "name"):
        if not given[column]:
            fault(column, "a text")
    for column in (*COLUMNS, *OPTIONAL):
        if given[column] and not storable_line(given[column]):
            fault(column, "one line of text without control characters")
    if not is_mailable(given["email"]):
        fault("email", "one e-mail address")
    return rows.Reviewer(
        id=given["id"],
        version=1,
        name=given["name"],
        email=given["email"],
        sectors=_words(given["sectors"], get_args(Sector), lambda: fault("sectors", "po, vo, mbo or so")),
        categories=_words(
            given["categories"], get_args(Category), lambda: fault("categories", " ".join(get_args(Category)))
        ),
        employer=given["employer"] or None,
        employer_kvk=_kvk(
            given["employer_kvk"], lambda: fault("employer_kvk", f"8 digits, or {NONE} for none")
        ),
        capacity=_count(
            given["capacity_per_4_weeks"],
            lambda: fault("capacity_per_4_weeks", "a whole number from 1 to 9999"),
        ),
        away_from=_day(given["away_from"], lambda: fault("away_from", "a date such as 2026-11-23")),
        away_until=_day(given["away_until"], lambda: fault("away_until", "a date such as 2026-11-23")),
        active=True,
        **{name: _kvks(given[name], lambda name=name: fault(name, _KVKS)) for name in OPTIONAL},
    )


_KVKS: Final = f"KvK numbers of 8 digits with spaces between, or {NONE} for none"


def _words(text: str, known: Iterable[str], fault: Any) -> list[str]:
    words = text.split()
    if not words or not set(words) <= set(known):
        fault()
    return words


def _kvks(text: str, fault: Any) -> list[str] | None:
    """Return some KvK numbers; None where nothing is said of them."""
    if not text:
        return None
    words = [] if text == NONE else text.split()
    if not all(map(is_kvk, words)):
        fault()
    return sorted({normalise_kvk(word) for word in words})


def _kvk(text: str, fault: Any) -> str | None:
    if text == NONE:
        return ""
    if text and not is_kvk(text):
        fault()
    return normalise_kvk(text) or None


def _count(text: str, fault: Any) -> int:
    if re.fullmatch("[0-9]{1,4}", text) and int(text) >= 1:
        return int(text)
    fault()
    return 1


def _day(text: str, fault: Any) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        fault()
        return None


def plan(app: App, wanted: list[rows.Reviewer]) -> Plan:
    """Return what importing this list would change."""
    with app.database.reading() as connection:
        known = {one.id: one for one in all_of(connection, rows.Reviewer)}
    added = tuple(one for one in wanted if one.id not in known)
    both = [(known[one.id], _beside(known[one.id], one)) for one in wanted if one.id in known]
    altered = tuple((old, anew) for old, anew in both if old != anew)
    ids = {one.id for one in wanted}
    left = tuple(one for one in known.values() if one.active and one.id not in ids)
    return Plan(added, altered, left)


def _beside(known: rows.Reviewer, given: rows.Reviewer) -> rows.Reviewer:
    """Return a reviewer as given; of what ties them to providers nothing is forgotten that the list leaves open."""
    kept = {name: getattr(known, name) for name in OPTIONAL if getattr(given, name) is None}
    return replace(given, version=known.version, **kept)


def carry_out(app: App, planned: Plan) -> None:
    """Write the list, hand the open reviews of who left or is away to others, and look again at cases that wait.

    Raises:
        Stale: the list changed meanwhile.
    """
    ops: list[Any] = [new(one) for one in planned.added]
    ops += [_change(old, anew) for old, anew in planned.altered]
    ops += [_change(old, replace(old, active=False)) for old in planned.left]
    app.unit.write(ops)
    for case_id, reviewer_id, why in _unable(app):
        _release(app, case_id, reviewer_id, why)
    look_again(app)


def _unable(app: App) -> list[tuple[str, str, str]]:
    """Return which open reviews somebody cannot do any more, and why; also where an earlier import was broken off."""
    table, cases, today = tables.assignments, tables.cases, received_on(app.clock.now())
    asked = (
        select(table.c.case_id, table.c.reviewer_id, table.c.review_by)
        .join(cases, cases.c.id == table.c.case_id)
        .where(table.c.state == rows.ASKED, cases.c.state == State.IN_REVIEW)
        .order_by(table.c.reviewer_id, table.c.case_id)
    )
    with app.database.reading() as connection:
        known = {one.id: one for one in all_of(connection, rows.Reviewer)}
        found = connection.execute(asked).all()
    why = ((case, reviewer, _why(known[reviewer], review_by, today)) for case, reviewer, review_by in found)
    return [(case, reviewer, reason) for case, reviewer, reason in why if reason is not None]


def _why(reviewer: rows.Reviewer, review_by: date, today: date) -> str | None:
    """Return why a reviewer cannot answer by this day: they left the list, or are away on each day until then."""
    if not reviewer.active:
        return LEFT
    tomorrow = today + timedelta(days=1)
    known = known_of(reviewer, 0)
    return AWAY if known.is_away(tomorrow) and known.is_away(max(review_by, tomorrow)) else None


def _change(old: rows.Reviewer, anew: rows.Reviewer) -> Change:
    values = changed(old, anew) | {"version": old.version + 1}
    return Change(tables.reviewers, {"id": old.id, "version": old.version}, values)


def _release(app: App, case_id: str, reviewer_id: str, why: str) -> None:
    def release(draft: Draft) -> None:
        open_reviews = [one for one in draft.dossier.assignments if one.state == rows.ASKED]
        if any(one.reviewer_id == reviewer_id for one in open_reviews):
            moving.take(draft, Event.RELEASED, released=[reviewer_id], why=why)

    walk.advance(app, case_id, BY, release)


def look_again(app: App) -> None:
    """Ring for every case that waits for reviewers: there may be some now."""
    cases = tables.cases
    waits = (cases.c.step == walk.ASSIGN, cases.c.retry_at.is_(None), cases.c.parked_at.is_(None))
    with app.database.reading() as connection:
        waiting = list(connection.execute(select(cases.c.id, cases.c.version).where(*waits)))
    for case_id, version in waiting:
        values = {"retry_at": first_ring(app), "version": version + 1}
        app.unit.write([Change(cases, {"id": case_id, "version": version}, values, must=False)])
        app.ring(walk.ASSIGN, case_id)
