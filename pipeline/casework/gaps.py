"""Numbers that are not given out, and the journal of the home that says so."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, select

from pipeline.casework import chronicle
from pipeline.casework.restoring import RESTORED
from pipeline.domain import journal
from pipeline.domain.numbers import ACTIVITY_COUNTER, FIRST_ACTIVITY, activity_number
from pipeline.store import tables


def journaled(connection: Connection) -> dict[str, list[tuple[int, int]]]:
    """Return by counter the first and last of each run of numbers that a restore jumped over.

    Activity numbers have no gaps but these.
    """
    found: dict[str, list[tuple[int, int]]] = {}
    for entry, content in chronicle.of(connection, journal.HOME):
        if entry.event == RESTORED and content is not None:
            for name, (first, last) in content.facts["gaps"].items():
                found.setdefault(name, []).append((first, last))
    return found


def activity_numbers(connection: Connection) -> set[str]:
    """Return every activity number that lies in such a gap, as it would be written."""
    gaps = journaled(connection).get(ACTIVITY_COUNTER, [])
    return {activity_number(serial) for first, last in gaps for serial in range(first, last + 1)}


def unexplained(connection: Connection) -> Iterator[str]:
    """Tell of activity numbers that are lacking though the journal names no gap, and of those nobody gave out."""
    given = set(connection.execute(select(tables.registrations.c.number)).scalars())
    due = _counted(connection) - activity_numbers(connection)
    yield from (f"{number} was skipped" for number in sorted(due - given))
    yield from (f"{number} is out of turn" for number in sorted(given - due))


def _counted(connection: Connection) -> set[str]:
    """Return every number from the first one up to where the counter stands."""
    table = tables.counters
    stands_at = select(table.c.value).where(table.c.name == ACTIVITY_COUNTER)
    last = connection.execute(stands_at).scalar_one_or_none()
    return set() if last is None else {activity_number(one) for one in range(FIRST_ACTIVITY, last + 1)}
