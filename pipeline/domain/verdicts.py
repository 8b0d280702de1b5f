"""Weighing verdicts: so many that agree decide; else one more reviewer; else a named human.

Equal verdicts agree. So do approving ones whose hours lie within the margins of the policy, contact and
self-study each by itself; the lower of each then count. What is compared, and what follows, is told as it is
tried: the trail is an account of the weighing itself, made by the same code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Final, NamedTuple

from pipeline.domain.hours import EXACT, Hours, plain
from pipeline.domain.judging import Agreement, Criterion, Judging
from pipeline.domain.lifecycle import Event, Kind

RECUSE: Final = "recuse"
BY_HAND: Final = "by_hand"
_CENT: Final = Decimal("0.01")


@dataclass(frozen=True)
class Verdict:
    """One reviewer's verdict, or what a named human decides instead.

    Attributes:
        verdict: approve, defer, reject, or recuse, which is to abstain.
        id: of the verdict on record; empty for what a human decides.
        scores: 1 to 4 for each criterion that was scored.
        annulled: whether it stays on record and counts no more.
    """

    reviewer: str
    verdict: str
    hours: Hours | None
    motivation: str | None
    id: str = ""
    scores: Mapping[str, int] = field(default_factory=dict, hash=False)
    annulled: bool = False

    @property
    def counts(self) -> bool:
        """Whether it is weighed."""
        return self.verdict != RECUSE and not self.annulled


class Tried(NamedTuple):
    """One rule that was tried, in the order in which they are.

    Attributes:
        compared: what it looked at.
        policy: the values of the policy that it rests on, by key.
        follows: what came of it.
    """

    rule: str
    compared: tuple[str, ...]
    policy: Mapping[str, str]
    follows: str


@dataclass(frozen=True)
class Weighed:
    """What the verdicts together come to.

    Attributes:
        event: what happens to the case, or None as long as reviewers have yet to answer.
        places: how many reviewers the case needs in all.
        agreed: the verdicts that decide, when they do.
        hours: what they come to; None where they give none.
        rule: which rule of the policy this follows from, for the journal.
        trail: every rule that was tried.
    """

    event: Event | None
    places: int
    agreed: tuple[Verdict, ...] = ()
    hours: Hours | None = None
    rule: str = ""
    trail: tuple[Tried, ...] = ()


class _Agreed(NamedTuple):
    verdicts: tuple[Verdict, ...]
    hours: Hours | None
    rule: str


def weigh(kind: Kind, verdicts: Sequence[Verdict], judging: Judging, asked: Hours | None = None) -> Weighed:
    """Weigh the verdicts on one case.

    Args:
        verdicts: all of them, in any order; those that do not count are left out here.
        judging: the rules of the case's receipt.
        asked: what the provider asked; for an objection, founded in part stays below it.
    """
    needed, counted = judging.reviewers(kind), [one for one in verdicts if one.counts]
    first = _tried_count(kind, verdicts, len(counted), needed)
    if len(counted) < needed:
        return Weighed(None, needed, trail=(first,))
    agreed, tried = _agreement(counted, needed, judging.agreement, first.policy)
    if agreed is None:
        return _no_agreement(len(counted), needed, judging.agreement, (first, *tried))
    event = _event(kind, agreed.verdicts[0].verdict, agreed.hours, asked)
    last = _tried_outcome(agreed.verdicts[0].verdict, agreed.hours, asked, event)
    return Weighed(event, needed, agreed.verdicts, agreed.hours, agreed.rule, (first, *tried, *last))


def _tried_count(kind: Kind, verdicts: Sequence[Verdict], counted: int, needed: int) -> Tried:
    policy = {f"judging.{kind}": str(needed)}
    enough = f"{counted} of at least {needed} verdicts that count"
    follows = f"{enough}: they are compared" if counted >= needed else f"{enough}: the case waits"
    return Tried("count", tuple(map(_told, verdicts)), policy, follows)


def _told(verdict: Verdict) -> str:
    """Return a verdict in words, such as ``r003 approve 36 + 14``."""
    said = f"{verdict.reviewer} {verdict.verdict}{told_hours(verdict.hours)}"
    if verdict.annulled:
        return f"{said} (annulled: does not count)"
    return f"{said} (abstains: does not count)" if verdict.verdict == RECUSE else said


def told_hours(hours: Hours | None) -> str:
    """Return hours as they follow a verdict, contact first; nothing where there are none."""
    return "" if hours is None else f" {plain(hours.contact)} + {plain(hours.self_study)}"


def _agreement(
    counted: Sequence[Verdict], needed: int, rules: Agreement, policy: Mapping[str, str]
) -> tuple[_Agreed | None, tuple[Tried, ...]]:
    """Return who agree, if enough do, and what was tried for it."""
    equal = _largest_equal(counted)
    compared = tuple(_told(one) for one in equal)
    if len(equal) >= needed:
        rule = f"{needed} equal verdicts"
        follows = f"{len(equal)} are equal: they decide"
        return _Agreed(equal, equal[0].hours, rule), (Tried("equal", compared, policy, follows),)
    first = Tried("equal", compared, policy, f"no {needed} are equal")
    granting = [one for one in counted if one.verdict == "approve" and one.hours is not None]
    if len(granting) < needed:
        return None, (first,)
    agreed, second = _within_margin(granting, needed, rules)
    return agreed, (first, second)


def _largest_equal(counted: Sequence[Verdict]) -> tuple[Verdict, ...]:
    kinds = Counter((verdict.verdict, verdict.hours) for verdict in counted)
    most = kinds.most_common(1)[0][0]
    return tuple(verdict for verdict in counted if (verdict.verdict, verdict.hours) == most)


def _within_margin(
    granting: Sequence[Verdict], needed: int, rules: Agreement
) -> tuple[_Agreed | None, Tried]:
    """Return those whose hours lie close together, and what was compared."""
    margins = Hours(rules.contact_margin, rules.self_study_margin)
    policy = {
        "judging.agreement.contact_margin": plain(margins.contact),
        "judging.agreement.self_study_margin": plain(margins.self_study),
    }
    close = _closest(granting, margins)
    compared = tuple(_told(one) for one in granting)
    if len(close) < needed:
        return None, Tried("within_margin", compared, policy, f"no {needed} lie that close")
    hours = lowest(one.hours for one in close if one.hours is not None)
    rule = f"{needed} verdicts within{told_hours(margins)} RU: the lower hours"
    follows = f"{len(close)} do: they decide, with the lower of each,{told_hours(hours)}"
    return _Agreed(close, hours, rule), Tried("within_margin", compared, policy, follows)


def _closest(granting: Sequence[Verdict], margins: Hours) -> tuple[Verdict, ...]:
    """Return the largest group within the margins; of equal ones that with the smallest spread, then fewest hours."""
    given = [one.hours for one in granting if one.hours is not None]
    lows = {Hours(one.contact, other.self_study) for one in given for other in given}
    groups = [tuple(one for one in granting if _is_close(one.hours, low, margins)) for low in lows]
    return min((group for group in groups if group), key=_rank, default=())


def _is_close(hours: Hours | None, low: Hours, margins: Hours) -> bool:
    if hours is None:
        return False
    pairs = zip(hours, low, margins, strict=True)
    return all(least <= amount <= EXACT.add(least, margin) for amount, least, margin in pairs)


def _rank(group: tuple[Verdict, ...]) -> tuple[object, ...]:
    hours = [one.hours for one in group if one.hours is not None]
    low = lowest(hours)
    high = Hours(max(one.contact for one in hours), max(one.self_study for one in hours))
    return -len(group), EXACT.subtract(high.total, low.total), low.total, low


def lowest(hours: Iterable[Hours]) -> Hours:
    """Return the lower of contact and of self-study, each by itself."""
    given = list(hours)
    return Hours(min(one.contact for one in given), min(one.self_study for one in given))


def _no_agreement(counted: int, needed: int, rules: Agreement, trail: tuple[Tried, ...]) -> Weighed:
    """Ask one more reviewer as long as the policy has one, and then a human."""
    most = needed + rules.more_reviewers
    policy = {"judging.agreement.more_reviewers": str(rules.more_reviewers)}
    said = (f"{counted} verdicts, {needed} needed",)
    if counted < most:
        rule = f"{counted} verdicts that differ: one more reviewer"
        tried = Tried("one_more", said, policy, "one more reviewer is asked")
        return Weighed(Event.DISAGREED, counted + 1, rule=rule, trail=(*trail, tried))
    rule = f"{counted} verdicts, no {needed} that agree: a human decides"
    tried = Tried("commission", said, policy, "the commission decides")
    return Weighed(Event.UNDECIDED, most, rule=rule, trail=(*trail, tried))


def _tried_outcome(verdict: str, hours: Hours | None, asked: Hours | None, event: Event) -> tuple[Tried, ...]:
    outcome = Tried("outcome", (verdict,), {}, event.value)
    if hours is None or asked is None:
        return (outcome,)
    compared = (f"asked{told_hours(asked)}", f"granted{told_hours(hours)}")
    return Tried("hours", compared, {}, difference(asked, hours) or "as asked"), outcome


def difference(asked: Hours, granted: Hours) -> str:
    """Return by how much the hours granted differ, part by part; empty where they do not."""
    parts = (
        ("contact", asked.contact, granted.contact),
        ("self-study", asked.self_study, granted.self_study),
    )
    return ", ".join(
        f"{name} {plain(abs(EXACT.subtract(given, was)))} RU {'less' if given < was else 'more'}"
        for name, was, given in parts
        if given != was
    )


def weighted_score(verdicts: Iterable[Verdict], criteria: Mapping[str, Criterion]) -> Decimal | None:
    """Return the mean of all scores, each as heavy as its criterion, to the cent; None where nothing was scored."""
    scored = [pair for one in verdicts for pair in one.scores.items()]
    weights = [(criteria[name].weight if name in criteria else 1, score) for name, score in scored]
    if not weights:
        return None
    mean = Fraction(sum(weight * score for weight, score in weights), sum(weight for weight, _ in weights))
    return (Decimal(mean.numerator) / Decimal(mean.denominator)).quantize(_CENT, ROUND_HALF_UP)


def tried_by_hand(kind: Kind, decided: Verdict, asked: Hours | None) -> tuple[Tried, ...]:
    """Return what a decision rests on that the verdicts did not come to."""
    said = (f"{decided.verdict}{told_hours(decided.hours)}",)
    first = Tried(BY_HAND, said, {}, "a named human decides for the commission")
    event = agreed_event(kind, decided, asked)
    return first, *_tried_outcome(decided.verdict, decided.hours, asked, event)


def agreed_event(kind: Kind, verdict: Verdict, asked: Hours | None) -> Event:
    """Return what happens to a case that is decided as this verdict says."""
    return _event(kind, verdict.verdict, verdict.hours, asked)


def _event(kind: Kind, verdict: str, hours: Hours | None, asked: Hours | None) -> Event:
    if verdict == "defer":
        return Event.AGREED_TO_DEFER
    if verdict == "reject":
        return Event.AGREED_TO_REJECT
    below = hours is not None and asked is not None and hours.total < asked.total
    if kind is Kind.OBJECTION and below:
        return Event.AGREED_TO_GRANT_IN_PART
    return Event.AGREED_TO_GRANT
