"""What became of a grant, as a chapter: versions under its number, what happened to them, and objections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from pipeline.casework import registered, submission_on_paper
from pipeline.casework.amounts_on_paper import grouped, in_short
from pipeline.casework.naming import Names
from pipeline.logo.legible import shown
from pipeline.mail import dutch, words
from pipeline.paper.blocks import Block, Chapter, Heading, Note, Quote, Table
from pipeline.paper.words import tables, word
from pipeline.store import rows

Happened = Sequence[tuple[rows.Entry, rows.Content]]

_FIELDS: Final = {"provider": "provider.name", "title": "activity.title", "hours": "activity.hours"}


def chapters(
    versions: Sequence[rows.Registration],
    objections: Sequence[rows.Case],
    happened: Happened,
    names: Names,
    today: date,
) -> list[Chapter]:
    """Return one chapter; none where nothing was registered and nobody objected.

    Args:
        happened: rows of the journal of the case, each with what it says.
        today: on which a version stands as it is told.
    """
    blocks = [*_versions(versions, today), *_happened(happened, names), *_objections(objections)]
    return [Chapter("Registratie en bezwaar", blocks)] if blocks else []


def _versions(versions: Sequence[rows.Registration], today: date) -> list[Block]:
    head = ("nummer", "versie", "stand", "uren", "van", "t/m", "tot")
    told = [
        (
            grouped(one.number),
            str(one.version),
            word(registered.stands(one, today), "registration"),
            in_short(one.hours),
            _day(one.valid_from),
            _day(one.valid_until),
            _day(one.ended_on),
        )
        for one in versions
    ]
    return [Table(head, told, (2, 1, 2, 3, 3, 3, 3))] if told else []


def _day(day: date | None) -> str:
    return "" if day is None else dutch.dated(day)


def _happened(happened: Happened, names: Names) -> list[Block]:
    """Return each change to what was registered, with when, who and why."""
    blocks: list[Block] = []
    for entry, content in happened:
        if entry.event not in tables()["registered"]:
            continue
        facts, who = content.facts, names.human(content.by)
        when = dutch.dated(dutch.local_day(entry.at))
        blocks.append(Heading(shown(f"{word(entry.event, 'registered')}, {when}{f', {who}' if who else ''}")))
        changes = facts.get("corrections") or facts.get("changes") or []
        if changes:
            blocks.append(Table(("veld", "was", "werd"), [_change(one) for one in changes], (2, 3, 3)))
        if facts.get("from"):
            blocks.append(Note(f"Met ingang van {dutch.dated(date.fromisoformat(facts['from']))}."))
        if facts.get("reason"):
            blocks.append(Quote("Reden", shown(facts["reason"])))
    return blocks


def _change(one: Mapping[str, Any]) -> tuple[str, str, str]:
    field = str(one["field"])
    return words.label(_FIELDS.get(field, field)), _value(one["old"]), _value(one["new"])


def _value(value: Any) -> str:
    is_hours = isinstance(value, dict) and "contact" in value
    return in_short(value) if is_hours else shown(submission_on_paper.told(value))


def _objections(objections: Sequence[rows.Case]) -> list[Block]:
    told = [
        (
            one.number,
            dutch.dated(one.received_on),
            word(one.state.value, "state"),
            word(one.result.value, "result") if one.result else "",
        )
        for one in objections
    ]
    head = ("zaak", "ontvangen", "toestand", "uitkomst")
    return [Heading("Bezwaren"), Table(head, told, (3, 3, 3, 3))] if told else []
