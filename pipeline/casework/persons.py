"""Everything that is held about one person, found by address, name or reviewer id, with where it lies.

Of others it holds no more than stands in what is theirs: a letter to them, a submission or an event that
names them. Whole cases are not added; their numbers are. Whoever is asked for by address is not looked for
by name as well, since others may have that name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import SMTP
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Text, cast, func, or_, select

from pipeline.domain import mentions
from pipeline.domain.reminders import DIGEST
from pipeline.store import rows, tables
from pipeline.store.reading import all_of
from pipeline.store.unit import HomeNote
from pipeline.wiring import App

Json = dict[str, Any]
EXPORTED: Final = "exported"


@dataclass(frozen=True)
class Person:
    """What is held about somebody.

    Attributes:
        found: by table, each row with its id and what in it is about them.
        letters: the bytes of the letters to them, by id.
    """

    found: dict[str, list[Json]]
    letters: dict[str, bytes]

    def __bool__(self) -> bool:
        return any(self.found.values())


@dataclass(frozen=True)
class _Sought:
    """By what a person is known here: what was asked for, and the addresses found by it."""

    words: tuple[str, ...]  # as they are written and in lower case: SQLite lowers no letter but a to z
    providers: tuple[str, ...]
    reviewers: tuple[str, ...]

    @property
    def needles(self) -> list[str]:
        """Without what no JSON can mention them; whether it does, ``mentions`` says."""
        found = [json.dumps(word) for word in (*self.words, *self.reviewers)]
        return sorted({one[1:-1].lower() if mentions.is_distinct(one) else one.lower() for one in found})

    def places(self, value: Any) -> list[str]:
        """Return where JSON mentions them."""
        return sorted(set(mentions.places(value, self.words, self.reviewers)))

    def is_in(self, raw: bytes) -> bool:
        """Say whether bytes that came in mention them."""
        return mentions.mentions_raw(raw, self.words, self.reviewers)


def export(app: App, who: str, by: str) -> Person:
    """Gather what is held about somebody, and tell the home's journal who asked for it.

    The journal tells which rows were found by their ids, and not whom they are about.
    """
    with app.database.reading() as connection:
        sought = _sought(connection, who.strip())
        found = {name: list(look(connection, sought)) for name, look in _LOOKS.items()}
        letters = dict(_contents(connection, [row["letter"] for row in found["letters"]]))
    counts = {name: len(each) for name, each in found.items() if each}
    facts = {"providers": sought.providers, "reviewers": sought.reviewers, "found": counts}
    app.unit.write([HomeNote(app.clock.now(), EXPORTED, by, facts, app.new_id())])
    return Person(found, letters)


def _sought(connection: Connection, who: str) -> _Sought:
    table, named = tables.providers, tables.reviewers
    asked = (who, who.lower())
    providers = all_of(connection, rows.Provider, _is(asked, table.c.email, table.c.contact_name))
    reviewers = all_of(connection, rows.Reviewer, _is(asked, named.c.id, named.c.email, named.c.name))
    known = [*(one.email for one in providers), *(one.email for one in reviewers)]
    ids = tuple(sorted(one.id for one in reviewers))
    words = {*asked, *(form for one in known if one for form in (one, one.lower()))}
    return _Sought(
        tuple(sorted(words - set(ids))),
        tuple(sorted(one.id for one in providers)),
        ids,
    )


def _is(words: tuple[str, ...], *columns: Any) -> ColumnElement[bool]:
    return or_(*(or_(column.in_(words), func.lower(column).in_(words)) for column in columns))


def _names(column: Any, sought: _Sought) -> ColumnElement[bool]:
    text = func.lower(cast(column, Text))
    return or_(*(text.contains(needle, autoescape=True) for needle in sought.needles))


def _providers(connection: Connection, sought: _Sought) -> Iterator[Json]:
    for one in all_of(connection, rows.Provider, tables.providers.c.id.in_(sought.providers)):
        yield {
            "provider": one.id,
            "name": one.name,
            "contact_name": one.contact_name,
            "form_of_address": one.form_of_address,
            "email": one.email,
        }


def _reviewers(connection: Connection, sought: _Sought) -> Iterator[Json]:
    for one in all_of(connection, rows.Reviewer, tables.reviewers.c.id.in_(sought.reviewers)):
        days = {"away_from": _text(one.away_from), "away_until": _text(one.away_until)}
        told = {name: value for name, value in vars(one).items() if name not in ("id", "version")}
        yield {"reviewer": one.id, **told, **days}


def _reviews(connection: Connection, sought: _Sought) -> Iterator[Json]:
    table, numbers = tables.assignments, tables.cases
    query = select(table, numbers.c.number).join(numbers, numbers.c.id == table.c.case_id)
    for row in connection.execute(query.where(table.c.reviewer_id.in_(sought.reviewers))):
        yield {
            "case": row.number,
            "state": row.state,
            "asked_on": str(row.asked_on),
            "review_by": str(row.review_by),
        }


def _verdicts(connection: Connection, sought: _Sought) -> Iterator[Json]:
    table, numbers = tables.verdicts, tables.cases
    query = select(table, numbers.c.number).join(numbers, numbers.c.id == table.c.case_id)
    for row in connection.execute(query.where(table.c.reviewer_id.in_(sought.reviewers))):
        told = {name: row._mapping[name] for name in ("verdict", "hours", "scores", "motivation")}
        told["annulled_because"] = row.annulled_because
        yield {"case": row.number, **told, "given_at": row.given_at.isoformat()}


def _cases(connection: Connection, sought: _Sought) -> Iterator[Json]:
    """Return the cases whose submission names them, with the whole of it."""
    table = tables.cases
    for one in all_of(connection, rows.Case, _names(table.c.data, sought), order=[table.c.number]):
        if sought.places(one.data):
            erased_on = _text(one.erased_on)
            yield {"case": one.number, "title": one.title, "submission": one.data, "erased_on": erased_on}


def _events(connection: Connection, sought: _Sought) -> Iterator[Json]:
    """Look through the bytes of every event: a refused one may name somebody of whom nothing else is known."""
    table = tables.events
    query = select(table.c.id, table.c.state, table.c.type, table.c.received_at, table.c.raw)
    needles = {one.encode().lower() for one in (*sought.words, *sought.needles)}
    for row in connection.execute(query.order_by(table.c.received_at).execution_options(yield_per=100)):
        raw, lower = bytes(row.raw), bytes(row.raw).lower()
        if any(needle in lower for needle in needles) and sought.is_in(raw):
            at, text = row.received_at.isoformat(), raw.decode("utf-8", "backslashreplace")
            yield {"event": row.id, "state": row.state, "type": row.type, "received_at": at, "raw": text}


def _letters(connection: Connection, sought: _Sought) -> Iterator[Json]:
    table = tables.letters
    to = or_(_is(sought.words, table.c.to_address), table.c.reviewer_id.in_(sought.reviewers))
    for one in all_of(connection, rows.Letter, to, order=[table.c.written_at]):
        told = {"kind": one.kind, "state": one.state, "to": one.to_address, "subject": one.subject}
        yield {
            "letter": one.id,
            **told,
            "written_at": one.written_at.isoformat(),
            "sent_on": _text(one.sent_on),
        }


def _digests(connection: Connection, sought: _Sought) -> Iterator[Json]:
    """Return what digests to the office tell of them: these name cases, and hang on none."""
    table, contents = tables.letters, tables.letter_contents
    query = select(table.c.id, table.c.written_at, contents.c.raw).join(contents)
    written = query.where(table.c.kind == DIGEST).order_by(table.c.written_at, table.c.id)
    for row in connection.execute(written.execution_options(yield_per=100)):
        told = [" ".join(part.split()) for part in _text_of(row.raw).split("\n\n")]
        if found := [one for one in told if mentions.is_mentioned(one, sought.words)]:
            yield {"letter": row.id, "written_at": row.written_at.isoformat(), "told": found}


def _text_of(raw: bytes) -> str:
    body = message_from_bytes(raw, policy=SMTP).get_body(("plain",))
    text: str = "" if body is None else body.get_content()
    return text.replace("\r\n", "\n")


def _tasks(connection: Connection, sought: _Sought) -> Iterator[Json]:
    table = tables.tasks
    for one in all_of(
        connection, rows.Task, _is(sought.words, table.c.owner, table.c.owner_email, table.c.deputy)
    ):
        closed = one.closed_at and one.closed_at.isoformat()
        told = {"kind": one.kind, "owner": one.owner, "deputy": one.deputy, "detail": one.detail}
        yield {"task": one.id, **told, "opened_at": one.opened_at.isoformat(), "closed_at": closed}


def _bounces(connection: Connection, sought: _Sought) -> Iterator[Json]:
    for one in all_of(connection, rows.Bounce, _is(sought.words, tables.bounces.c.recipient)):
        told = {"recipient": one.recipient, "diagnostic": one.diagnostic, "status": one.status}
        yield {"bounce": one.id, **told, "received_at": one.received_at.isoformat()}


def _suppressions(connection: Connection, sought: _Sought) -> Iterator[Json]:
    for one in all_of(connection, rows.Suppression, _is(sought.words, tables.suppressions.c.address)):
        yield {
            "suppression": one.id,
            "address": one.address,
            "since": one.since.isoformat(),
            "reason": one.reason,
        }


def _journal(connection: Connection, sought: _Sought) -> Iterator[Json]:
    """Return the rows that they caused, or that name them or their reviewer id."""
    table, contents = tables.journal, tables.journal_contents
    told = (contents.c.chain == table.c.chain) & (contents.c.place == table.c.place)
    query = select(table.c.chain, table.c.place, table.c.at, table.c.event, contents.c.by, contents.c.facts)
    caused = _is((*sought.words, *sought.reviewers), contents.c.by)
    theirs = or_(caused, _names(contents.c.facts, sought))
    asked = query.add_columns(caused.label("is_caused")).join(contents, told)
    for row in connection.execute(asked.where(theirs).order_by(table.c.at)):
        if row.is_caused or sought.places(row.facts):
            told_of = {"event": row.event, "by": row.by, "facts": row.facts}
            yield {"chain": row.chain, "row": row.place, "at": row.at.isoformat(), **told_of}


def _policies(connection: Connection, sought: _Sought) -> Iterator[Json]:
    """Return in which rules they stand as one of the office; the rules themselves are no one's data."""
    table = tables.policies
    for version, document in connection.execute(select(table.c.version, table.c.document)):
        if found := sought.places(document):
            yield {"policy": version, "stands_at": found}


def _contents(connection: Connection, ids: list[str]) -> Iterator[tuple[str, bytes]]:
    table = tables.letter_contents
    for letter in ids:
        raw = connection.execute(select(table.c.raw).where(table.c.letter_id == letter)).scalar_one()
        if raw:
            yield letter, raw


def _text(value: object) -> str | None:
    return None if value is None else str(value)


_LOOKS: Final = {
    "providers": _providers,
    "reviewers": _reviewers,
    "reviews": _reviews,
    "verdicts": _verdicts,
    "cases": _cases,
    "events": _events,
    "letters": _letters,
    "digests": _digests,
    "tasks": _tasks,
    "bounces": _bounces,
    "suppressions": _suppressions,
    "journal": _journal,
    "policies": _policies,
}
