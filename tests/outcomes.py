"""How the samples end, read from their README, against what the command line says of cases and refusals."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from tests.contract.samples import FOLDER

Json = Mapping[str, Any]

# What the README says in the end of a case, in the words of the lifecycle table.
_ENDS = {
    "admitted": ("closed", "granted"),
    "not admitted": ("closed", "rejected"),
    "afgekeurd": ("closed", "rejected"),
    "tijdelijk afgekeurd": ("closed", "deferred"),
    "set aside": ("closed", "set_aside"),
    "set aside (state `decided` until posted)": ("decided", "set_aside"),
    "withdrawn": ("closed", "withdrawn"),
    "in review": ("in_review", None),
    "upheld as it was": ("closed", "unfounded"),
}


class Ending(NamedTuple):
    """What one row of the README expects."""

    id: str
    on_receipt: str
    missing: tuple[str, ...]
    state: str
    result: str | None
    hours: tuple[str, str, str] | None
    decide_by: str | None


@cache
def endings(*prefixes: str) -> dict[str, Ending]:
    """Return what is expected of the rows whose ids begin so."""
    return {row["id"]: _ending(row) for row in _rows() if row["id"].split("-")[0] in prefixes}


def _rows() -> Iterator[dict[str, str]]:
    header: list[str] = []
    for line in (FOLDER / "README.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0] in ("id", "file", "reviewer", "in", "item"):
            header = cells
        elif header and header[0] == "id" and re.fullmatch(r"[a-z]+-[0-9]+", cells[0]):
            yield dict(zip(header, cells, strict=True))


def _ending(row: Mapping[str, str]) -> Ending:
    said = row.get("on receipt") or row["expected"]
    end = row.get("in the end", "")
    state, result = _end(end)
    dates = re.findall(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", row.get("decide by", ""))
    return Ending(
        row["id"],
        said,
        tuple(re.findall(r"`([^`]+)`", said)),
        state,
        result,
        _hours(end),
        dates[-1] if dates else None,
    )


def _end(said: str) -> tuple[str, str | None]:
    if said.startswith("approved"):
        return "closed", "granted"
    if said.startswith("`partly_founded`"):
        return "closed", "partly_founded"
    return _ENDS.get(said, ("", None))


def _hours(said: str) -> tuple[str, str, str] | None:
    found = re.findall(r"([0-9.]+) \+ ([0-9.]+) = ([0-9.]+)", said)
    return found[-1] if found else None


def of_case(row: Json) -> dict[str, Any]:
    """Return what a row of ``cases --json`` says, to be compared with ``expected``."""
    hours = row["hours_granted"]
    return {
        "state": row["state"],
        "result": row["result"],
        "due_on": row["due_on"],
        "first_request": tuple(row["requests"][0]["fields"]) if row["requests"] else (),
        "hours": (hours["contact"], hours["self_study"], hours["total"]) if hours else None,
    }


def expected(ending: Ending, row: Json) -> dict[str, Any]:
    """Return what such a row should say; what the README leaves open is as it is."""
    return {
        "state": ending.state,
        "result": ending.result,
        "due_on": ending.decide_by or row["due_on"],
        "first_request": ending.missing if ending.on_receipt.startswith("incomplete") else (),
        "hours": ending.hours,
    }


def refusals(rows: Sequence[Json]) -> dict[str, str]:
    """Return the refused field of each event that is among the refused."""
    return {row["event_id"]: row["field"] for row in rows}


def expected_refusals(*prefixes: str) -> dict[str, str]:
    """Return the field that the README names for each event that is refused."""
    found = {}
    for ending in endings(*prefixes).values():
        match = re.match(r"refused: `?([a-z_.]+)`?", ending.on_receipt)
        if match:
            found[ending.id] = match.group(1)
    return found


def asked_again(ending: Ending) -> tuple[str, ...]:
    """Return what a supplement that does not complete a case leaves to be asked."""
    return ending.missing if ending.on_receipt.startswith("incomplete") else ()
