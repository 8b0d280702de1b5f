"""The events of a run: each a sample of the season with what makes it one of many."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from random import Random
from typing import Any

from pipeline.contract import merge_patch
from tests.chaos.drops import Door, Drop, Fate
from tests.contract.samples import FOLDER

PORTAL = "/portal"
DESK = "/reviewers-desk"
GOAL = "De deelnemer kan na afloop met een eigen klas een leerlijn opzetten en verantwoorden."


def application(serial: int, at: datetime, random: Random) -> Drop:
    """Return a complete application of a provider of its own."""
    provider = {
        "kvk_number": kvk(serial),
        "name": f"Aanbieder {serial}",
        "postcode": f"{1000 + serial % 8999} {'ABCDEFGHJK'[serial // 8999 % 10]}B",
        "contact": {"email": f"aanbod@aanbieder{serial}.example"},
    }
    return _drop("app-02", f"app-{serial}", at, random, {"provider": provider})


def activity(serial: int, provider_kvk: str, at: datetime, random: Random, *, is_whole: bool) -> Drop:
    """Return a submission; one that is not whole lacks its goal, which will be asked."""
    changes = {"title": f"Activiteit {serial}", "goal": GOAL if is_whole else None}
    return _drop("act-01", f"act-{serial}", at, random, {"provider_kvk": provider_kvk, "activity": changes})


def nonsense(serial: int, at: datetime, random: Random) -> Drop:
    """Return a submission that must be refused: of a provider that nobody knows."""
    return _drop("act-01", f"bad-{serial}", at, random, {"provider_kvk": "99999990"}, due="refused")


def supplement(case: str, at: datetime, random: Random) -> Drop:
    """Return what was asked; too late if the clock was faster."""
    return _about("sup-01", f"sup-{case}", case, at, random, {"changes": {"activity": {"goal": GOAL}}})


def withdrawal(case: str, at: datetime, random: Random) -> Drop:
    """Return the wish to end a case; too late if it is decided."""
    return _about("wd-01", f"wd-{case}", case, at, random, {"reason": "Wij zien ervan af."})


def objection(case: str, at: datetime, random: Random) -> Drop:
    """Return an objection to a decision."""
    grounds = "Het oordeel gaat voorbij aan wat er in het programma staat."
    return _about("obj-01", f"obj-{case}", case, at, random, {"about": "decision", "grounds": grounds})


def verdict(case: str, reviewer: str, is_admission: bool, said: str, at: datetime, random: Random) -> Drop:
    """Return what a reviewer answers."""
    sample = "ver-001" if is_admission else "ver-006"
    grants = said == "approve" and not is_admission
    told = {
        "case": case,
        "reviewer": reviewer,
        "verdict": said,
        "hours": {"contact": "36", "self_study": "14"} if grants else None,
        "motivation": "Omdat het zo is.",
    }
    return _drop(sample, f"ver-{case}-{reviewer}", at, random, told, due="accepted or refused")


def kvk(serial: int) -> str:
    """Return the number under which a provider is known."""
    return str(91_000_000 + serial)


def _about(
    sample: str, event_id: str, case: str, at: datetime, random: Random, data: Mapping[str, Any]
) -> Drop:
    made = _sample(sample)
    return _packed({**made, "data": {"case": case, **data}}, event_id, at, random, "accepted or refused")


def _drop(
    sample: str,
    event_id: str,
    at: datetime,
    random: Random,
    changes: Mapping[str, Any],
    due: Fate = "accepted",
) -> Drop:
    made = _sample(sample)
    return _packed({**made, "data": merge_patch(made["data"], changes)}, event_id, at, random, due)


def _packed(made: Mapping[str, Any], event_id: str, at: datetime, random: Random, due: Fate) -> Drop:
    raw = json.dumps({**made, "id": event_id, "time": at.isoformat()}, ensure_ascii=False).encode()
    doors: tuple[Door, Door] = ("queue", "stored")
    return Drop(made["source"], event_id, raw, random.choice(doors), due)


@cache
def _samples() -> dict[str, Any]:
    names = ("season.jsonl", "followups.jsonl", "verdicts.jsonl")
    lines = [line for name in names for line in (FOLDER / name).read_bytes().splitlines()]
    return {event["id"]: event for event in map(json.loads, lines)}


def _sample(event_id: str) -> dict[str, Any]:
    found: dict[str, Any] = _samples()[event_id]
    return found
