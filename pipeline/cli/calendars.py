"""`pipeline calendar import|check`: the holidays that terms are counted with, kept right."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from pipeline.cli import moments, output
from pipeline.cli.options import AsJson
from pipeline.cli.session import settings
from pipeline.contract import received_on
from pipeline.domain import calendar_imports as imports
from pipeline.domain.calendar import DAY
from pipeline.domain.calendar_checks import faults as wrong_in
from pipeline.domain.calendar_checks import subjects
from pipeline.domain.calendar_files import CalendarFile
from pipeline.errors import UsageError, shorten
from pipeline.settings import load_policy
from pipeline.settings.calendars import check_calendar, check_files, read_files
from pipeline.store.clock import SystemClock

COLUMNS: Final = ("subject", "first_day", "last_day", "days_left", "warnings")
DECADE: Final = 10  # years: longer than any decree or regulation reaches ahead

group = typer.Typer(no_args_is_help=True, help="Keep the holidays that terms are counted with.")


@group.callback()
def calendar() -> None:
    """Keep the holidays that terms are counted with."""


@group.command()
def check(
    folder: Annotated[
        Path | None, typer.Argument(help="Of calendar files; by default that of the settings.")
    ] = None,
    today: Annotated[
        str | None, typer.Option(metavar="DATE", help="From when the days left are counted.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Look at every file and row, and say how long the calendar lasts; exit code 1 tells of a fault."""
    found = settings()
    place = folder or found.calendar
    day = moments.day(today) if today else received_on(SystemClock().now())
    built, faults = check_calendar(place)
    warn_days = load_policy(found.policy).calendar.warn_days
    lasting = [] if built is None else [asdict(one) for one in subjects(built, day, warn_days)]
    if json:
        output.as_json(
            {"folder": str(place), "today": str(day), "subjects": _plain(lasting), "faults": faults}
        )
    else:
        _show(lasting, faults)
    if faults:
        raise typer.Exit(1)


def _plain(lasting: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**one, "first_day": str(one["first_day"]), "last_day": str(one["last_day"])} for one in lasting]


def _show(lasting: list[dict[str, Any]], faults: list[str]) -> None:
    if lasting:
        output.table(
            COLUMNS[:-1], [[one["covers"], *(one[name] for name in COLUMNS[1:-1])] for one in lasting]
        )
    for one in lasting:
        for warning in one["warnings"]:
            output.line(f"{one['covers']}: {warning}", "yellow")
    for fault in faults:
        output.line(fault, "red")
    output.line(f"Faults: {len(faults)}." if faults else "The calendar is right.")


@group.command(name="import")
def import_(
    file: Annotated[
        Path | None, typer.Argument(help="Of school holidays, JSON or CSV; - reads standard input.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option(help="The calendar file to write, such as school-2028.toml.")
    ] = None,
    school_year: Annotated[
        str | None, typer.Option(metavar="2028-2029", help="Which one FILE is about.")
    ] = None,
    first_day: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="From which on FILE is all there is; by default where others end."),
    ] = None,
    public: Annotated[
        str | None,
        typer.Option(metavar="2029-2030", help="Instead of FILE: years whose public holidays to write."),
    ] = None,
    equated: Annotated[
        list[str] | None, typer.Option(metavar="DATE=NAME", help="A day that a decree equates with them.")
    ] = None,
    source: Annotated[str | None, typer.Option(help="Where it was published.")] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Write over a file that says otherwise.")
    ] = False,
) -> None:
    """Write a calendar file from what was published, once all of it can be right.

    School holidays come from the JSON of opendata.rijksoverheid.nl or from a table in CSV with the columns
    name,regions,first,last,set. Public holidays come from a library; days equated by decree from you.
    """
    if to is None or (file is None) == (public is None):
        raise UsageError(
            "Say --to which file, and either FILE with --school-year, or --public with its years."
        )
    others, unread = read_files(to.parent)
    others = {path: one for path, one in others.items() if path.name != to.name}
    wrong = [fault for fault in unread if not fault.startswith(f"{to}:")]
    if wrong:
        raise UsageError("\n".join(wrong))
    if public is not None:
        first, last = _years(public, "--public")
        made = imports.public(first, last, dict(map(_equated, equated or [])), source)
    else:
        assert file is not None
        year = _school_year(school_year)
        begins = moments.day(first_day) if first_day else _continues(others, year)
        made = imports.school(_read(file), year, begins, _named(source))
    _check(made, to, others)
    _write(imports.written(made), to, replace=replace)


def _named(source: str | None) -> str:
    if not source:
        raise UsageError("--source: expected where it was published, got nothing. Name it.")
    return source


def _read(file: Path) -> str:
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{file}: expected text in UTF-8. Save it as such.") from None


def _years(text: str, option: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    if not (first + (last or first)).isdigit() or not 0 <= int(last or first) - int(first) <= DECADE:
        raise UsageError(f"{option}: expected years such as 2029-2030, got {shorten(text)}.")
    return int(first), int(last or first)


def _school_year(text: str | None) -> int:
    first, last = _years(text or "", "--school-year")
    if last != first + 1:
        raise UsageError(f"--school-year: expected two years in a row, got {text}.")
    return first


def _equated(text: str) -> tuple[date, str]:
    day, _, name = text.partition("=")
    if not name.strip():
        raise UsageError(f"--equated: expected DATE=NAME, got {shorten(text)}.")
    return moments.day(day.strip()), name.strip()


def _continues(others: dict[Path, CalendarFile], year: int) -> date:
    """Return the day after the last that other files know, where that is in the summer before."""
    ends = [one.last_day for one in others.values() if one.covers == "school"]
    known = [end + DAY for end in ends if date(year, 7, 1) <= end < date(year, 10, 1)]
    if not known:
        raise UsageError(
            f"--first-day: no file beside it ends in the summer of {year}. Say from which day on, after that "
            "summer's holidays, this one is all there is."
        )
    return max(known)


def _check(made: CalendarFile, to: Path, others: dict[Path, CalendarFile]) -> None:
    """Refuse what does not go with itself, or with the other files of the folder."""
    wrong = [f"{to}: {fault}" for fault in wrong_in([made])]
    if not wrong and {one.covers for one in others.values()} | {made.covers} == {"public", "school"}:
        wrong = check_files({**others, to: made}, to.parent)[1]
    if wrong:
        raise UsageError("\n".join(wrong))


def _write(text: str, to: Path, *, replace: bool) -> None:
    is_there = to.exists()
    if is_there and to.read_text(encoding="utf-8") == text:
        output.line(f"{to} holds exactly this already; nothing is changed.")
        return
    if is_there and not replace:
        raise UsageError(f"{to} is there and says otherwise: --replace writes over it.")
    partial = to.with_name(f".{to.name}.partial")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(to)
    finally:
        partial.unlink(missing_ok=True)
    output.line(
        f"{to} is {'replaced' if is_there else 'written'}. Look at it, then `pipeline calendar check`."
    )
