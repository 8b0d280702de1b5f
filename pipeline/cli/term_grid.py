"""A term as a person reads it at a glance: a grid of weeks, its days in runs, and the sum."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from pipeline.casework.terming import Explained
from pipeline.cli import output
from pipeline.domain.terms import Day, Ground, Run, runs

# Each ground with its sign, which tells it where there are no colours; a counted day is bare.
_SIGNS: Final[dict[Ground, tuple[str, str, str]]] = {
    "received": ("r", "bold", "received"),
    "counted": (" ", "green", "counted"),
    "paused": ("p", "yellow", "paused: waiting for a supplement"),
    "school_holiday": ("s", "cyan", "school holiday"),
    "rolled_over": (">", "magenta", "rolled over"),
    "extended": ("+", "blue", "extended"),
    "set_aside": ("a", "red", "to be set aside"),
}
_WEEKDAYS: Final = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


def show(found: Explained) -> None:
    """Print a term: in weeks, in runs of days, and what it comes to."""
    output.line(f"{found.kind.value.capitalize()} received on {_long(found.days[0].day)}", "bold")
    output.line(_rules(found))
    output.line()
    output.console().print(_grid(found.days))
    output.line()
    output.console().print(_legend(found))
    lines = runs(found.days)
    output.console().print(_runs(lines, found.ledger.region))
    for source, number in _numbered(lines).items():
        output.line(f"source {number}: {source}", "dim")
    output.line()
    output.line(_sum(found))
    that = "" if found.set_aside is None else " that it is set aside"
    output.line(f"{_to_do(found).capitalize()} by {_long(found.days[-1].day)}{that}.", "bold")


def _to_do(found: Explained) -> str:
    return "decide" if found.set_aside is None else "send"


def _rules(found: Explained) -> str:
    ledger = found.ledger
    region = "school holidays count" if ledger.region == "none" else f"school holidays: {ledger.region}"
    rolls = "an end on a weekend or holiday moves on" if ledger.roll_over else "an end stays where it falls"
    return f"{ledger.budget_days} days from the day after; {region}; {rolls}."


def _grid(days: Sequence[Day]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    table.add_column("")
    table.add_column("week", justify="right")
    for weekday in _WEEKDAYS:
        table.add_column(f" {weekday}  ", no_wrap=True)
    table.add_column("counted", justify="right", style="dim")
    counted, month = 0, ""
    for _, each in groupby(days, lambda day: day.day.isocalendar()[:2]):
        week = list(each)
        counted += sum(day.is_counted for day in week)
        shown = f"{week[-1].day:%b %Y}"
        table.add_row(
            shown if shown != month else "",
            str(week[0].day.isocalendar().week),
            *_cells(week, days[-1].day),
            str(counted),
        )
        month = shown
    return table


def _cells(week: Sequence[Day], due: date) -> Iterator[Text]:
    found = {day.day.weekday(): day for day in week}
    for weekday in range(len(_WEEKDAYS)):
        day = found.get(weekday)
        yield Text("") if day is None else _cell(day, is_due=day.day == due)


def _cell(day: Day, *, is_due: bool) -> Text:
    sign, style, _ = _SIGNS[day.ground]
    number = f"{day.day.day:>2}{sign}"
    return Text(f"[{number}]", f"bold reverse {style}") if is_due else Text(f" {number} ", style)


def _legend(found: Explained) -> Text:
    """Say what the signs mean that stand in the grid."""
    legend = Text()
    for ground, (sign, style, meaning) in _SIGNS.items():
        if any(day.ground == ground for day in found.days):
            legend.append(f"12{sign}".strip(), style=style).append(f" {meaning}   ")
    return legend.append("[12]", style="bold reverse").append(f" {_to_do(found)} by")


def _runs(found: Sequence[Run], region: str) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for name in ("from", "until"):
        table.add_column(name, no_wrap=True)
    for name in ("days", "source"):
        table.add_column(name, justify="right")
    table.add_column("why", overflow="fold")
    numbers = _numbered(found)
    for run in found:
        until = _short(run.last) if run.days > 1 else ""
        sources = ",".join(str(numbers[source]) for source in run.sources)
        why = Text(_why(run, region), style=_SIGNS[run.ground][1])
        table.add_row(_short(run.first), until, str(run.days), sources, why)
    return table


def _numbered(found: Sequence[Run]) -> dict[str, int]:
    """Return the sources in the order in which they are called upon, each with its number."""
    sources = dict.fromkeys(source for run in found for source in run.sources)
    return {source: number for number, source in enumerate(sources, start=1)}


def _why(run: Run, region: str) -> str:
    names = ", ".join(run.names)
    match run.ground:
        case "school_holiday":
            return f"school holiday: {names} ({region})"
        case "paused":
            return f"paused: waiting for the supplement {names}"
        case "rolled_over":
            return f"rolled over: {names.replace('Saturday, Sunday', 'weekend')}"
        case "extended":
            return f"extended: {output.cell(names)}"
        case "set_aside":
            return f"to be set aside: {names}"
    return run.ground


def _sum(found: Explained) -> str:
    """Return the days in one line: what counted, and what did not by its ground."""
    numbers = Counter(day.ground for day in found.days)
    left_out = [
        f"{numbers[ground]} {ground.replace('_', ' ')}" for ground in _SIGNS if _is_apart(ground, numbers)
    ]
    more = f"; besides {', '.join(left_out)}" if left_out else ""
    counted = f"{numbers['counted']} of {found.ledger.budget_days} days counted"
    if found.set_aside is None:
        return f"{counted}{more}."
    within, last = found.set_aside.days, _long(found.set_aside.answer_by)
    return f"To be sent within {within} days after {last}; {counted}{more}."


def _is_apart(ground: Ground, numbers: Counter[Ground]) -> bool:
    return ground not in ("received", "counted", "set_aside") and numbers[ground] > 0


def _short(day: date) -> str:
    return f"{day:%a} {day.day:>2} {day:%b %Y}"


def _long(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"
