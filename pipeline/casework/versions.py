"""The versions of a submission: what was first sent, and what each supplement made of it.

They are not stored: each follows from the events that are kept, in the order in which the journal says that they were
taken in. So they go when the events of the case are erased, and what is left is that there were versions, and when.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Connection

from pipeline.contract import merge_patch, parse, received_on
from pipeline.domain.differences import differences
from pipeline.domain.lifecycle import Event, Kind
from pipeline.errors import UsageError
from pipeline.mail.words import label
from pipeline.store import rows, tables
from pipeline.store.reading import all_of, case_by_number
from pipeline.wiring import App

Json = dict[str, Any]
MADE_BY: Final = (
    "received",
    Event.SUPPLEMENTED.value,
)  # rows of the journal, each with the event that it is about


def versions(app: App, number: str) -> Json:
    """Return the versions of the submission in a case, the oldest first; keys as docs/json.md names them.

    Raises:
        NotFound: no case has this number.
        UsageError: an objection submits nothing of which there are versions.
    """
    with app.database.reading() as connection:
        case = case_by_number(connection, number)
        if case.kind is Kind.OBJECTION:
            raise UsageError(
                f"{case.number} is an objection: the versions are those of the case it is about."
            )
        made_by = _events(connection, case.id)
    return {
        "case": case.number,
        "erased_on": None if case.erased_on is None else case.erased_on.isoformat(),
        "versions": list(_told(made_by)),
    }


def submissions(events: Sequence[rows.Event]) -> Iterator[Any]:
    """Yield the data of a submission after each of the events that made it."""
    data: Any = None
    for event in events:
        given = parse(event.raw)["data"]
        data = given if data is None else merge_patch(data, given["changes"])
        yield data


def _events(connection: Connection, case_id: str) -> list[tuple[rows.Entry, rows.Event]]:
    """Return the events that made a version, each with its row of the journal, in that order."""
    journal, events = tables.journal, tables.events
    where = (journal.c.chain == case_id, journal.c.event.in_(MADE_BY))
    entries = all_of(connection, rows.Entry, *where, order=[journal.c.place])
    ids = [entry.correlation for entry in entries]
    found = {one.id: one for one in all_of(connection, rows.Event, events.c.id.in_(ids))}
    return [(entry, found[entry.correlation]) for entry in entries if entry.correlation in found]


def _told(made_by: Sequence[tuple[rows.Entry, rows.Event]]) -> Iterator[Json]:
    is_kept = all(event.erased_on is None for _, event in made_by)
    known = list(submissions([event for _, event in made_by])) if is_kept else []
    for place, (entry, event) in enumerate(made_by, 1):
        changed = [
            {"field": one.field, "label": label(one.field), "old": one.old, "new": one.new}
            for one in (differences(known[place - 2], known[place - 1]) if is_kept and place > 1 else ())
        ]
        yield {
            "version": place,
            "taken_in_on": received_on(entry.at).isoformat(),
            "taken_in_at": entry.at.isoformat(),
            "source": event.source,
            "event_id": event.event_id,
            "type": event.type,
            "changes": changed if is_kept else None,
        }
