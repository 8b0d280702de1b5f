"""Rules that are each right by themselves but contradict one another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, get_args

from pipeline.contract import EventType
from pipeline.domain.criteria import CRITERIA
from pipeline.domain.policy import Policy, TaskKind
from pipeline.errors import shorten
from pipeline.settings import completeness, ladder


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
    yield from _criteria(policy)
    yield from _grounds(policy)
    yield from _send_window(policy)
    yield from ladder.contradictions(policy)
    yield from completeness.contradictions(policy)


def _grounds(policy: Policy) -> Iterator[str]:
    for key, times in Counter(ground.key for ground in policy.registrations.grounds).items():
        if times > 1:
            yield f"registrations.grounds: {key} must be the key of one ground, not of {times}."


def _send_window(policy: Policy) -> Iterator[str]:
    window = policy.mail.send_window
    if window is not None and window.from_ >= window.until:
        yield f"mail.send_window.until must be later than {window.from_}, got {window.until}."


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


def _review_days(policy: Policy) -> Iterator[str]:
    for kind, days in policy.judging.review_days:
        if days >= (most := ladder.budget(kind, policy)):
            yield f"judging.review_days.{kind} must be less than {most}, the days to decide in, got {days}."


def _criteria(policy: Policy) -> Iterator[str]:
    """A criterion with a name that no verdict scores would weigh nothing, and one without would go undescribed."""
    for kind, known in CRITERIA.items():
        named = policy.judging.criteria.of(kind)
        for name in named:
            if name not in known:
                closest = get_close_matches(name, known, n=1, cutoff=0)[0]
                yield f"judging.criteria.{kind}.{name} is none that a verdict scores, such as {closest}."
        for name in known:
            if named and name not in named:
                yield f"judging.criteria.{kind}.{name} is missing: where some are described, all are."
