"""What operators see of cases, events and letters: plain JSON, the same for command line and pages.

The keys are public and stable; docs/json.md names them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, func, select

from pipeline.casework import chronicle, dossier, registered, returns, waiting
from pipeline.casework.dossier import Dossier, hours_asked
from pipeline.contract import received_on
from pipeline.domain.hours import Hours
from pipeline.errors import NotFound
from pipeline.store import parked, rows, tables
from pipeline.store.reading import all_of, case_by_number, one_of
from pipeline.wiring import App

Json = dict[str, Any]


def cases(app: App) -> list[Json]:
    """Return a row for every case, in the order of receipt."""
    with app.database.reading() as connection:
        found = all_of(connection, rows.Case, order=[tables.cases.c.received_at, tables.cases.c.number])
        return _rows(connection, found)


def _rows(connection: Connection, found: list[rows.Case]) -> list[Json]:
    known = dossier.read_many(connection, found)
    events = _events(connection, [case.event_ref for case in found])
    numbers = _numbers(connection, [case.previous_id for case in found])
    current = _current(connection, known)
    return [_row(each, events[each.case.event_ref], numbers, current) for each in known]


def _row(known: Dossier, event: rows.Event, numbers: Mapping[str, str], current: Mapping[str, Hours]) -> Json:
    case = known.case
    asked, number = hours_asked(case), case.registration_number
    granted = current.get(number or "")
    return {
        "case": case.number,
        "kind": case.kind.value,
        "state": case.state.value,
        "result": case.result.value if case.result else None,
        "title": case.title,
        "provider": known.provider.name,
        "source": event.source,
        "event_id": event.event_id,
        "received_on": _text(case.received_on),
        "due_on": _text(case.due_on),
        "decided_on": _text(case.decided_on),
        "closed_on": _text(case.closed_on),
        "requests": [_request(request) for request in known.requests],
        "flags": case.flags,
        "activity_number": number,
        "hours_asked": asked.as_text() if asked else None,
        "hours_granted": granted.as_text() if granted else None,
        "reviewers": [
            one.reviewer_id for one in known.assignments if one.state in (rows.ASKED, rows.ANSWERED)
        ],
        "previous_case": numbers.get(case.previous_id or ""),
        "subject_case": known.subject.number if known.subject else None,
        "waits_for": waiting.in_words(known),
        "parked": case.parked_at is not None,
        "last_error": case.last_error,
        "erased_on": _text(case.erased_on),
    }


def _request(request: rows.Request) -> Json:
    return {
        "asked_on": _text(request.asked_on),
        "answer_by": _text(request.answer_by),
        "answered_on": _text(request.answered_on),
        "fields": request.fields,
    }


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _events(connection: Connection, ids: list[str]) -> dict[str, rows.Event]:
    if not ids:
        return {}
    return {one.id: one for one in all_of(connection, rows.Event, tables.events.c.id.in_(ids))}


def _numbers(connection: Connection, ids: list[str | None]) -> dict[str, str]:
    wanted = [one for one in ids if one]
    if not wanted:
        return {}
    table = tables.cases
    found = connection.execute(select(table.c.id, table.c.number).where(table.c.id.in_(wanted)))
    return dict(found.all())


def _current(connection: Connection, known: list[Dossier]) -> dict[str, Hours]:
    """Return the hours now granted under each activity number; a pending version only where nothing precedes it."""
    numbers = sorted({each.case.registration_number for each in known if each.case.registration_number})
    if not numbers:
        return {}
    table = tables.registrations
    versions = all_of(connection, rows.Registration, table.c.number.in_(numbers), order=[table.c.version])
    found: dict[str, Hours] = {}
    for version in versions:
        if version.state != "pending" or version.number not in found:
            found[version.number] = Hours.from_text(version.hours)
    return found


def case(app: App, number: str) -> Json:
    """Return everything about one case.

    Raises:
        NotFound: no case has this number.
    """
    with app.database.reading() as connection:
        found = case_by_number(connection, number)
        known = dossier.read_with(connection, found)
        journal = chronicle.of(connection, found.id)
        events = all_of(
            connection, rows.Event, tables.events.c.case_id == found.id, order=[tables.events.c.received_at]
        )
        return {
            **_rows(connection, [found])[0],
            "assignments": [_assignment(known, one) for one in known.assignments],
            "verdicts": [_verdict(one) for one in known.verdicts],
            "decision": decided(found),
            "tasks": [_task(one, number) for one in known.tasks],
            "letters": _letters(connection, tables.letters.c.case_id == found.id),
            "bounces": returns.of(connection, tables.bounces.c.case_id == found.id),
            "refused": [_refused(one) for one in events if one.state == "refused"],
            "conflicts": [f"{one.source} {one.event_id}" for one in events if one.state == "conflict"],
            "registrations": registered.versions(connection, _number(known), received_on(app.clock.now())),
            "journal": [entry(*one) for one in journal],
            "submission": found.data,
        }


def _number(known: Dossier) -> str | None:
    return known.case.registration_number or known.activity.registration_number


def _assignment(known: Dossier, one: rows.Assignment) -> Json:
    return {
        "reviewer": one.reviewer_id,
        "name": known.reviewers[one.reviewer_id].name,
        "state": one.state,
        "asked_on": _text(one.asked_on),
        "review_by": _text(one.review_by),
    }


def _verdict(one: rows.Verdict) -> Json:
    return {
        "reviewer": one.reviewer_id,
        "verdict": one.verdict,
        "hours": one.hours,
        "scores": one.scores,
        "motivation": one.motivation,
        "given_at": one.given_at.isoformat(),
        "annulled": _annulled(one),
    }


def _annulled(one: rows.Verdict) -> Json | None:
    if one.annulled_at is None:
        return None
    return {"at": one.annulled_at.isoformat(), "by": one.annulled_by, "because": one.annulled_because}


def decided(found: rows.Case) -> Json | None:
    """Return the decision on a case and what it rests on; None where there is none, or no verdict or human took it.

    What its letter was made of stays out: the letter itself tells that.
    """
    kept = found.decision or {}
    return {name: value for name, value in kept.items() if name != "told"} or None


def entry(row: rows.Entry, content: rows.Content | None) -> Json:
    """Return one row of the journal; what was erased from it shows as None."""
    return {
        "at": row.at.isoformat(),
        "by": content and content.by,
        "event": row.event,
        "old_state": row.old_state,
        "new_state": row.new_state,
        "facts": content and content.facts,
        "correlation": row.correlation,
    }


def refused(app: App) -> list[Json]:
    """Return every refused event, in the order of arrival."""
    table = tables.events
    with app.database.reading() as connection:
        found = all_of(
            connection, rows.Event, table.c.state == "refused", order=[table.c.received_at, table.c.id]
        )
    return [_refused(one) for one in found]


def _refused(event: rows.Event) -> Json:
    return {
        "id": event.id,
        "source": event.source,
        "event_id": event.event_id,
        "type": event.type,
        "file": event.file,
        "rule": event.rule,
        "field": event.field,
        "expected": event.expected,
        "got": event.got,
        "reason": event.reason,
        "received_at": event.received_at.isoformat(),
        "times": event.times,
        "bytes": event.length,
        "sha256": event.digest,
    }


def raw_of(app: App, event_id: str) -> bytes:
    """Return the bytes of a stored event, at most the first 256 KiB.

    Raises:
        NotFound: nothing stored has this id, or its bytes were erased.
    """
    table = tables.events
    with app.database.reading() as connection:
        event = one_of(connection, rows.Event, table.c.id == event_id)
    if event is None:
        raise NotFound(f"There is no stored event {event_id}.")
    if event.erased_on is not None:
        raise NotFound(f"The bytes of event {event_id} were erased on {event.erased_on}.")
    return event.raw


def letters(app: App, state: str | None = None) -> list[Json]:
    """Return every letter, or those in one state, in the order in which they were written."""
    where = [] if state is None else [tables.letters.c.state == state]
    with app.database.reading() as connection:
        return _letters(connection, *where)


def letter(app: App, letter_id: str) -> Json:
    """Return what is known of one letter, with what came back of it.

    Raises:
        NotFound: there is no such letter.
    """
    with app.database.reading() as connection:
        found = _letters(connection, tables.letters.c.id == letter_id)
        if not found:
            raise NotFound(f"There is no letter {letter_id}.")
        answer = select(tables.letters.c.answer).where(tables.letters.c.id == letter_id)
        return {
            **found[0],
            "answer": connection.execute(answer).scalar_one(),
            "bounces": returns.of(connection, tables.bounces.c.letter_id == letter_id),
        }


def _letters(connection: Connection, *where: Any) -> list[Json]:
    table = tables.letters
    found = all_of(connection, rows.Letter, *where, order=[table.c.written_at, table.c.id])
    numbers = _numbers(connection, [one.case_id for one in found])
    return [
        {
            "letter": one.id,
            "kind": one.kind,
            "state": one.state,
            "case": numbers.get(one.case_id or ""),
            "to": one.to_address or None,
            "subject": one.subject,
            "message_id": one.message_id,
            "written_at": one.written_at.isoformat(),
            "sent_on": _text(one.sent_on),
            "erased_on": _text(one.erased_on),
            "not_before": None if one.wake_at is None else one.wake_at.isoformat(),
            "bounced_at": None if one.bounced_at is None else one.bounced_at.isoformat(),
            "replaced_by": one.replaced_by,
            "attempts": one.attempts,
            "last_error": one.last_error,
        }
        for one in found
    ]


def tasks(app: App) -> list[Json]:
    """Return what waits for a named human, oldest first."""
    table = tables.tasks
    with app.database.reading() as connection:
        found = all_of(
            connection, rows.Task, table.c.closed_at.is_(None), order=[table.c.opened_at, table.c.id]
        )
        numbers = _numbers(connection, [one.case_id for one in found])
    return [_task(one, numbers.get(one.case_id or "")) for one in found]


def _task(task: rows.Task, number: str | None) -> Json:
    return {
        "task": task.id,
        "kind": task.kind,
        "case": number,
        "owner": task.owner,
        "deputy": task.deputy,
        "detail": task.detail,
        "opened_at": task.opened_at.isoformat(),
    }


def registrations(app: App) -> list[Json]:
    """Return every registration in effect, by number."""
    table, valid = tables.registrations, registered.in_force(received_on(app.clock.now()))
    with app.database.reading() as connection:
        found = all_of(connection, rows.Registration, valid, order=[table.c.number])
    return [
        {
            "number": one.number,
            "version": one.version,
            "title": one.title,
            "provider": one.provider_name,
            "hours": Hours.from_text(one.hours).as_text(),
            "valid_from": _text(one.valid_from),
            "valid_until": _text(one.valid_until),
        }
        for one in found
    ]


def counts(app: App) -> Json:
    """Return how many cases, letters, events and tasks there are, by what operators ask for."""
    with app.database.reading() as connection:
        case_table = tables.cases
        by = select(case_table.c.kind, case_table.c.state, case_table.c.result, func.count())
        found = connection.execute(
            by.group_by(case_table.c.kind, case_table.c.state, case_table.c.result)
        ).all()
        return {
            "cases": [
                {"kind": kind, "state": state, "result": result, "count": count}
                for kind, state, result, count in found
            ],
            "letters": _by_state(connection, tables.letters),
            "events": _by_state(connection, tables.events),
            "tasks": dict(Counter(task["kind"] for task in tasks(app))),
            "parked": parked.count(connection),
        }


def _by_state(connection: Connection, table: Any) -> dict[str, int]:
    return dict(connection.execute(select(table.c.state, func.count()).group_by(table.c.state)).all())
