"""What a run came to: counted, printed as tables or as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from pipeline.domain.lifecycle import State
from pipeline.store import rows, tables
from tests.chaos.invariants import Evidence

SHOWN = 5  # breaches of one rule that are printed; --json has all


@dataclass(frozen=True)
class Report:
    """One run.

    Attributes:
        faults: how often which fault struck.
        cases: by state; of those not closed, ``parked`` and else whom they wait for by kind.
        events: dropped, how many of them more than once, and what became of them.
        unknown_accepted: of the letters that are ``unknown``, those that the mail server has.
        rest_seconds: from the last fault until everything was at rest; None if it never was.
        breaches: what each rule found.
    """

    database: str
    seed: int
    seconds: float
    faults: Mapping[str, int]
    cases: Mapping[str, int]
    events: Mapping[str, int]
    letters: Mapping[str, int]
    unknown_accepted: int
    starts: Mapping[str, int]
    rest_seconds: float | None
    breaches: Mapping[str, Sequence[str]]

    @property
    def holds(self) -> bool:
        """Whether every rule held."""
        return not any(self.breaches.values())

    def as_json(self) -> dict[str, Any]:
        """Return all of it with stable keys."""
        return {**asdict(self), "holds": self.holds}


def counted(found: Evidence) -> dict[str, Any]:
    """Return the figures that follow from the evidence."""
    accepted = {letter.message_id for letter in found.accepted}
    cases, letters = tables.cases, tables.letters
    with found.database.reading() as connection:
        stood = connection.execute(select(cases.c.state, cases.c.parked_at)).all()
        lay = connection.execute(select(letters.c.state, letters.c.message_id)).all()
    fates = Counter(str(drop.fate) for drop in found.drops)
    again = sum(drop.times - 1 for drop in found.drops)
    return {
        "cases": dict(Counter(_standing(row.state, row.parked_at) for row in stood)),
        "events": {"dropped": len(found.drops), "dropped again": again, **fates},
        "letters": dict(Counter(row.state for row in lay)),
        "unknown_accepted": sum(row.state == rows.UNKNOWN and row.message_id in accepted for row in lay),
    }


def _standing(state: str, parked_at: object) -> str:
    if state == State.CLOSED:
        return "closed"
    return "parked" if parked_at is not None else f"waits, {state}"


def show(report: Report, console: Console) -> None:
    """Print the tables."""
    title = f"Chaos on {report.database}, {report.seconds:.0f} s, seed {report.seed}"
    faults = Table("Fault", "Times", title=title, title_justify="left")
    faults.columns[1].justify = "right"
    for name, times in sorted(report.faults.items()):
        faults.add_row(name, str(times))
    console.print(faults)
    console.print(_figures(report))
    console.print(_rules(report.breaches))


def _figures(report: Report) -> Table:
    table = Table("Came to", "Number")
    table.columns[1].justify = "right"
    groups = {"events": report.events, "cases": report.cases, "letters": report.letters}
    for name, group in groups.items():
        for what, number in sorted(group.items()):
            table.add_row(f"{name}: {what}", str(number))
        table.add_section()
    table.add_row("letters: unknown that had been accepted", str(report.unknown_accepted))
    table.add_row("programs: started again", str(sum(report.starts.values()) - len(report.starts)))
    rest = "never" if report.rest_seconds is None else f"{report.rest_seconds:.1f}"
    table.add_row("seconds to rest", rest)
    return table


def _rules(breaches: Mapping[str, Sequence[str]]) -> Table:
    table = Table("Rule", "Holds")
    for rule, found in breaches.items():
        shown = [*found[:SHOWN], *([f"and {len(found) - SHOWN} more"] if len(found) > SHOWN else [])]
        table.add_row(rule, "\n".join(shown) if found else "yes")
    return table
