"""Whom and what an open case waits for: a named human, wherever one is needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from pipeline.casework.dossier import Dossier
from pipeline.domain.lifecycle import State
from pipeline.mail import dutch
from pipeline.mail.words import word
from pipeline.store import rows


@dataclass(frozen=True)
class Waits:
    """One thing that a case waits for.

    Attributes:
        what: ``supplement``, ``verdict``, ``letter`` or the kind of a human task.
        who: the provider, the reviewer, or the owner of the task.
        by: the local date by which it is expected, if there is one.
    """

    what: str
    who: str
    by: date | None = None


def waits(known: Dossier) -> list[Waits]:
    """Return what a case waits for; nothing once it is closed."""
    case = known.case
    found = [Waits(task.kind, task.owner) for task in known.tasks]
    if case.state is State.INCOMPLETE:
        request = known.requests[-1]
        found.insert(0, Waits("supplement", known.provider.name, request.answer_by))
    if case.state is State.IN_REVIEW:
        for one in known.assignments:
            if one.state == rows.ASKED:
                name = f"{known.reviewers[one.reviewer_id].name} ({one.reviewer_id})"
                found.insert(0, Waits("verdict", name, one.review_by))
    return found


def in_words(known: Dossier) -> str | None:
    """Return what a case waits for as one line for operators, or None."""
    return (
        _joined(f"{one.who}: {one.what}{f' by {one.by}' if one.by else ''}" for one in waits(known)) or None
    )


def in_dutch(known: Dossier) -> str:
    """Return what a case waits for as letters tell it."""
    return _joined(_in_dutch(one) for one in waits(known)) or "de volgende stap van het systeem"


def _joined(lines: Iterable[str]) -> str:
    """Say what stands there more than once only once."""
    return "; ".join(f"{line} ({times}x)" if times > 1 else line for line, times in Counter(lines).items())


def _in_dutch(one: Waits) -> str:
    if one.what == "supplement":
        until = f" (uiterlijk {dutch.dated(one.by)})" if one.by else ""
        return f"een aanvulling van {one.who}{until}"
    if one.what == "verdict":
        until = f" (gevraagd uiterlijk {dutch.dated(one.by)})" if one.by else ""
        return f"het oordeel van {one.who}{until}"
    return f"{one.who}: {word(one.what, 'task').lower()}"
