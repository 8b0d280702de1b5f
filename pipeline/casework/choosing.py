"""Why a case has the reviewers that it has, from its journal; and whom it would get now, without asking them.

Plain JSON with stable keys, as docs/json.md names them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, select

from pipeline.casework import around, chronicle, dossier, judging, shortage
from pipeline.casework.around import Seen
from pipeline.casework.assignment import BY, WAITS
from pipeline.casework.draft import Draft
from pipeline.contract import received_on
from pipeline.domain.explanation import explain as explain_round
from pipeline.domain.lifecycle import Event, State
from pipeline.store import rows, tables
from pipeline.store.reading import all_of, case_by_number
from pipeline.wiring import App

Json = dict[str, Any]

NOBODY: Final = "no_reviewers"  # in the journal: too few could take the case
_TOLD: Final = ("in_the_way", "why", "confirm", "why_not", "nearest", "others", "gains")
_TAKES_REVIEWERS: Final = (State.RECEIVED, State.INCOMPLETE, State.COMPLETE, State.IN_REVIEW)


def explain(app: App, number: str) -> Json:
    """Explain every choice of reviewers for a case, and what would come out now if it lacks any.

    Raises:
        NotFound: no case has this number.
    """
    now = app.clock.now()
    with app.database.reading() as connection:
        case = case_by_number(connection, number)
        draft = Draft(app, dossier.read_with(connection, case), now, BY)
        told = [_round(entry, content.facts) for entry, content in _rounds(connection, case.id) if content]
        seen = _seen(connection, app, draft) if _lacks(draft) else None
        names = dict(connection.execute(select(tables.reviewers.c.id, tables.reviewers.c.name)).all())
    return {
        "case": case.number,
        "title": case.title,
        "rounds": told,
        "now": None if seen is None else _now(draft, seen),
        "names": names,
    }


def _rounds(connection: Connection, case_id: str) -> Iterable[tuple[rows.Entry, rows.Content | None]]:
    choices = (Event.ASSIGNED, NOBODY)
    return [one for one in chronicle.of(connection, case_id) if one[0].event in choices]


def _round(entry: rows.Entry, facts: Any) -> Json:
    told = {name: facts.get(name) for name in _TOLD}
    return {"at": entry.at.isoformat(), "reviewers": facts.get("reviewers", []), **told}


def _lacks(draft: Draft) -> bool:
    return draft.case.state in _TAKES_REVIEWERS and judging.open_places(draft) > 0


def _seen(connection: Connection, app: App, draft: Draft) -> Seen:
    """Return what a round would be made of now: this case, and all others that wait."""
    found = all_of(connection, rows.Case, *WAITS, tables.cases.c.id != draft.case.id)
    others = [Draft(app, one, draft.now, BY) for one in dossier.read_many(connection, found)] if found else []
    waiting = [one for one in others if judging.open_places(one) > 0]
    return around.see(connection, app, [draft, *waiting], received_on(draft.now))


def _now(draft: Draft, seen: Seen) -> Json:
    solved = seen.solve()
    explained = explain_round(solved, draft.case.id)
    told = {name: explained.told().get(name) for name in _TOLD}
    rule = explained.in_the_way
    gained = {} if rule is None else shortage.gained(rule, explained, seen, solved)
    return {
        **told,
        "reviewers": list(solved.chosen[draft.case.id]),
        "needed": judging.open_places(draft),
        "in_the_way": rule,
        "gains_from": {key: None if day == date.max else day.isoformat() for key, day in gained.items()},
    }
