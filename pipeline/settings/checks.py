"""Rules that are each right by themselves but contradict one another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final, get_args

from pipeline.contract import EventType
from pipeline.domain.policy import Policy, Rung, TaskKind
from pipeline.errors import shorten

# Whom a rung's letter reaches follows from the deadline that it watches.
LETTERS: Final = {
    "decision": "deadline_warning",
    "answer": "supplement_reminder",
    "review": "review_reminder",
}


def absent_duties(document: Mapping[str, Any]) -> Iterator[str]:
    """Name each kind of task that nobody would do, in a policy file as it was read."""
    tasks = document.get("tasks", {})
    for kind in get_args(TaskKind):
        if isinstance(tasks, dict) and kind not in tasks:
            yield f"tasks.{kind} is missing: each kind of task needs an owner and a deputy."


def contradictions(policy: Policy) -> Iterator[str]:
    """Name each key that does not go with the others, and what it may be."""
    yield from _deputies(policy)
    yield from _sources(policy)
    yield from _review_days(policy)
    yield from _send_window(policy)
    rungs = policy.reminders.rungs
    yield from _keys(rungs)
    for rung in rungs:
        if rung.letter != LETTERS[rung.deadline]:
            yield f"{_name(rung)}.letter must be {LETTERS[rung.deadline]}, got {shorten(rung.letter)}."
        yield from _never(rung, policy)
    yield from _twins(rungs)


def _send_window(policy: Policy) -> Iterator[str]:
    window = policy.mail.send_window
    if window is not None and window.from_ >= window.until:
        yield f"mail.send_window.until must be later than {window.from_}, got {window.until}."


def _name(rung: Rung) -> str:
    return f"reminders.rungs.{rung.key}"


def _deputies(policy: Policy) -> Iterator[str]:
    for kind, duty in policy.tasks.items():
        if duty.owner.email.casefold() == duty.deputy.email.casefold():
            yield f"tasks.{kind}.deputy must be somebody else than the owner."


def _sources(policy: Policy) -> Iterator[str]:
    known = [event.value for event in EventType]
    for source, types in policy.intake.sources.items():
        for name in types:
            if name not in known:
                closest = get_close_matches(name, known, n=1, cutoff=0)[0]
                yield f"intake.sources.{source} must list event types, such as {closest}, got {shorten(name)}."


def _keys(rungs: Iterable[Rung]) -> Iterator[str]:
    for key, times in Counter(rung.key for rung in rungs).items():
        if times > 1:
            yield f"reminders.rungs: {key} must be the key of one rung, not of {times}."


def _never(rung: Rung, policy: Policy) -> Iterator[str]:
    """A rung that can never fire is a mistake: somebody counts on it."""
    if not rung.kinds:
        yield f"{_name(rung)}.kinds must name a kind of case."
    for kind in rung.kinds:
        if rung.deadline == "answer" and kind == "objection":
            yield f"{_name(rung)}.kinds must not name objection: an objection is never to be completed."
        elif rung.days_before >= (days := _days(rung, kind, policy)):
            yield f"{_name(rung)}.days_before must be less than {days} ({kind}), got {rung.days_before}."


def _days(rung: Rung, kind: str, policy: Policy) -> int:
    """How many days lie before the deadline that the rung watches."""
    if rung.deadline == "answer":
        return policy.completeness.answer_days
    days: int = getattr(policy.judging.review_days, kind)
    return days if rung.deadline == "review" else _budget(kind, policy)


def _budget(kind: str, policy: Policy) -> int:
    days: int = getattr(policy.terms, f"{kind}_days")
    return days


def _review_days(policy: Policy) -> Iterator[str]:
    for kind, days in policy.judging.review_days:
        if days >= (most := _budget(kind, policy)):
            yield f"judging.review_days.{kind} must be less than {most}, the days to decide in, got {days}."


def _twins(rungs: Iterable[Rung]) -> Iterator[str]:
    """Of two rungs at the same moment only one letter would go out."""
    first: dict[tuple[str, str, int], Rung] = {}
    for rung in rungs:
        for kind in rung.kinds:
            other = first.setdefault((rung.deadline, kind, rung.days_before), rung)
            if other is not rung:
                yield f"{_name(rung)}.days_before must differ from that of {other.key} ({kind})."
