"""Event files, merged by the time that each event bears."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from pipeline.contract import instant
from pipeline.errors import UsageError

_FIRST: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Line:
    """One event as it stands in a file.

    Attributes:
        place: file and line, for messages.
        document: the event parsed, or None when it is no JSON object.
        time: the moment that it bears, in UTC; of one without, that of the line before it.
    """

    raw: bytes
    place: str
    document: dict[str, Any] | None
    time: datetime


def read_script(paths: Iterable[Path]) -> list[Line]:
    """Return every event of the files in the order of their times; equal times keep the files' order.

    Raises:
        UsageError: a file cannot be read, or none has an event that bears a time.
    """
    lines = [line for path in paths for line in _lines(path)]
    if all(line.time == _FIRST for line in lines):
        raise UsageError("There is no event with a time in these files.")
    return sorted(lines, key=lambda line: line.time)


def events_in(path: Path, content: bytes) -> list[bytes]:
    """Return the events of a file: one a line of a ``.jsonl``, all of any other."""
    if path.suffix != ".jsonl":
        return [content]
    return [line for line in content.splitlines() if line.strip()]


def _lines(path: Path) -> list[Line]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None
    lines: list[Line] = []
    for number, raw in enumerate(events_in(path, content), 1):
        before = lines[-1].time if lines else _FIRST
        document = parsed(raw)
        lines.append(Line(raw, f"{path.name}:{number}", document, _time(document) or before))
    return lines


def parsed(raw: bytes) -> dict[str, Any] | None:
    """Return the event in ``raw`` if it is a JSON object."""
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _time(document: dict[str, Any] | None) -> datetime | None:
    try:
        return instant(str((document or {}).get("time")))
    except ValueError:
        return None
