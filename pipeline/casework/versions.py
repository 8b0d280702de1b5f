"""The versions of a submission: what was first sent, and what each supplement made of it.

They are not stored: each follows from the events that are kept, in the order in which the journal says that they were
taken in. So they go when the events of the case are erased, and what is left is that there were versions, and when.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Connection

from pipeline.contract import merge_patch, parse, received_on
from pipeline.domain.differences import Difference, differences
from pipeline.domain.lifecycle import Event, Kind
from pipeline.errors import UsageError
from pipeline.mail.words import label
from pipeline.store import rows, tables
from pipeline.store.reading import all_of, by_id, case_by_number
from pipeline.wiring import App

Json = dict[str, Any]
Made = list[tuple[rows.Entry, rows.Event]]
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
        return of(connection, case)


def of(connection: Connection, case: rows.Case) -> Json:
    """Return the versions of the submission in a case that is no objection."""
    made_by = _events(connection, case.id)
    former = by_id(connection, rows.Case, case.previous_id)
    before = [] if former is None else _events(connection, former.id)
    return {
        "case": case.number,
        "previous_case": None if former is None else former.number,
        "erased_on": None if case.erased_on is None else case.erased_on.isoformat(),
        "versions": list(_told(_known(before), made_by)),
    }


def between(app: App, number: str, old: int, new: int) -> Json:
    """Return what differs between two versions of the submission in a case; keys as docs/json.md names them.

    Args:
        old: which is compared, counted from 1; may be the newer one.

    Raises:
        NotFound: no case has this number.
        UsageError: there are no such versions, or what they said was erased.
    """
    with app.database.reading() as connection:
        case = case_by_number(connection, number)
        made_by = [] if case.kind is Kind.OBJECTION else _events(connection, case.id)
        known = _known(made_by)
    if made_by and not known:
        raise UsageError(f"What the versions of {number} said was erased.")
    for one in (old, new):
        if not 1 <= one <= len(known):
            raise UsageError(f"{number} has {len(known)} versions: there is no version {one}.")
    changes = [_change(one) for one in differences(known[old - 1], known[new - 1])]
    return {"case": number, "from": old, "to": new, "changes": changes}


def submissions(events: Sequence[rows.Event]) -> Iterator[Any]:
    """Yield the data of a submission after each of the events that made it."""
    data: Any = None
    for event in events:
        given = parse(event.raw)["data"]
        data = given if data is None else merge_patch(data, given["changes"])
        yield data


def _events(connection: Connection, case_id: str) -> Made:
    """Return the events that made a version, each with its row of the journal, in that order."""
    journal, events = tables.journal, tables.events
    where = (journal.c.chain == case_id, journal.c.event.in_(MADE_BY))
    entries = all_of(connection, rows.Entry, *where, order=[journal.c.place])
    ids = [entry.correlation for entry in entries]
    found = {one.id: one for one in all_of(connection, rows.Event, events.c.id.in_(ids))}
    return [(entry, found[entry.correlation]) for entry in entries if entry.correlation in found]


def _known(made_by: Made) -> list[Any]:
    """Return the data of each version; nothing where it was erased."""
    is_kept = all(event.erased_on is None for _, event in made_by)
    return list(submissions([event for _, event in made_by])) if is_kept else []


def _told(earlier_round: list[Any], made_by: Made) -> Iterator[Json]:
    """Yield each version with what changed: since the one before, or the last of the earlier round."""
    known = _known(made_by)
    befores = [*earlier_round[-1:], *known] if earlier_round else known[:1] + known
    for place, (entry, event) in enumerate(made_by):
        yield {
            "version": place + 1,
            "taken_in_on": received_on(entry.at).isoformat(),
            "taken_in_at": entry.at.isoformat(),
            "source": event.source,
            "event_id": event.event_id,
            "type": event.type,
            "changes": [_change(one) for one in differences(befores[place], known[place])] if known else None,
        }


def _change(one: Difference) -> Json:
    return {"field": one.field, "label": label(one.field), "old": one.old, "new": one.new}
