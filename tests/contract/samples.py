"""The sample events, and one small good event of each type to change in tests."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.contract import EventType
from pipeline.errors import Refused

FOLDER = Path(__file__).parent.parent / "samples"
BAD = FOLDER / "bad"

# What the contract alone refuses in the season and its verdicts, as the samples' README tells.
REFUSED = {
    "app-08": ("control_characters", "provider.contact.email"),
    "act-11": ("self_study", "activity.type"),
    "act-13": ("hours_format", "activity.hours.contact"),
    "act-14": ("hours_negative", "activity.hours.self_study"),
    "ver-027": ("score", "scores.programme"),
}

ACTIVITY: dict[str, Any] = {"title": "Zingen met je groep", "type": "course", "category": "didactic"}
REVIEW: dict[str, Any] = {
    "case": "A-2026-000123",
    "reviewer": "r017",
    "verdict": "approve",
    "hours": {"contact": "36", "self_study": "10"},
    "scores": {"goal": 3, "programme": 4},
    "motivation": None,
}
DATA: dict[EventType, dict[str, Any]] = {
    EventType.PROVIDER_APPLIED: {"provider": {"name": "Stichting Muziek"}},
    EventType.ACTIVITY_SUBMITTED: {"provider_kvk": "69599068", "activity": ACTIVITY},
    EventType.CASE_SUPPLEMENTED: {"case": "A-2026-000123", "changes": {"activity": {"planning": "…"}}},
    EventType.CASE_WITHDRAWN: {"case": "A-2026-000123", "reason": "Wij zien ervan af."},
    EventType.CASE_OBJECTED: {"case": "A-2026-000123", "about": "hours", "grounds": "Twee uur te weinig."},
    EventType.REVIEW_GIVEN: REVIEW,
}


def event(event_type: EventType, data: object = None, **attributes: object) -> dict[str, Any]:
    """Return a good event of this type, or one with other data or attributes."""
    envelope = {"specversion": "1.0", "id": "1", "source": "/portal", "time": "2026-11-23T09:30:00+01:00"}
    filled = DATA[event_type] if data is None else data
    return {
        **envelope,
        "type": event_type.value,
        "datacontenttype": "application/json",
        "data": filled,
        **attributes,
    }


def lines() -> list[bytes]:
    """Return every line of the season, its follow-ups, verdicts and closing date, as bytes."""
    names = ("season", "followups", "verdicts", "closing")
    return [line for name in names for line in (FOLDER / f"{name}.jsonl").read_bytes().splitlines() if line]


@cache
def good() -> list[dict[str, Any]]:
    """Return the sample events that the contract accepts."""
    documents: list[dict[str, Any]] = [json.loads(line) for line in lines()]
    return [document for document in documents if document["id"] not in REFUSED]


def verdict_on(error: Refused) -> tuple[str, str]:
    """Return what a test compares of a refusal."""
    return error.rule, error.field
