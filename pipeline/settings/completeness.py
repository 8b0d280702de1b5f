"""Rules of completeness that cannot be meant: of a field that is not there, said twice, or never met or broken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Final

from pipeline.contract import EventType, paths
from pipeline.domain.completeness_rules import (
    AnyFilled,
    HoursOfType,
    KvkNumber,
    Mailable,
    MoreThanHours,
    Postcode,
    Requirement,
    Rule,
    Text,
    TextForHours,
)
from pipeline.domain.policy import Policy
from pipeline.errors import shorten

_SUBMITTED: Final[Mapping[str, EventType]] = {
    "admission": EventType.PROVIDER_APPLIED,
    "activity": EventType.ACTIVITY_SUBMITTED,
}
_OF_TEXTS: Final = (Text, TextForHours, AnyFilled, KvkNumber, Postcode, Mailable)


def contradictions(policy: Policy) -> Iterator[str]:
    """Name each rule that does not go with the contract or with the others, and what it may be."""
    rules = policy.completeness.rules
    names = {id(rule): f"completeness.rules#{place}" for place, rule in enumerate(rules, 1)}
    for again, times in Counter(rule.id for rule in rules).items():
        if times > 1:
            yield f"completeness.rules: each id stands for one rule, got {again} {times} times."
    for rule in rules:
        yield from _unknown_fields(names[id(rule)], rule)
    yield from _never_reached(rules)
    yield from _never_met(rules)


def _unknown_fields(name: str, rule: Rule) -> Iterator[str]:
    for kind in rule.kinds:
        allowed = _allowed(rule, _SUBMITTED[kind])
        for path in rule.paths():
            if path not in allowed:
                closest = "".join(get_close_matches(path, sorted(allowed), n=1, cutoff=0))
                yield (
                    f"{name} ({rule.id}) must look at a field of an {kind} that this check can judge, "
                    f"such as {closest}, got {shorten(path)}."
                )


def _allowed(rule: Rule, event_type: EventType) -> frozenset[str]:
    if isinstance(rule, _OF_TEXTS):
        return paths.texts(event_type)
    known = paths.paths(event_type)
    if isinstance(rule, Requirement):
        return frozenset(path for path in known if path.count(".") == 1 and path.startswith("requirements."))
    return known


def _never_reached(rules: Sequence[Rule]) -> Iterator[str]:
    """Name advice on a length that is asked for anyhow."""
    asked = {
        path: rule
        for rule in rules
        if isinstance(rule, Text) and rule.severity == "must"
        for path in rule.fields
    }
    for rule in rules:
        if isinstance(rule, Text | TextForHours) and rule.severity == "should":
            for path in rule.fields:
                if path in asked and rule.minimum <= asked[path].minimum:
                    yield (
                        f"completeness rule {rule.id} never finds anything in {path}: its minimum must be more than "
                        f"{asked[path].minimum}, which rule {asked[path].id} asks for, got {rule.minimum}."
                    )


def _never_met(rules: Sequence[Rule]) -> Iterator[str]:
    """Name hours that no activity of a type can have."""
    more_than = max((rule.hours for rule in rules if isinstance(rule, MoreThanHours)), default=-1)
    of_type = [(offered, rule) for rule in rules if isinstance(rule, HoursOfType) for offered in rule.types]
    for offered, rule in of_type:
        least = max([more_than + 1, *(one.at_least or 0 for same, one in of_type if same == offered)])
        if rule.at_most is not None and rule.at_most < least:
            yield (
                f"completeness rule {rule.id} leaves no hours for a {offered}: at_most must be at least {least}, "
                f"since other rules ask for that, got {rule.at_most}."
            )
