"""What is parked: everything that no hint moves any more until somebody takes it up again.

Cases and stored events that failed too often or ended their process, and letters whose attempts ended
it before the mail server had them. The keys are public and stable; docs/json.md names them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from typing import Any, Final

from sqlalchemy import Connection, Table, exists, select

from pipeline.casework import chronicle, contents, overview, retrying
from pipeline.casework.walk import REMIND
from pipeline.domain import journal
from pipeline.errors import NotFound
from pipeline.store import rows, tables
from pipeline.store.parked import WHERE
from pipeline.store.reading import all_of
from pipeline.wiring import App

Json = dict[str, Any]

ROWS: Final = 10  # of the journal that a detail shows, up to half of them from parking on


@dataclass(frozen=True)
class Parked:
    """One parked row.

    Attributes:
        key: what operators call it: the number of a case, the id of an event or a letter.
        kind: ``case``, ``event`` or ``letter``.
        id: of the row.
        step: the actor that cannot do it.
        since: by the home's clock.
        attempts: how often it was tried, whatever that ended with.
    """

    key: str
    kind: str
    id: str
    step: str
    title: str
    since: datetime
    attempts: int
    error: str

    def as_json(self) -> Json:
        """Return what a list shows of it."""
        return {
            "key": self.key,
            "kind": self.kind,
            "step": self.step,
            "title": self.title,
            "since": self.since.isoformat(),
            "attempts": self.attempts,
            "error": self.error,
            "advice": f'Take the cause away, then: pipeline retry {self.key} --by "YOUR NAME"',
        }


def all_parked(app: App, step: str | None = None) -> list[Parked]:
    """Return everything that is parked, in the order in which it was; only this step, where one is given."""
    with app.database.reading() as connection:
        found = [*_cases(connection), *_events(connection), *_letters(connection)]
    wanted = [one for one in found if step in (None, one.step)]
    return sorted(wanted, key=lambda one: (one.since, one.key))


def find(app: App, keys: Sequence[str]) -> list[Parked]:
    """Return the parked rows of these keys, in their order.

    Raises:
        NotFound: nothing parked has one of them; names every one.
    """
    known = {one.key: one for one in all_parked(app)}
    wanted = [known.get(key) or known.get(key.upper()) for key in keys]
    if missing := [key for key, one in zip(keys, wanted, strict=True) if one is None]:
        raise NotFound(f"Nothing that is parked has the number or id {', '.join(missing)}.")
    return [one for one in wanted if one is not None]


def detail(app: App, one: Parked) -> Json:
    """Return everything about one parked row: its input and the rows of the journal around it, too."""
    told = _DETAILS[one.kind](app, one.id)
    return {**one.as_json(), **told}


def take_up(app: App, one: Parked, by: str) -> None:
    """Ring again for a parked row, as if for the first time."""
    _TAKING_UP[one.kind](app, one.id, by)


def is_under_way(app: App, taken: Sequence[Parked]) -> bool:
    """Say whether any of these rows still has a step to go."""
    with app.database.reading() as connection:
        return any(_is_pending(connection, TABLES[one.kind], one.id) for one in taken)


def _is_pending(connection: Connection, table: Table, key: str) -> bool:
    waits = exists().where(table.c.id == key, table.c.retry_at.is_not(None))
    return bool(connection.execute(select(waits)).scalar_one())


def outcome(app: App, one: Parked) -> Json:
    """Return what became of a row that was taken up: its state, and the error where it is parked again."""
    table = TABLES[one.kind]
    is_parked = select(table.c.id).where(table.c.id == one.id, WHERE[table])
    query = select(table.c.state, table.c.last_error).where(table.c.id == one.id)
    with app.database.reading() as connection:
        again = connection.execute(is_parked).first()
        state, error = connection.execute(query).one()
    return {"key": one.key, "kind": one.kind, "state": "parked" if again else state, "error": error}


def _cases(connection: Connection) -> list[Parked]:
    return [
        Parked(
            case.number,
            "case",
            case.id,
            case.step or REMIND,
            case.title,
            case.parked_at or case.received_at,
            case.attempts,
            case.last_error or "",
        )
        for case in all_of(connection, rows.Case, WHERE[tables.cases])
    ]


def _events(connection: Connection) -> list[Parked]:
    return [
        Parked(
            event.id,
            "event",
            event.id,
            "take_in",
            event.file or f"an event of {event.length} bytes",
            event.parked_at or event.received_at,
            event.attempts + event.unfinished,
            event.last_error or "",
        )
        for event in all_of(connection, rows.Event, WHERE[tables.events])
    ]


def _letters(connection: Connection) -> list[Parked]:
    found = all_of(connection, rows.Letter, WHERE[tables.letters])
    since = _told_at(connection, [letter.id for letter in found])
    return [
        Parked(
            letter.id,
            "letter",
            letter.id,
            "dispatch",
            letter.subject,
            since.get(letter.id, letter.written_at),
            letter.attempts + letter.unfinished,
            letter.last_error or "",
        )
        for letter in found
    ]


def _told_at(connection: Connection, letters: list[str]) -> dict[str, datetime]:
    """Return since when a human has the task about each letter."""
    if not letters:
        return {}
    table = tables.tasks
    query = select(table.c.letter_id, table.c.opened_at).where(table.c.letter_id.in_(letters))
    return dict(connection.execute(query.order_by(table.c.opened_at)).all())


def _of_case(app: App, case_id: str) -> Json:
    with app.database.reading() as connection:
        [case] = all_of(connection, rows.Case, tables.cases.c.id == case_id)
        told = _journal(connection, case_id)
    return {"input": {"state": case.state.value, "submission": case.data}, "journal": told}


def _of_event(app: App, event_id: str) -> Json:
    with app.database.reading() as connection:
        [event] = all_of(connection, rows.Event, tables.events.c.id == event_id)
        told = _journal(connection, journal.HOME, event_id)
    shown = {"file": event.file, "received_at": event.received_at.isoformat(), "bytes": event.length}
    return {"input": {**shown, "sha256": event.digest, **readable(event.raw)}, "journal": told}


def _of_letter(app: App, letter_id: str) -> Json:
    raw = contents.read(app, letter_id)
    with app.database.reading() as connection:
        [letter] = all_of(connection, rows.Letter, tables.letters.c.id == letter_id)
        told = _journal(connection, letter.case_id) if letter.case_id else []
    headers = [[name, str(value)] for name, value in message_from_bytes(raw, policy=default).items()]
    return {"input": {"letter": letter.kind, "headers": headers, "bytes": len(raw)}, "journal": told}


def readable(raw: bytes) -> Json:
    """Return bytes as text where they are UTF-8, else as hexadecimal digits."""
    try:
        return {"text": raw.decode(), "hex": None}
    except UnicodeDecodeError:
        return {"text": None, "hex": raw.hex()}


def _journal(connection: Connection, chain: str, event_id: str | None = None) -> list[Json]:
    """Return the rows of a chain around the last parking; of the home's only those about one event."""
    found = [overview.entry(*row) for row in chronicle.of(connection, chain)]
    about = [row for row in found if event_id is None or (row["facts"] or {}).get("event") == event_id]
    parkings = [place for place, row in enumerate(about) if row["event"] == "parked"]
    last = parkings[-1] + ROWS // 2 if parkings else len(about)
    return about[max(0, last - ROWS) : last]


TABLES: Final = {"case": tables.cases, "event": tables.events, "letter": tables.letters}
_DETAILS: Final[dict[str, Callable[[App, str], Json]]] = {
    "case": _of_case,
    "event": _of_event,
    "letter": _of_letter,
}
_TAKING_UP: Final[dict[str, Callable[[App, str, str], None]]] = {
    "case": retrying.take_up_case,
    "event": retrying.take_up_event,
    "letter": retrying.take_up_letter,
}
