"""What simulated people send: events of the contract, with texts from ``people.toml``."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any, Final

from pipeline.contract import AMSTERDAM, EventType
from pipeline.domain.completeness import GROUNDS, REQUIREMENTS
from pipeline.replay.lots import Random

PORTAL: Final = "/portal"
DESK: Final = "/reviewers-desk"
SECTORS: Final = ("po", "vo", "mbo", "so")
CATEGORIES: Final = ("subject", "didactic", "pedagogic", "general")
TYPES: Final = ("course", "study_day", "programme", "other_in_school", "course", "conference")
CONTENT: Final = ("goal", "programme", "planning", "hours")
# What an incomplete first try lacks, by how it is filled in; more often one than several.
GAPS: Final = ("goal", "planning", "staff", "evaluation", "relevance")


@cache
def people() -> Mapping[str, Any]:
    """Return the names and texts."""
    raw = resources.files("pipeline").joinpath("replay/people.toml").read_text(encoding="utf-8")
    return tomllib.loads(raw)


def event(key: str, kind: EventType, at: datetime, data: Mapping[str, Any], source: str = PORTAL) -> bytes:
    """Return an event as it is dropped on the queue."""
    local = at.astimezone(AMSTERDAM).isoformat(timespec="seconds")
    envelope = {"specversion": "1.0", "id": key, "source": source, "time": local, "type": kind.value}
    return json.dumps({**envelope, "data": data}, ensure_ascii=False).encode()


def person(dice: Random) -> str:
    """Return somebody's name."""
    return f"{dice.choice(people()['first_names'])} {dice.choice(people()['last_names'])}"


def application(dice: Random, number: int, *, complete: bool) -> dict[str, Any]:
    """Return the data of an application; one that is incomplete lacks evidence."""
    evidence = people()["texts"]["evidence"]
    requirements = {name: {"met": True, "evidence": evidence} for name in REQUIREMENTS}
    if not complete:
        for name in dice.sample(REQUIREMENTS[1:], dice.choice((1, 1, 2))):
            requirements[name] = {"met": True, "evidence": ""}
    return {"provider": provider(dice, number), "requirements": requirements}


def provider(dice: Random, number: int) -> dict[str, Any]:
    """Return who applies; the number makes name, KvK number and address theirs alone."""
    city, digits = dice.choice(people()["cities"])
    kind, name = dice.choice(people()["kinds_of_provider"]), dice.choice(people()["names_of_provider"])
    return {
        "name": f"{kind} {name} {number}",
        "kvk_number": kvk(number),
        "street": f"{dice.choice(people()['streets'])} {dice.randint(1, 200)}",
        "postcode": f"{digits + dice.randint(0, 9)} {dice.choice('ABCDEGHJKLMNPRTVWXZ')}{dice.choice('BCDGHJKL')}",
        "city": city,
        "website": f"https://aanbieder{number}.example",
        "contact": {
            "name": person(dice),
            "form_of_address": dice.choice(("heer", "mevrouw", None)),
            "email": f"aanbod@aanbieder{number}.example",
        },
    }


def kvk(number: int) -> str:
    """Return the KvK number of a provider."""
    return f"{60_000_000 + number}"


def activity(dice: Random, number: int, *, complete: bool) -> dict[str, Any]:
    """Return the data of a submission by this provider; one that is incomplete lacks a text or more."""
    category = dice.choice(CATEGORIES)
    topic = dice.choice(people()["titles"][category])
    texts = {name: text.format(topic=topic) for name, text in people()["texts"].items()}
    place = dice.randrange(len(TYPES))
    given: dict[str, Any] = {
        "title": f"{people()['forms'][place]} {topic}",
        "type": TYPES[place],
        "sectors": sorted(dice.sample(SECTORS, dice.choice((1, 1, 1, 2)))),
        "category": category,
        **{
            name: texts[name]
            for name in ("goal", "relevance", "programme", "planning", "staff", "evaluation")
        },
        "grounds": dict.fromkeys(dice.sample(GROUNDS, dice.randint(1, 3)), texts["ground"]),
        "hours": {**hours(dice), "justification": texts["justification"]},
        "closing_test": {"kind": "assignment", "description": texts["test"]},
    }
    if not complete:
        for name in dice.sample(GAPS, dice.choice((1, 1, 1, 2, 3))):
            given[name] = None
    return {"provider_kvk": kvk(number), "activity": given}


def hours(dice: Random) -> dict[str, str]:
    """Return hours of contact and self-study in RU; contact in halves."""
    return {"contact": f"{dice.randint(8, 60) / 2:g}", "self_study": str(dice.choice((0, 0, 2, 4, 8, 12)))}


def supplement(case: str, data: Mapping[str, Any], fields: list[str]) -> dict[str, Any]:
    """Return what completes a submission: every field that was asked for, filled in."""
    changes: dict[str, Any] = {}
    for field in fields:
        part, _, name = field.partition(".")
        changes.setdefault(part, {})[name] = _filled(part, name)
    return {"case": case, "changes": changes}


def _filled(part: str, name: str) -> object:
    texts = people()["texts"]
    return (
        {"met": True, "evidence": texts["evidence"]}
        if part == "requirements"
        else texts[name].format(topic="")
    )


def verdict(
    case: str,
    reviewer: str,
    said: str,
    criteria: list[str],
    given: Mapping[str, str] | None,
    motivation: str | None,
) -> dict[str, Any]:
    """Return a reviewer's answer; a recusal scores nothing."""
    score = {"approve": 3, "defer": 2}.get(said, 1)
    scores = {} if said == "recuse" else dict.fromkeys(criteria, score)
    return {
        "case": case,
        "reviewer": reviewer,
        "verdict": said,
        "hours": given,
        "scores": scores,
        "motivation": motivation,
    }
