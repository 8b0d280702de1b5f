"""What the samples' README expects of each submission, and the story of each as its events tell it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.contract import instant, received_on, supplemented
from pipeline.contract.models import EventType
from tests.contract.samples import FOLDER, lines

CONFIG = Path(__file__).parents[2] / "config"


@dataclass(frozen=True)
class Expected:
    """One row of a table of the README."""

    id: str
    missing: tuple[str, ...] | None  # None when the row is refused or opens nothing
    decide_by: tuple[date, ...]


@dataclass
class Story:
    """A submission and its supplements, each with the local date of receipt and the data after it."""

    id: str
    rounds: list[tuple[str, date, dict[str, Any]]] = field(default_factory=list)


@cache
def expectations() -> dict[str, Expected]:
    """Return every row that says what comes of a submission or supplement."""
    rows: dict[str, Expected] = {}
    for row in _rows((FOLDER / "README.md").read_text(encoding="utf-8")):
        said = row.get("on receipt") or row.get("expected") or ""
        rows[row["id"]] = Expected(row["id"], _missing(said), _dates(row.get("decide by", "")))
    return rows


def _rows(text: str) -> Iterator[dict[str, str]]:
    header: list[str] = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith(("| id |", "| in |")):
            header = cells
        elif header[:1] == ["id"] and re.match(r"\| (app|act|sup|res|vr)-[0-9]+ \|", line):
            yield dict(zip(header, cells, strict=True))


def _missing(said: str) -> tuple[str, ...] | None:
    if said == "complete":
        return ()
    return tuple(re.findall(r"`([^`]+)`", said)) if said.startswith("incomplete:") else None


def _dates(cell: str) -> tuple[date, ...]:
    return tuple(date.fromisoformat(text) for text in re.findall(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", cell))


@cache
def stories() -> dict[str, Story]:
    """Return the submissions that are not refused, each with the supplements that were asked."""
    found: dict[str, Story] = {}
    events = {event["id"]: event for event in map(json.loads, lines())}  # the line dropped twice is one
    for event in sorted(events.values(), key=lambda event: instant(event["time"])):
        if event["id"] in expectations() and expectations()[event["id"]].missing is not None:
            _tell(found, event)
    return found


def _tell(found: dict[str, Story], event: dict[str, Any]) -> None:
    on, data = received_on(instant(event["time"])), event["data"]
    if event["type"] != EventType.CASE_SUPPLEMENTED:
        found[event["id"]] = Story(event["id"], [(event["id"], on, data)])
        return
    story = found[data["case"].removeprefix("@")]
    kind = EventType.ACTIVITY_SUBMITTED if "activity" in story.rounds[0][2] else EventType.PROVIDER_APPLIED
    story.rounds.append((event["id"], on, supplemented(kind, story.rounds[-1][2], data["changes"])))
