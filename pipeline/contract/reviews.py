"""What a verdict owes, once it is known which case it is about."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any

from pipeline.contract.faults import Fault, first, told
from pipeline.contract.models import ReviewGiven


class HoursDuty(StrEnum):
    """Whether an approving verdict gives hours; any other verdict gives none."""

    REQUIRED = "required"  # an activity
    ALLOWED = "allowed"  # an objection about an activity: hours if they change
    NONE = "none"  # an admission, or an objection about one


def check_review(
    review: ReviewGiven,
    data: Mapping[str, Any],
    *,
    criteria: Sequence[str],
    optional: Collection[str] = (),
    hours: HoursDuty,
    hours_asked: tuple[Decimal, Decimal] | None = None,
    objection: bool = False,
    always: bool = False,
    low_score: int = 0,
) -> None:
    """Check what a review owes to the case it is about.

    Args:
        data: the event's data as parsed, for its order.
        criteria: names of ``Scores`` that need a score, unless the verdict is ``recuse``.
        optional: those among them that may be null, such as a ground that was not claimed.
        hours: whether an approving verdict gives hours.
        hours_asked: contact and self-study in RU that the provider asked, when there were any.
        objection: the case is an objection.
        always: a verdict that gives all that was asked is motivated too.
        low_score: a score this low, or lower, is motivated too.

    Raises:
        Refused: the first fault in document order.
    """
    found = [
        *_deferred_objection(review, objection),
        *_hours(review, data, hours),
        *_scores(review, criteria, optional),
        *_motivation(review, _motivated(review, criteria, hours_asked, always=always, low_score=low_score)),
    ]
    if found:
        raise first(found, data).refused()


def _deferred_objection(review: ReviewGiven, objection: bool) -> Iterator[Fault]:
    if objection and review.verdict == "defer":
        advice = "An objection cannot be deferred: send the verdict again as approve or reject."
        yield Fault(("verdict",), "no_defer", "approve, reject or recuse", "defer", advice)


def _hours(review: ReviewGiven, data: Mapping[str, Any], duty: HoursDuty) -> Iterator[Fault]:
    if review.verdict != "approve" or duty is HoursDuty.NONE:
        if review.hours is not None:
            advice = "Only an approving verdict on an activity gives hours: send it again without."
            yield Fault(("hours",), "wrong_type", "null", told(data.get("hours")), advice)
    elif review.hours is not None:
        for part in ("contact", "self_study"):
            if getattr(review.hours, part) is None:
                yield _hours_missing(("hours", part), 'hours as text, "0" if there are none')
        if sum(review.hours.amounts()) == 0:
            yield _hours_missing(("hours",), "more than 0 hours in all, or another verdict")
    elif duty is HoursDuty.REQUIRED:
        yield _hours_missing(("hours",), "the hours of contact and self-study that you would grant")


def _hours_missing(loc: tuple[str, ...], expected: str) -> Fault:
    return Fault(loc, "hours_missing", expected, "nothing", "Fill them in and send the verdict again.")


def _scores(review: ReviewGiven, criteria: Sequence[str], optional: Collection[str]) -> Iterator[Fault]:
    needed = () if review.verdict == "recuse" else criteria
    for criterion in needed:
        if criterion not in optional and getattr(review.scores, criterion) is None:
            advice = "Score every criterion and send the verdict again."
            yield Fault(("scores", criterion), "score", "a score of 1, 2, 3 or 4", "nothing", advice)


def _motivated(
    review: ReviewGiven,
    criteria: Sequence[str],
    hours_asked: tuple[Decimal, Decimal] | None,
    *,
    always: bool,
    low_score: int,
) -> str | None:
    """Return for what a motivation is owed; None where for nothing."""
    if review.verdict == "recuse":
        return None
    if review.verdict in ("defer", "reject"):
        return f"a verdict {review.verdict}"
    if review.hours is not None and hours_asked is not None and review.hours.amounts() != hours_asked:
        return "hours other than those asked"
    scores = ((name, getattr(review.scores, name)) for name in criteria)
    low = next(
        (f"a score of {score} for {name}" for name, score in scores if score and score <= low_score), None
    )
    return low or ("any verdict" if always else None)


def _motivation(review: ReviewGiven, owed_for: str | None) -> Iterator[Fault]:
    if owed_for is not None and not (review.motivation or "").strip():
        advice = "Write it and send the verdict again."
        yield Fault(
            ("motivation",), "motivation", f"a motivation for {owed_for}", told(review.motivation), advice
        )
