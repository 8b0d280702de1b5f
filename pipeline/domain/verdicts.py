"""Weighing verdicts: so many that agree decide; else one more reviewer; else a named human."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain.hours import Hours
from pipeline.domain.lifecycle import Event, Kind


@dataclass(frozen=True)
class Verdict:
    """One reviewer's verdict that counts (a recusal does not)."""

    reviewer: str
    verdict: str  # approve, defer or reject
    hours: Hours | None
    motivation: str | None


@dataclass(frozen=True)
class Weighed:
    """What the verdicts together come to.

    Attributes:
        event: what happens to the case, or None as long as reviewers have yet to answer.
        places: how many reviewers the case needs in all.
        agreed: the verdicts that decide, when they do.
        rule: which rule of the policy this follows from, for the journal.
    """

    event: Event | None
    places: int
    agreed: tuple[Verdict, ...] = ()
    rule: str = ""


def weigh(kind: Kind, verdicts: Sequence[Verdict], needed: int, hours_asked: Hours | None = None) -> Weighed:
    """Weigh the verdicts on one case.

    Args:
        needed: how many reviewers the policy asks for; so many equal verdicts decide.
        hours_asked: what the provider asked; for an objection, founded in part stays below it.
    """
    agreed = _largest_agreement(verdicts)
    if len(agreed) >= needed:
        return Weighed(agreed_event(kind, agreed[0], hours_asked), needed, agreed, f"{needed} equal verdicts")
    if len(verdicts) < needed:
        return Weighed(None, needed)
    if len(verdicts) == needed:
        return Weighed(Event.DISAGREED, needed + 1, rule=f"{needed} verdicts that differ: one more reviewer")
    return Weighed(
        Event.UNDECIDED, needed + 1, rule=f"{len(verdicts)} verdicts, no {needed} equal: a human decides"
    )


def places(verdicts: Sequence[Verdict], needed: int) -> int:
    """Return how many reviewers a case needs in all, given the verdicts so far."""
    differ = len(verdicts) >= needed and len(_largest_agreement(verdicts)) < needed
    return needed + 1 if differ else needed


def _largest_agreement(verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    counted = Counter((verdict.verdict, verdict.hours) for verdict in verdicts)
    if not counted:
        return ()
    most = counted.most_common(1)[0][0]
    return tuple(verdict for verdict in verdicts if (verdict.verdict, verdict.hours) == most)


def agreed_event(kind: Kind, verdict: Verdict, asked: Hours | None) -> Event:
    """Return what happens to a case that is decided as this verdict says."""
    if verdict.verdict == "defer":
        return Event.AGREED_TO_DEFER
    if verdict.verdict == "reject":
        return Event.AGREED_TO_REJECT
    below = verdict.hours is not None and asked is not None and verdict.hours.total < asked.total
    if kind is Kind.OBJECTION and below:
        return Event.AGREED_TO_GRANT_IN_PART
    return Event.AGREED_TO_GRANT
