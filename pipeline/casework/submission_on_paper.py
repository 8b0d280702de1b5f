"""What a provider sent, as a chapter: each field by the name that it has on the form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from pipeline.casework.dossier import Dossier
from pipeline.domain.lifecycle import Kind
from pipeline.logo.legible import shown
from pipeline.mail import dutch, words
from pipeline.paper.blocks import Block, Chapter, Facts, Note, Quote
from pipeline.paper.words import tables

Json = Mapping[str, Any]

_SHORT: Final = 60  # characters that fit beside the name of a field
_PARTS: Final = {Kind.ADMISSION: ("provider.", "requirements."), Kind.ACTIVITY: ("activity.",)}
_AMOUNTS: Final = ("activity.hours.contact", "activity.hours.self_study")
_INSIDE: Final = ("activity.runs.",)  # told with what holds them


def chapter(known: Dossier, former: str | None) -> Chapter:
    """Return the submission as it now stands, or what an objection says.

    Args:
        former: number of the round before.
    """
    case = known.case
    if case.erased_on:
        return Chapter("Aanvraag", [Note(f"Wat er stond, is gewist op {dutch.dated(case.erased_on)}.")])
    if case.kind is Kind.OBJECTION:
        return _objection(known)
    before = [("Eerdere ronde", former)] if former else []
    told = [(words.label(path), value) for path, value in _fields(case.kind, case.data) if value]
    return Chapter("Aanvraag", _laid_out([*before, *told]))


def _objection(known: Dossier) -> Chapter:
    case, subject = known.case, known.subject
    facts = [
        ("Tegen zaak", subject.number if subject else ""),
        ("Waartegen", tables()["value"].get(case.about or "", "")),
    ]
    grounds = case.data.get("grounds")
    return Chapter("Bezwaar", [Facts(facts), Quote("Gronden", shown(told(grounds)))])


def _laid_out(fields: list[tuple[str, str]]) -> list[Block]:
    """Return short fields beside their names, each long one as a text of its own, in the order of the form."""
    blocks: list[Block] = []
    short: list[tuple[str, str]] = []
    for name, value in fields:
        label = dutch.capital(name)
        if len(value) <= _SHORT and "\n" not in value:
            short.append((label, shown(value)))
            continue
        blocks += [*_facts(short), Quote(label, shown(value))]
        short = []
    return [*blocks, *_facts(short)]


def _facts(short: list[tuple[str, str]]) -> list[Block]:
    return [Facts(short)] if short else []


def _fields(kind: Kind, data: Json) -> list[tuple[str, str]]:
    names = [
        path
        for path in words.tables()["field"]
        if path.startswith(_PARTS[kind]) and not path.startswith(_INSIDE)
    ]
    found = [(path, _at(data, path)) for path in names]
    return [(path, _field(path, value)) for path, value in found if _is_whole(path, value)]


def _field(path: str, value: Any) -> str:
    return told(value).replace(".", ",") if path in _AMOUNTS else told(value)


def _is_whole(path: str, value: Any) -> bool:
    """Say whether a field is told by itself: what holds others is not, but for a requirement and runs."""
    return value is not None and (not isinstance(value, dict) or path.startswith("requirements."))


def _at(data: Json, path: str) -> Any:
    part: Any = data
    for name in path.split("."):
        part = part.get(name) if isinstance(part, dict) else None
    return part


def told(value: Any) -> str:
    """Return what stands in a field as people read it; a dash is left to the paper."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "ja" if value else "nee"
    if isinstance(value, str):
        return tables()["value"].get(value, value)
    if isinstance(value, list):
        is_flat = all(isinstance(one, str) for one in value)
        return ", ".join(value) if is_flat else "\n".join(_inner(one) for one in value)
    return _inner(value)


def _inner(value: Any) -> str:
    if not isinstance(value, dict):
        return told(value)
    if "starts_on" in value:
        return _run(value)
    if "met" in value:
        return (
            f"{'Voldoet' if value['met'] is True else 'Voldoet niet'}. {told(value.get('evidence'))}".strip()
        )
    return json.dumps(value, ensure_ascii=False)


def _run(run: Json) -> str:
    days = [_day(run[name]) for name in ("starts_on", "ends_on") if run.get(name)]
    return ", ".join(
        [*([" t/m ".join(dict.fromkeys(days))] if days else []), *([run["city"]] if run.get("city") else [])]
    )


def _day(text: str) -> str:
    try:
        return dutch.dated(date.fromisoformat(text))
    except ValueError:  # the contract takes any text there
        return text
