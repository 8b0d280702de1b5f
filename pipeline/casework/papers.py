"""The dossier of a case as one document: read at one moment, told in chapters, typeset, and journaled."""

from __future__ import annotations

import re
from datetime import date, datetime
from email import message_from_bytes
from email.policy import SMTP
from typing import Final

from sqlalchemy import Connection, or_, select

from pipeline.casework import chapters, chronicle, dossier, projection, versions
from pipeline.casework.chapters import Record, Sent
from pipeline.casework.naming import Names
from pipeline.contract import received_on
from pipeline.domain import terms
from pipeline.domain.lifecycle import RECIPIENTS, Kind
from pipeline.errors import CalendarEnds
from pipeline.mail import dutch
from pipeline.paper import typesetting
from pipeline.paper.blocks import Paper
from pipeline.store import rows, tables
from pipeline.store.reading import all_of, by_id, case_by_number
from pipeline.store.unit import HomeNote
from pipeline.wiring import App

MADE: Final = "dossier_made"  # in the journal of the home
_RULER: Final = re.compile(r"[=-]{8,}")  # a line drawn with signs, as letters in plain text have


def printed(app: App, number: str, at: datetime, by: str, *, for_provider: bool = False) -> bytes:
    """Return the dossier of a case as PDF/A, the same bytes for the same record and moment.

    The journal of the home tells who had it made: it names reviewers, unless it is for the provider.

    Args:
        at: when it is made; stands on it.

    Raises:
        NotFound: no case has this number.
    """
    with app.database.reading() as connection:
        record = read(app, connection, number, received_on(at))
    made = typesetting.pdf(paper(record, at, for_provider=for_provider), at)
    facts = {"case": number, "for_provider": for_provider}
    app.unit.write([HomeNote(app.clock.now(), MADE, by, facts, app.new_id())])
    return made


def paper(record: Record, at: datetime, *, for_provider: bool) -> Paper:
    """Return what stands in the dossier of a case."""
    names = Names(record.known, record.people, hidden=for_provider)
    return chapters.dossier(record, names, dutch.moment(at))


def read(app: App, connection: Connection, number: str, today: date) -> Record:
    """Return all that the dossier of a case tells.

    Args:
        today: the local day on which it is looked at.

    Raises:
        NotFound: no case has this number.
    """
    case = case_by_number(connection, number)
    known = dossier.read_with(connection, case)
    policy, is_objection = app.policy_of(case.policy_version), case.kind is Kind.OBJECTION
    ledger = projection.ledger_of(known, policy)
    try:
        days = terms.explain(ledger, app.calendar)
    except CalendarEnds:  # what is not known stays out: the document says so
        days = []
    former = by_id(connection, rows.Case, case.previous_id)
    return Record(
        known=known,
        policy=policy,
        register=app.policy.register_,
        versions=[] if is_objection else versions.of(connection, case)["versions"],
        former=former.number if former else None,
        happened=[
            (entry, content) for entry, content in chronicle.of(connection, case.id) if content is not None
        ],
        sent=_sent(connection, case),
        registrations=_registrations(connection, case),
        objections=all_of(
            connection, rows.Case, tables.cases.c.subject_id == case.id, order=[tables.cases.c.number]
        ),
        days=days,
        region=ledger.region,
        people=dict(connection.execute(select(tables.reviewers.c.id, tables.reviewers.c.name)).all()),
        today=today,
    )


def _registrations(connection: Connection, case: rows.Case) -> list[rows.Registration]:
    table = tables.registrations
    same = or_(table.c.number == case.registration_number, table.c.case_id == case.id)
    return all_of(connection, rows.Registration, same, order=[table.c.version])


def _sent(connection: Connection, case: rows.Case) -> list[Sent]:
    """Return the letters about a case, those to the provider with what they say."""
    table, contents = tables.letters, tables.letter_contents
    letters = all_of(
        connection, rows.Letter, table.c.case_id == case.id, order=[table.c.written_at, table.c.id]
    )
    told = [one.id for one in letters if _is_told(one)]
    raws = select(contents.c.letter_id, contents.c.raw).where(contents.c.letter_id.in_(told))
    texts = {letter: _text(raw) for letter, raw in connection.execute(raws)}
    return [Sent(one, texts.get(one.id, "")) for one in letters]


def _is_told(letter: rows.Letter) -> bool:
    return RECIPIENTS.get(letter.kind) == "provider" and letter.erased_on is None


def _text(raw: bytes) -> str:
    body = message_from_bytes(raw, policy=SMTP).get_body(("plain",))
    lines = [] if body is None else str(body.get_content()).strip().splitlines()
    return "\n".join(line for line in lines if not _RULER.fullmatch(line))
