"""A decision made again from the record: the verdicts weighed under the rules kept, its letter drawn anew.

The letter rests on the record alone: its address, date and Message-ID stand in its row, what the provider and
the register were called then beside the decision, and all else on the case as it was locked.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from pipeline.casework import contents, correspondence, dossier, judging, overview
from pipeline.casework.dossier import Dossier, hours_asked
from pipeline.casework.draft import Draft
from pipeline.domain import decisions, lifecycle
from pipeline.domain.hours import Hours
from pipeline.domain.lifecycle import ON_SENT, Event, Result, State
from pipeline.domain.policy import Policy, Register
from pipeline.domain.verdicts import Verdict
from pipeline.errors import UsageError
from pipeline.mail import letters
from pipeline.store import rows, tables
from pipeline.store.reading import all_of, case_by_number
from pipeline.wiring import App

Json = dict[str, Any]
BY = "explain"
_LETTERS = tuple(kind for kind, event in ON_SENT.items() if event is Event.DECISION_SENT)


@dataclass(frozen=True)
class Record:
    """What is on record of a decided case, as its letter was made from it.

    Attributes:
        letter: the first that told the decision; None where none was written yet.
        raw: its bytes; empty where they were erased.
        logo: the picture that it brought.
    """

    known: Dossier
    policy: Policy
    letter: rows.Letter | None
    raw: bytes
    logo: bytes | None


def explain(app: App, number: str) -> Json:
    """Return what a decision rests on, and whether it and its letter come out the same again.

    Raises:
        NotFound: no case has this number.
        UsageError: nothing is decided yet.
    """
    record = _read(app, number)
    case = record.known.case
    again = decided_again(record.known, record.policy)
    decision, letter = overview.decided(case), _letter_again(app, record)
    same = again is None or (decision is not None and decisions.same(decision, again))
    return {
        "case": case.number,
        "state": case.state.value,
        "result": case.result and case.result.value,
        "decided_on": case.decided_on and case.decided_on.isoformat(),
        "policy": case.policy_version,
        "decision": decision,
        "again": again,
        "same": same,
        "same_trail": None if again is None else (decision or {}).get("trail") == again["trail"],
        "letter": letter,
    }


def _read(app: App, number: str) -> Record:
    with app.database.reading() as connection:
        case = case_by_number(connection, number)
        if case.state is not State.TO_SIGN and case.decided_on is None:
            raise UsageError(f"Case {number} is {case.state}: there is no decision to explain yet.")
        known = dossier.read_with(connection, case)
        known = replace(known, registration=_brought(connection, known))
        letter = _decision_letter(connection, case)
        raw = contents.of(connection, letter.id) if letter and not letter.erased_on else b""
        logo = _logo(connection, known)
    return Record(known, app.policy_of(case.policy_version), letter, raw, logo)


def _brought(connection: Connection, known: Dossier) -> rows.Registration | None:
    """Return the version of the registration that this case brought, as it was first; else what there was."""
    table = tables.registrations.c
    brought = all_of(connection, rows.Registration, table.case_id == known.case.id, order=[table.version])
    return brought[0] if brought else known.registration


def _decision_letter(connection: Connection, case: rows.Case) -> rows.Letter | None:
    """Return the letter that first told the decision: whatever followed has its text."""
    table = tables.letters
    where = (table.c.case_id == case.id, table.c.kind.in_(_LETTERS))
    found = all_of(connection, rows.Letter, *where, order=[table.c.written_at, table.c.id])
    told = ((case.decision or {}).get("told") or {}).get("letter")
    return next((one for one in found if one.id == told), found[0] if found else None)


def _logo(connection: Connection, known: Dossier) -> bytes | None:
    version, table = known.registration, tables.logos
    if version is None or version.case_id != known.case.id:
        return None
    same = (table.c.number == version.number, table.c.version == version.version, table.c.size == "normal")
    png: bytes | None = connection.execute(select(table.c.png).where(*same)).scalar_one_or_none()
    return png


def decided_again(known: Dossier, policy: Policy) -> Json | None:
    """Return the decision that follows from what is on record under some rules.

    What a human decided stands under the rules of the case; under others only where verdicts do not agree.
    None where neither verdicts nor a human decide: it was set aside, withdrawn, or an objection came too late.
    """
    case, submission = known.case, known.activity
    if case.result in (Result.SET_ASIDE, Result.INADMISSIBLE, Result.WITHDRAWN):
        return None
    weighed, asked = judging.weighed_under(known, policy), hours_asked(submission)
    decided = _by_hand(known)
    if decided is not None and (policy.version == case.policy_version or not weighed.agreed):
        return decisions.by_hand(case.kind, decided, weighed, asked)
    if not weighed.agreed:
        return None
    return decisions.of_reviewers(weighed, asked, policy.judging.criteria.of(submission.kind))


def _by_hand(known: Dossier) -> Verdict | None:
    """Return what a named human decided, as it is on record."""
    kept = known.case.decision or {}
    if kept.get("rule") != decisions.COMMISSION:
        return None
    said = next(word for word, result in _SAID.items() if known.case.result in result)
    hours = Hours.from_text(kept["hours"]) if kept["hours"] else None
    return Verdict(kept.get("by") or "", said, hours, "\n".join(kept["motivations"]) or None)


_SAID = {
    "approve": (Result.GRANTED, Result.FOUNDED, Result.PARTLY_FOUNDED),
    "defer": (Result.DEFERRED,),
    "reject": (Result.REJECTED, Result.UNFOUNDED),
}


def result_of(known: Dossier, decision: Json) -> Result | None:
    """Return what a case comes to by a decision, as the lifecycle table says."""
    return lifecycle.step(known.case.kind, State.IN_REVIEW, Event(decision["event"])).result


def _letter_again(app: App, record: Record) -> Json | None:
    letter = record.letter
    if letter is None:
        return None
    again = None if letter.erased_on else drawn_again(app, record, letter)
    return {
        "letter": letter.id,
        "kind": letter.kind,
        "subject": letter.subject,
        "sha256": hashlib.sha256(record.raw).hexdigest(),
        "sha256_again": again and hashlib.sha256(again).hexdigest(),
        "same": again and again == record.raw,
        "erased_on": letter.erased_on and letter.erased_on.isoformat(),
    }


def drawn_again(app: App, record: Record, letter: rows.Letter) -> bytes:
    """Return the bytes of a decision letter, made from the record as it was made the first time."""
    told = (record.known.case.decision or {}).get("told")
    draft = Draft(app, _as_it_stood(record.known, told), letter.written_at, BY)
    move = {"logo": record.logo} if record.logo else {}
    register = Register.model_validate(told["register"]) if told else app.policy.register_
    facts = {"register": register, **correspondence.told_to_provider(draft, letter.kind, move)}
    return letters.render(
        letter.kind,
        facts,
        to=letter.to_address,
        message_id=letter.message_id,
        date=letter.written_at,
        attachments=correspondence.attached(draft, letter.kind, move),
    ).raw


def _as_it_stood(known: Dossier, told: Json | None) -> Dossier:
    """Return the dossier with what may have changed since as it then was; nothing is known of an old decision's."""
    if told is None:
        return known
    number = told.get("registration_number", known.case.registration_number)
    case = replace(known.case, due_on=date.fromisoformat(told["due_on"]), registration_number=number)
    return replace(known, case=case, provider=replace(known.provider, **told["provider"]))
