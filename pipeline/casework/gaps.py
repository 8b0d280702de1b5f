"""Numbers that are not given out, and the journal of the home that says so."""

from __future__ import annotations

from sqlalchemy import Connection

from pipeline.casework import chronicle
from pipeline.casework.restoring import RESTORED
from pipeline.domain import journal
from pipeline.domain.numbers import ACTIVITY_COUNTER, activity_number


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
