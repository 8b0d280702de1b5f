"""What became of a letter that could not be mailed, or of which nobody knew, is settled."""

from __future__ import annotations

from sqlalchemy import select

from pipeline.casework import delivery, mailing, walk
from pipeline.casework.draft import Draft
from pipeline.casework.posting import closing
from pipeline.contract import received_on
from pipeline.domain.lifecycle import ON_SENT, Event
from pipeline.errors import NotFound, UsageError
from pipeline.store import rows, tables
from pipeline.store.reading import all_of, one_of
from pipeline.store.unit import Change
from pipeline.wiring import App

DECISIONS = tuple(kind for kind, event in ON_SENT.items() if event is Event.DECISION_SENT)


def posted(app: App, letter_id: str, by: str) -> None:
    """Record that a letter that cannot be mailed was printed and posted today.

    Raises:
        NotFound: there is no such letter.
        UsageError: the letter is no longer to be posted.
    """
    with app.database.reading() as connection:
        letter = one_of(connection, rows.Letter, tables.letters.c.id == letter_id)
    if letter is None:
        raise NotFound(f"There is no letter {letter_id}.")
    if letter.state not in (rows.FAILED, rows.UNKNOWN):
        raise UsageError(
            f"Letter {letter_id} is {letter.state}; only a failed or unknown letter can be posted."
        )
    _settled(app, letter, rows.POSTED, by)


def settle_as_received(app: App, number: str, by: str) -> None:
    """Count a decision letter of unknown fate as received: whoever objects to it has it.

    In a held home that goes for one that waits as well: it left after the backup was made.
    """
    held = mailing.of(app).held_at is not None
    letters, cases = tables.letters, tables.cases
    of_case = select(cases.c.id).where(cases.c.number == number).scalar_subquery()
    with app.database.reading() as connection:
        unknown = all_of(
            connection,
            rows.Letter,
            letters.c.case_id == of_case,
            letters.c.state.in_((rows.UNKNOWN, rows.HELD) if held else (rows.UNKNOWN,)),
            letters.c.kind.in_(DECISIONS),
        )
    for letter in unknown:
        _settled(app, letter, rows.SENT, by)


def _settled(app: App, letter: rows.Letter, state: str, by: str) -> None:
    now = app.clock.now()
    values = {"state": state, "sent_at": now, "sent_on": received_on(now), "token": None}
    settled = Change(tables.letters, {"id": letter.id, "state": letter.state}, values)

    def change(draft: Draft) -> None:
        draft.op(settled)
        delivery.delivered(draft, letter)

    if letter.case_id is None:
        app.unit.write([settled, closing(letter, now)])
    else:
        walk.advance(app, letter.case_id, by, change)
