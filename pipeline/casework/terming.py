"""Terms as operators ask for them: of a case, or of none; and what they would be under other rules."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from pipeline.casework import dossier, places, projection
from pipeline.casework.dossier import Dossier
from pipeline.domain import terms
from pipeline.domain.calendar import Calendar
from pipeline.domain.lifecycle import Kind
from pipeline.domain.policy import Policy
from pipeline.domain.terms import Day, Ledger, SetAside
from pipeline.store import rows
from pipeline.store.reading import case_by_number
from pipeline.wiring import App

Json = dict[str, Any]


@dataclass(frozen=True)
class Explained:
    """A term with all its days."""

    kind: Kind
    ledger: Ledger
    days: list[Day]

    @property
    def set_aside(self) -> SetAside | None:
        """What ends the term, where that is that the case is to be set aside."""
        return self.ledger.set_aside if any(day.ground == "set_aside" for day in self.days) else None

    def as_json(self) -> Json:
        """Return it under the keys that docs/json.md names."""
        grounds = Counter(day.ground for day in self.days)
        ledger = self.ledger
        return {
            "kind": self.kind.value,
            "received_on": ledger.received_on.isoformat(),
            "budget_days": ledger.budget_days,
            "region": ledger.region,
            "roll_over": ledger.roll_over,
            "due_on": self.days[-1].day.isoformat(),
            "set_aside": _set_aside(self.set_aside),
            "sum": {ground: number for ground, number in grounds.items() if ground != "received"},
            "days": [_day(day) for day in self.days],
        }


def _set_aside(decided: SetAside | None) -> Json | None:
    return None if decided is None else {"answer_by": decided.answer_by.isoformat(), "days": decided.days}


def _day(day: Day) -> Json:
    return {
        "day": day.day.isoformat(),
        "ground": day.ground,
        "counted": day.is_counted,
        "name": day.name or None,
        "region": day.region or None,
        "source": day.source,
    }


def explained(kind: Kind, ledger: Ledger, calendar: Calendar) -> Explained:
    """Explain a term.

    Raises:
        CalendarEnds: a day on the way is not known to the calendar.
    """
    return Explained(kind, ledger, terms.explain(ledger, calendar))


def of_case(app: App, number: str) -> tuple[rows.Case, Ledger]:
    """Return a case and what its term is made of.

    Raises:
        NotFound: no case has this number.
    """
    known = _read(app, number)
    return known.case, projection.ledger_of(known, app.policy_of(known.case.policy_version))


def under(app: App, number: str, policy: Policy) -> Ledger:
    """Return what the term of a case would be made of under other rules; what happened is the same.

    Raises:
        NotFound: no case has this number.
    """
    known = _read(app, number)
    by_place = policy.terms.region == "provider"
    place = places.region(app, known.provider) if by_place else None
    case = known.case
    ledger = projection.ledger_of(known, policy)
    return replace(ledger, region=terms.region(case.kind, policy.terms, place))


def _read(app: App, number: str) -> Dossier:
    with app.database.reading() as connection:
        return dossier.read_with(connection, case_by_number(connection, number))
