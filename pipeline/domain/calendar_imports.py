"""Calendar files made of what others publish: the government's open data, a table, a library and a decree.

A row that cannot be right is a fault that says where it is, what was expected, what came and what to do.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from pydantic import ValidationError

from pipeline.contract import AMSTERDAM
from pipeline.domain.calendar_files import FIXED, LENGTHS, REGIONS, CalendarFile
from pipeline.domain.public_days import GOOD_FRIDAY, recognised
from pipeline.errors import UsageError, shorten

COLUMNS: Final = ("name", "regions", "first", "last", "set")
EVERYWHERE: Final = "heel nederland"
SOURCE: Final = "published"


@dataclass(frozen=True)
class Row:
    """One row as it was published.

    Attributes:
        place: where it stands, for whoever is to correct it.
        values: as a row of ``spans`` in a calendar file.
    """

    place: str
    values: Mapping[str, Any]


class Faulty(UsageError):
    """What came cannot be right; a line for each fault."""


def school(text: str, year: int, first_day: date, source: str) -> CalendarFile:
    """Return the school holidays of one school year, from the government's JSON or a table in CSV.

    Args:
        year: in which the school year begins.
        first_day: from which on all school holidays are known with this file.
        source: where it was found.

    Raises:
        Faulty: names every row that cannot be right.
    """
    published = list(_json(text, year) if text.lstrip()[:1] in ("{", "[") else _csv(text))
    rows = [row for row in published if isinstance(row, Row)]
    faults = [row for row in published if isinstance(row, str)]
    spans = sorted(_joined(rows), key=lambda span: (span["first"], span["regions"]))
    for row in rows:
        faults += [f"{row.place}: {fault}" for fault in _wrong(row.values, year)]
    _raise(faults)
    if not spans:
        raise Faulty(f"There are no holidays of {year}-{year + 1} in it. Give the file of that school year.")
    last = max(span["last"] for span in spans)
    document = {"covers": "school", "first_day": first_day, "last_day": last, "spans": spans}
    return _file({**document, "sources": {SOURCE: source}})


def public(first: int, last: int, equated: Mapping[date, str], source: str | None) -> CalendarFile:
    """Return the public holidays of these years, with the days that a decree equates with them.

    Args:
        source: of the decree; needed where there are such days.

    Raises:
        Faulty: a day cannot be right, or has no source.
    """
    known = {day: name for year in range(first, last + 1) for day, name in recognised(year).items()}
    faults = [f"--equated {day}: is {known[day]} already. Leave it out." for day in equated if day in known]
    outside = [day for day in equated if not first <= day.year <= last]
    faults += [
        f"--equated {day}: expected a day in {first}-{last}. Correct it, or --public." for day in outside
    ]
    if equated and not source:
        faults.append("--source: expected the decree that equates these days, got nothing. Name it.")
    _raise(faults)
    days = [
        _day(day, name, "equated" if name == GOOD_FRIDAY else "recognised", "atw")
        for day, name in known.items()
    ]
    days += [_day(day, name, "equated", "decree") for day, name in equated.items()]
    sources = {"atw": "Algemene termijnenwet, artikel 3", **({"decree": source} if equated else {})}
    span = {"first_day": date(first, 1, 1), "last_day": date(last, 12, 31)}
    return _file(
        {"covers": "public", **span, "days": sorted(days, key=lambda day: day["day"]), "sources": sources}
    )


def _day(day: date, name: str, ground: str, source: str) -> dict[str, Any]:
    return {"day": day, "name": name, "ground": ground, "source": source}


def _file(document: Mapping[str, Any]) -> CalendarFile:
    try:
        return CalendarFile.model_validate(document)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise Faulty("\n".join(fault["msg"].removeprefix("Value error, ") for fault in found)) from None


def _raise(faults: Sequence[str]) -> None:
    if faults:
        raise Faulty("\n".join(faults))


def _json(text: str, year: int) -> Iterator[Row | str]:
    """Read the form of opendata.rijksoverheid.nl: one school year, or a list of them."""
    try:
        found = json.loads(text)
        documents = found if isinstance(found, list) else [found]
        contents = [content for document in documents for content in document["content"]]
        years = [one for one in contents if one["schoolyear"].strip() == f"{year}-{year + 1}"]
        for at, vacation in enumerate((one for content in years for one in content["vacations"]), start=1):
            for region in vacation["regions"]:
                yield _published(f"holiday {at} ({vacation['type'].strip()})", vacation, region, year)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Faulty(
            f"It is not in the form of opendata.rijksoverheid.nl: {type(error).__name__} {error}. "
            "Expected content[].schoolyear and content[].vacations[] with type, compulsorydates and regions[]."
        ) from None


def _published(place: str, vacation: Mapping[str, Any], region: Mapping[str, str], year: int) -> Row | str:
    place = f"{place}, {region['region'].strip()}"
    try:
        first, last = local_day(region["startdate"]), local_day(region["enddate"])
    except ValueError:
        came = shorten(f"{region['startdate']} and {region['enddate']}")
        return f"{place}: expected moments such as 2015-10-16T22:00:00.000Z, got {came}. Correct them."
    is_fixed = str(vacation["compulsorydates"]).strip().casefold() == "true"
    name = f"{vacation['type'].strip().capitalize()} {first.year}"
    return Row(place, _span(name, region["region"], first, last, "fixed" if is_fixed else "advised"))


def local_day(moment: str) -> date:
    """Return the day in Amsterdam of a published moment, which is local midnight in UTC.

    Raises:
        ValueError: it is no moment with an offset.
    """
    read = datetime.fromisoformat(moment.strip())
    if read.tzinfo is None:
        raise ValueError("it has no offset")
    return read.astimezone(AMSTERDAM).date()


def _csv(text: str) -> Iterator[Row | str]:
    """Read a table: name, regions (apart by spaces, or ``heel Nederland``), first, last, set."""
    reader = csv.DictReader(text.splitlines())
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise Faulty(
            f"line 1: expected {','.join(COLUMNS)}, got {shorten(','.join(reader.fieldnames or ()))}. Correct it."
        )
    for row in reader:
        place = f"line {reader.line_num}"
        values = {name: (row[name] or "").strip() for name in COLUMNS}
        try:
            first, last = date.fromisoformat(values["first"]), date.fromisoformat(values["last"])
        except ValueError:
            came = shorten(f"{values['first']} and {values['last']}")
            yield f"{place}: expected days such as 2028-10-14, got {came}. Correct them."
        else:
            yield Row(place, _span(values["name"], values["regions"], first, last, values["set"]))


def _span(name: str, regions: str, first: date, last: date, set_: str) -> dict[str, Any]:
    told = " ".join(regions.split()).casefold()
    named = list(REGIONS) if told == EVERYWHERE else told.split()
    return {"name": name, "regions": named, "first": first, "last": last, "set": set_, "source": SOURCE}


def _wrong(span: Mapping[str, Any], year: int) -> Iterator[str]:
    kind = span["name"].rpartition(" ")[0]
    first, last = span["first"], span["last"]
    if kind not in LENGTHS:
        yield f"expected {', '.join(LENGTHS)} and its year, got {shorten(span['name'])}. Correct the name."
        return
    if unknown := [region for region in span["regions"] if region not in REGIONS] or not span["regions"]:
        came = " ".join(unknown) if isinstance(unknown, list) else "nothing"
        yield f"expected regions {', '.join(REGIONS)} or heel Nederland, got {shorten(came)}. Correct them."
    if first.weekday() != 5 or (last - first).days + 1 != LENGTHS[kind]:
        days = f"{first:%A} {first} to {last:%A} {last}, {(last - first).days + 1} days"
        yield (
            f"expected {kind} from a Saturday to a Sunday, {LENGTHS[kind]} days, got {days}. "
            "Look it up where it was published and correct it."
        )
    if (span["set"] == "fixed") != (kind in FIXED):
        told = "fixed" if kind in FIXED else "advised"
        yield f"expected {kind} to be {told}, got {shorten(span['set'])}. Correct it."
    if not date(year, 8, 1) <= first <= date(year + 1, 7, 31):
        yield f"expected a holiday of {year}-{year + 1}, got {first}. Correct the day, or --school-year."


def _joined(rows: Iterable[Row]) -> Iterator[dict[str, Any]]:
    """Let regions with the same days share a row, as the files have it."""
    shared: dict[tuple[Any, ...], list[str]] = {}
    for row in rows:
        key = tuple((name, value) for name, value in row.values.items() if name != "regions")
        shared.setdefault(key, []).extend(row.values["regions"])
    for key, regions in shared.items():
        yield {**dict(key), "regions": sorted(set(regions), key=lambda one: (*REGIONS, one).index(one))}


def written(file: CalendarFile) -> str:
    """Return a calendar file as people read it: its rows under each other, each value in its column."""
    name, entries = ("days", file.days) if file.covers == "public" else ("spans", file.spans)
    rows = [{key: _toml(value) for key, value in entry.model_dump().items()} for entry in entries]
    head = [f'covers = "{file.covers}"', f"first_day = {file.first_day}", f"last_day = {file.last_day}"]
    sources = [f"{key} = {_toml(told)}" for key, told in file.sources.items()]
    return "\n".join([*head, "", f"{name} = [", *_aligned(rows), "]", "", "[sources]", *sources, ""])


def _aligned(rows: Sequence[Mapping[str, str]]) -> Iterator[str]:
    wide = {key: max(len(row[key]) for row in rows) for key in rows[0]} if rows else {}
    for row in rows:
        cells = (f"{key} = {value},".ljust(len(f"{key} = ,") + wide[key]) for key, value in row.items())
        yield f"  {{ {' '.join(cells).rstrip().removesuffix(',')} }},"


def _toml(value: date | str | list[str]) -> str:
    """Return a value as TOML has it; JSON's way of quoting is one of TOML's, but for one sign."""
    if isinstance(value, date):
        return str(value)
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
