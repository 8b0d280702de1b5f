"""What must be so once everything is at rest, whatever went wrong; each rule names its breaches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import func, select

from pipeline.casework import chronicle, dossier, gaps, verifying, waiting
from pipeline.casework.settling import DECISIONS
from pipeline.domain import journal
from pipeline.domain.lifecycle import Kind, Result, State
from pipeline.store import rows, tables
from pipeline.store.engines import Database
from pipeline.store.reading import all_of
from pipeline.wiring import App
from tests.chaos import rest
from tests.chaos.drops import Drop
from tests.chaos.relay import Accepted, digest

SURE: Final = (rows.SENT, rows.UNKNOWN)  # what a letter may be that the mail server accepted
IN_EFFECT: Final = ("valid", "replaced")
ONCE: Final = (  # kinds of letter of which a case has one, or one to each reviewer
    *DECISIONS,
    *("confirmation", "objection_received", "withdrawn", "review_asked", "review_not_needed"),
)
REMINDERS: Final = ("supplement_reminder", "review_reminder", "deadline_warning")


@dataclass(frozen=True)
class Evidence:
    """What there is to judge by: a home, what the mail server accepted, and what was dropped."""

    app: App
    accepted: Sequence[Accepted]
    drops: Sequence[Drop]

    @property
    def database(self) -> Database:
        """The database of the home."""
        return self.app.database


def everything_is_at_rest(found: Evidence) -> Iterator[str]:
    """No row has a step to go."""
    yield from rest.pending(found.database)


def every_event_was_answered(found: Evidence) -> Iterator[str]:
    """What was dropped was accepted or refused, as it had to be; what is parked is in sight."""
    for drop in found.drops:
        if (
            drop.fate != "parked"
            and drop.fate != drop.due
            and not (drop.fate and drop.due == "accepted or refused")
        ):
            yield f"{drop.source} {drop.event_id} was {drop.fate or 'lost'}, not {drop.due}"


def every_accepted_event_has_its_case(found: Evidence) -> Iterator[str]:
    """An accepted event belongs to a case that is there, and is accepted once."""
    events, cases = tables.events, tables.cases
    accepted = select(events.c.source, events.c.event_id, events.c.case_id, cases.c.id.label("case"))
    query = accepted.outerjoin(cases, cases.c.id == events.c.case_id).where(events.c.state == "accepted")
    with found.database.reading() as connection:
        stored = connection.execute(query).all()
    for row in stored:
        if row.case is None:
            yield f"{row.source} {row.event_id} was accepted and has no case"
    for (source, event_id), times in Counter((row.source, row.event_id) for row in stored).items():
        if times > 1:
            yield f"{source} {event_id} was accepted {times} times"


def every_event_counted_once(found: Evidence) -> Iterator[str]:
    """An event opened one case, or gave one verdict, however often it was dropped."""
    with found.database.reading() as connection:
        for table in (tables.cases, tables.verdicts):
            times = select(table.c.event_ref, func.count()).group_by(table.c.event_ref)
            for event, number in connection.execute(times.having(func.count() > 1)):
                yield f"event {event} stands behind {number} {table.name}"


def every_case_waits_for_somebody(found: Evidence) -> Iterator[str]:
    """A case is closed, parked, or waits for a named human."""
    with found.database.reading() as connection:
        open_cases = all_of(
            connection, rows.Case, tables.cases.c.state != State.CLOSED, tables.cases.c.parked_at.is_(None)
        )
        known = dossier.read_many(connection, open_cases)
    for each in known:
        if not any(one.who for one in waiting.waits(each)):
            yield f"{each.case.number} is {each.case.state} and waits for nobody"


def activity_numbers_have_no_gap(found: Evidence) -> Iterator[str]:
    """The numbers given out are the first ones, each once; what a restore jumped over is named in the journal."""
    with found.database.reading() as connection:
        yield from gaps.unexplained(connection)


def granted_activities_are_registered(found: Evidence) -> Iterator[str]:
    """What was granted and sent is in the register, with its logo."""
    cases, versions, logos = tables.cases, tables.registrations, tables.logos
    logo = (logos.c.number == versions.c.number) & (logos.c.version == versions.c.version)
    granted = (cases.c.kind == Kind.ACTIVITY, cases.c.result == Result.GRANTED)
    query = (
        select(cases.c.number, versions.c.state, logos.c.digest)
        .outerjoin(versions, versions.c.case_id == cases.c.id)
        .outerjoin(logos, logo)
        .where(*granted, cases.c.in_effect_on.is_not(None))
    )
    with found.database.reading() as connection:
        for number, state, logo_digest in connection.execute(query):
            if state not in IN_EFFECT:
                yield f"{number} was granted, its registration is {state or 'missing'}"
            elif logo_digest is None:
                yield f"{number} was granted and has no logo"


def no_letter_was_accepted_twice(found: Evidence) -> Iterator[str]:
    """The mail server accepted each Message-ID at most once."""
    for message_id, times in Counter(letter.message_id for letter in found.accepted).items():
        if times > 1:
            yield f"{message_id} was accepted {times} times"


def nobody_was_told_the_same_twice(found: Evidence) -> Iterator[str]:
    """Of a case there is one letter of each kind that is written once, to each reviewer of theirs."""
    written = Counter(
        (letter.case_id, letter.kind, letter.reviewer_id)
        for letter in _letters(found)
        if letter.kind in ONCE and letter.state != rows.REPLACED
    )
    for (case_id, kind, reviewer), times in written.items():
        if times > 1:
            yield f"case {case_id} has {times} letters {kind} to {reviewer or 'its provider'}"


def sent_letters_were_accepted(found: Evidence) -> Iterator[str]:
    """What is called sent is what the mail server has."""
    accepted = {letter.message_id for letter in found.accepted}
    for letter in _letters(found):
        if letter.state == rows.SENT and letter.message_id not in accepted:
            yield f"{letter.message_id} ({letter.kind}) is sent, but was never accepted"


def accepted_letters_are_sent_or_unknown(found: Evidence) -> Iterator[str]:
    """What the mail server has is called sent or unknown, and it has no other letters."""
    states = {letter.message_id: letter.state for letter in _letters(found)}
    for accepted in found.accepted:
        state = states.get(accepted.message_id, "not among our letters")
        if state not in SURE:
            yield f"{accepted.message_id} was accepted, but is {state}"


def accepted_letters_are_whole(found: Evidence) -> Iterator[str]:
    """What the mail server has is what was written, for whom it was written."""
    table = tables.letter_contents
    addresses = {letter.message_id: (letter.id, letter.to_address) for letter in _letters(found)}
    with found.database.reading() as connection:
        query = select(table.c.letter_id, table.c.raw)
        written = {row.letter_id: digest(row.raw) for row in connection.execute(query)}
    for accepted in found.accepted:
        key, address = addresses.get(accepted.message_id, ("", ""))
        if (accepted.to, accepted.digest) != (address, written.get(key)):
            yield f"{accepted.message_id} did not reach {address or 'anybody'} as it was written"


def no_reminder_rang_twice(found: Evidence) -> Iterator[str]:
    """One reminder for a deadline leads to one row in the journal and at most one letter."""
    with found.database.reading() as connection:
        rungs, cases = all_of(connection, rows.Rung), all_of(connection, rows.Case)
        told = connection.execute(_reminded()).all()
    rules = {case.id: found.app.policy_of(case.policy_version).reminders for case in cases}
    letter_of = {(key, rung.key): rung.letter for key, ladder in rules.items() for rung in ladder.rungs}
    for (chain, facts), times in Counter((row.chain, _rung(row.facts)) for row in told).items():
        if times > 1:
            yield f"case {chain} was reminded {times} times of {' '.join(facts)}"
    rung = Counter((one.case_id, letter_of.get((one.case_id, one.key), ""), one.reviewer) for one in rungs)
    written = Counter(
        (letter.case_id or "", letter.kind, letter.reviewer_id or "")
        for letter in _letters(found)
        if letter.kind in REMINDERS
    )
    for about, letters in written.items():
        if letters > rung[about]:
            yield f"case {about[0]} has {letters} letters {about[1]} for {rung[about]} reminders"


def the_journal_leads_to_each_state(found: Evidence) -> Iterator[str]:
    """The journal of a case is unbroken, ends where the case says, and replayed gives the case's state."""
    with found.database.reading() as connection:
        for case in all_of(connection, rows.Case):
            entries = [entry for entry, _ in chronicle.of(connection, case.id)]
            yield from (f"{case.number}: {breach}" for breach in _broken(entries, case))


def _broken(entries: Sequence[journal.Entry], case: rows.Case) -> Iterator[str]:
    head = None
    for place, entry in enumerate(entries, 1):
        if entry.place != place or not journal.is_linked(head, entry):
            yield f"row {place} of the journal is not what was written"
        head = entry.hash
    if (len(entries), head) != (case.journal_length, case.journal_head):
        yield f"the journal has {len(entries)} rows, the case says {case.journal_length}"
    try:
        state = journal.replayed(entries)
    except ValueError as error:
        yield str(error)
    else:
        if state != case.state:
            yield f"the journal leads to {state}, the case is {case.state}"


def the_journal_is_whole(found: Evidence) -> Iterator[str]:
    """`pipeline journal verify` finds nothing, the journal of the home included."""
    for fault in verifying.verify(found.app).faults:
        yield " ".join(str(told) for told in fault.values() if told is not None)


Invariant = Callable[[Evidence], Iterator[str]]
INVARIANTS: Final[Sequence[Invariant]] = (
    everything_is_at_rest,
    every_event_was_answered,
    every_accepted_event_has_its_case,
    every_event_counted_once,
    every_case_waits_for_somebody,
    activity_numbers_have_no_gap,
    granted_activities_are_registered,
    nobody_was_told_the_same_twice,
    no_letter_was_accepted_twice,
    sent_letters_were_accepted,
    accepted_letters_are_sent_or_unknown,
    accepted_letters_are_whole,
    no_reminder_rang_twice,
    the_journal_leads_to_each_state,
    the_journal_is_whole,
)


def breaches(found: Evidence) -> dict[str, list[str]]:
    """Return what each rule found, by the rule's words; a rule that holds found nothing."""
    return {rule.__name__.replace("_", " "): list(rule(found)) for rule in INVARIANTS}


def _letters(found: Evidence) -> list[rows.Letter]:
    with found.database.reading() as connection:
        return all_of(connection, rows.Letter)


def _reminded() -> Any:
    entries, contents = tables.journal, tables.journal_contents
    same = (contents.c.chain == entries.c.chain) & (contents.c.place == entries.c.place)
    query = select(entries.c.chain, contents.c.facts).join(contents, same)
    return query.where(entries.c.event == "reminded")


def _rung(facts: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(facts[name]) for name in ("key", "day", "reviewer"))
