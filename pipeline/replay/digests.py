"""What a replay left, in two figures: everything with its times, and only what came of each event."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Connection, select

from pipeline.casework import dossier
from pipeline.contract import EventType
from pipeline.domain.lifecycle import RECIPIENTS
from pipeline.store import rows, tables
from pipeline.store.backup import reflected
from pipeline.store.reading import all_of
from pipeline.store.transcript import Transcript
from pipeline.wiring import App

REMINDERS: Final = (
    "supplement_reminder",
    "deadline_missed",
)  # they say when, and the outcome is without times
_CASE_NUMBER: Final = re.compile(r"[ATB]-\d{4}-\d{6}")
AT_ONCE: Final = 200


def digest(app: App) -> str:
    """Return the SHA-256 of every row of every table."""
    found = hashlib.sha256()
    with app.database.reading() as connection:
        for table in reflected(connection, tables.metadata.tables).sorted_tables:
            found.update(table.name.encode())
            for line in Transcript(table).lines(connection):
                found.update(line)
    return found.hexdigest()


def outcome(app: App) -> str:
    """Return the SHA-256 of what came of each event: no times, no numbers, not who reviewed."""
    told = sorted(json.dumps(one, sort_keys=True) for one in outcomes(app))
    return hashlib.sha256("\n".join(told).encode()).hexdigest()


def outcomes(app: App) -> Iterator[dict[str, Any]]:
    """Yield what came of each event, and of the case that it opened.

    Verdicts are left out: whoever stays silent until somebody else is asked depends on when that was looked at,
    and what came of the verdicts stands with the case.
    """
    with app.database.reading() as connection:
        opened = {case.event_ref: case for case in all_of(connection, rows.Case)}
        known = _dossiers(connection, list(opened.values()))
        letters = _letters(connection)
        events = tables.events
        query = select(events.c.id, events.c.event_id, events.c.state, events.c.rule, events.c.field)
        is_verdict = events.c.type == EventType.REVIEW_GIVEN
        for event in connection.execute(query.where(is_verdict.is_not(True))).all():
            told: dict[str, Any] = {
                "event": event.event_id,
                "state": event.state,
                "refused": [event.rule, event.field],
            }
            case = opened.get(event.id)
            yield told if case is None else {**told, **_of_case(known[case.id], letters)}


def _dossiers(connection: Connection, cases: list[rows.Case]) -> dict[str, dossier.Dossier]:
    found: dict[str, dossier.Dossier] = {}
    for start in range(0, len(cases), AT_ONCE):
        for one in dossier.read_many(connection, cases[start : start + AT_ONCE]):
            found[one.case.id] = one
    return found


def _letters(connection: Connection) -> dict[str, Counter[str]]:
    """Count the letters to the provider that each case brought, by kind, but for reminders."""
    letters = tables.letters
    found: dict[str, Counter[str]] = {}
    for case_id, kind, state in connection.execute(
        select(letters.c.case_id, letters.c.kind, letters.c.state)
    ):
        if case_id is not None and RECIPIENTS.get(kind) == "provider" and kind not in REMINDERS:
            found.setdefault(case_id, Counter())[f"{kind} {state}"] += 1
    return found


def _of_case(known: dossier.Dossier, letters: dict[str, Counter[str]]) -> dict[str, Any]:
    case = known.case
    return {
        "kind": case.kind,
        "case": case.state,
        "result": case.result,
        "hours": (case.decision or {}).get("hours"),
        "flags": [_CASE_NUMBER.sub("#", flag) for flag in case.flags],
        "requests": [[one.fields, one.answered_on is not None] for one in known.requests],
        "letters": dict(letters.get(case.id, {})),
    }
