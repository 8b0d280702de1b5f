"""A ladder of reminders that can never fire, or ends with nobody, is refused: somebody counts on it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from pipeline.domain.policy import Addressee, Policy, Rung
from pipeline.domain.reminders import BUILT_IN
from pipeline.errors import shorten

Fitting = Mapping[str, tuple[Addressee, ...]]  # a letter, and whom it can go to

# Which letters are about a deadline that comes, and which about one that has passed.
BEFORE: Final[Mapping[str, Fitting]] = {
    "decision": {"deadline_digest": ("owner",), "deadline_warning": ("owner", "deputy")},
    "answer": {"supplement_reminder": ("provider",)},
    "review": {"review_reminder": ("reviewer",)},
    "validity": {"renewal_reminder": ("provider",)},
    "admission": {"admission_renewal": ("provider",)},
}
AFTER: Final[Fitting] = {"deadline_missed": ("provider",), "task_waiting": ("owner", "deputy")}


def contradictions(policy: Policy) -> Iterator[str]:
    """Name each key of ``[reminders]`` that does not go with the others, and what it may be."""
    ladder = policy.reminders
    if ladder.until <= ladder.hour:
        yield f"reminders.until must be later than {ladder.hour}, got {ladder.until}."
    yield from _keys(ladder.rungs)
    for rung in ladder.rungs:
        yield from _when(rung)
        yield from _letter(rung)
        yield from _never(rung, policy)
    yield from _twins(ladder.rungs)
    for kind in ("admission", "activity", "objection"):
        yield from _end(kind, [rung for rung in ladder.rungs if kind in rung.kinds and rung.days_after])


def _name(rung: Rung) -> str:
    return f"reminders.rungs.{rung.key}"


def _keys(rungs: Sequence[Rung]) -> Iterator[str]:
    for key, times in Counter(rung.key for rung in rungs).items():
        if times > 1:
            yield f"reminders.rungs: {key} must be the key of one rung, not of {times}."
    for rung in rungs:
        repeats = [one.key for one in rungs if one.days_after and _repeats(rung.key, one.key)]
        if rung.key in BUILT_IN or repeats:
            yield f"{_name(rung)}.key must be another: the system itself remembers reminders by this one."


def _repeats(key: str, of: str) -> bool:
    """Say whether a rung that comes back may be remembered by this key."""
    return key.startswith(f"{of}_") and key.removeprefix(f"{of}_").isdigit()


def _when(rung: Rung) -> Iterator[str]:
    if (rung.days_before is None) == (rung.days_after is None):
        got = "neither" if rung.days_before is None else "both"
        yield f"{_name(rung)} must have days_before or days_after, got {got}."
    if rung.days_after is not None and rung.deadline != "decision":
        yield (
            f"{_name(rung)}.deadline must be decision where there is a days_after, got {rung.deadline}: "
            "what follows on the others is the decision's."
        )


def _letter(rung: Rung) -> Iterator[str]:
    fitting = BEFORE[rung.deadline] if rung.days_after is None else AFTER
    if rung.letter not in fitting:
        yield f"{_name(rung)}.letter must be {' or '.join(fitting)}, got {shorten(rung.letter)}."
    elif rung.to not in fitting[rung.letter]:
        yield f"{_name(rung)}.to must be {' or '.join(fitting[rung.letter])} for {rung.letter}, got {rung.to}."


def _never(rung: Rung, policy: Policy) -> Iterator[str]:
    if not rung.kinds:
        yield f"{_name(rung)}.kinds must name a kind of case."
    for kind in rung.kinds:
        if rung.deadline == "answer" and kind == "objection":
            yield f"{_name(rung)}.kinds must not name objection: an objection is never to be completed."
        elif rung.deadline == "validity" and kind == "admission":
            yield f"{_name(rung)}.kinds must not name admission: its last day is the deadline admission."
        elif rung.deadline == "admission" and kind == "activity":
            yield f"{_name(rung)}.kinds must not name activity: its last day is the deadline validity."
        elif rung.days_before is not None and rung.days_before >= (days := _days(rung, kind, policy)):
            yield f"{_name(rung)}.days_before must be less than {days} ({kind}), got {rung.days_before}."


def _days(rung: Rung, kind: str, policy: Policy) -> float:
    """How many days lie before the deadline that the rung watches; infinite where it never comes."""
    if rung.deadline == "answer":
        return policy.completeness.answer_days
    if rung.deadline == "validity":
        return policy.registrations.valid_days or math.inf
    if rung.deadline == "admission":
        return policy.admissions.renewal_days  # what is asked for must then be taken for a renewal
    days: int = getattr(policy.judging.review_days, kind)
    return days if rung.deadline == "review" else budget(kind, policy)


def budget(kind: str, policy: Policy) -> int:
    """Return how many days there are to decide a case of this kind."""
    days: int = getattr(policy.terms, f"{kind}_days")
    return days


def _twins(rungs: Sequence[Rung]) -> Iterator[str]:
    """Of two rungs at the same moment for the same people only one letter would go out."""
    first: dict[tuple[object, ...], Rung] = {}
    for rung in rungs:
        name = "days_before" if rung.days_after is None else "days_after"
        for kind in rung.kinds:
            at = (rung.deadline, kind, rung.days_before, rung.days_after, rung.is_office or rung.to)
            other = first.setdefault(at, rung)
            if other is not rung:
                yield f"{_name(rung)}.{name} must differ from that of {other.key} ({kind})."


def _end(kind: str, rungs: Sequence[Rung]) -> Iterator[str]:
    """After the deadline it goes up, and the last is a human: they hear of it until the case is closed."""
    office = [rung for rung in rungs if rung.is_office]
    if not office or office[-1].letter != "task_waiting":
        yield (
            f"reminders.rungs: the last with days_after must be a task_waiting to an owner or deputy ({kind}), "
            f"got {office[-1].letter if office else 'none'}."
        )
    for lower, higher in pairwise(office):
        if (higher.days_after or 0) < (lower.days_after or 0):
            yield (
                f"{_name(higher)}.days_after must be more than {lower.days_after}, that of {lower.key} "
                f"before it ({kind}), got {higher.days_after}."
            )
    if office and any((rung.days_after or 0) > (office[-1].days_after or 0) for rung in rungs):
        yield f"{_name(office[-1])}.days_after must be the most of all: whoever comes last is a named human ({kind})."
