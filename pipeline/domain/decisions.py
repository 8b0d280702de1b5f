"""A decision and all that it rests on, as a case keeps it.

What is kept is plain JSON: ``event``, ``rule``, ``policy`` (the version of the rules), ``verdicts`` (ids of those
that counted), ``trail``, ``asked``, ``hours``, ``differs``, ``score``, ``motivations``, ``by``. One that was taken
before trails were kept has ``rule``, ``hours`` and ``motivations`` only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.domain.hours import EXACT, Hours, plain
from pipeline.domain.judging import Criterion
from pipeline.domain.lifecycle import Kind
from pipeline.domain.verdicts import (
    Tried,
    Verdict,
    Weighed,
    agreed_event,
    told_hours,
    tried_by_hand,
    weighted_score,
)

Json = Mapping[str, Any]
COMMISSION = "decided by the commission"


def of_reviewers(weighed: Weighed, asked: Hours | None, criteria: Mapping[str, Criterion]) -> dict[str, Any]:
    """Return the decision that verdicts came to.

    Args:
        weighed: with an event that decides.
        criteria: those that were scored, with their weights.
    """
    assert weighed.event is not None  # the caller's own question
    score = weighted_score(weighed.agreed, criteria)
    return {
        "event": weighed.event.value,
        "rule": weighed.rule,
        "verdicts": [one.id for one in weighed.agreed],
        "trail": trail(weighed.trail),
        "score": None if score is None else plain(score),
        "motivations": _motivations(weighed.agreed),
        "by": None,
        **_hours(asked, weighed.hours, _why(weighed)),
    }


def by_hand(kind: Kind, decided: Verdict, weighed: Weighed, asked: Hours | None) -> dict[str, Any]:
    """Return what a named human decided where the verdicts did not.

    Args:
        decided: its ``reviewer`` is their name.
        weighed: what the verdicts came to.
    """
    return {
        "event": agreed_event(kind, decided, asked).value,
        "rule": COMMISSION,
        "verdicts": [],
        "trail": trail((*weighed.trail, *_refused(weighed), *tried_by_hand(kind, decided, asked))),
        "score": None,
        "motivations": _motivations([decided]),
        "by": decided.reviewer,
        **_hours(asked, decided.hours, "the commission decided so"),
    }


def _refused(weighed: Weighed) -> tuple[Tried, ...]:
    """What reviewers agreed on is decided by hand only where somebody refused to sign it."""
    if not weighed.agreed or weighed.event is None:
        return ()
    policy = {"judging.sign_off": "human"}
    return (Tried("sign_off", (weighed.event.value,), policy, "refused: the commission decides"),)


def trail(tried: Sequence[Tried]) -> list[dict[str, Any]]:
    """Return the rules that were tried as JSON."""
    return [
        {"rule": one.rule, "compared": [*one.compared], "policy": {**one.policy}, "follows": one.follows}
        for one in tried
    ]


def _motivations(verdicts: Sequence[Verdict]) -> list[str]:
    return [verdict.motivation for verdict in verdicts if verdict.motivation]


def _why(weighed: Weighed) -> str:
    given = {one.hours for one in weighed.agreed}
    each = "; ".join(f"{one.reviewer}{told_hours(one.hours)}" for one in weighed.agreed)
    return f"{weighed.rule} ({each})" if len(given) > 1 else f"the verdicts that agree give these ({each})"


def _hours(asked: Hours | None, granted: Hours | None, why: str) -> dict[str, Any]:
    """Return asked and granted hours, and where they differ by how much and why."""
    both = asked is not None and granted is not None and asked != granted
    return {
        "asked": asked and asked.as_text(),
        "hours": granted and granted.as_text(),
        "differs": {**_minus(granted, asked), "because": why} if both else None,  # type: ignore[arg-type]  # both are there
    }


def _minus(granted: Hours, asked: Hours) -> dict[str, str]:
    return {
        "contact": plain(EXACT.subtract(granted.contact, asked.contact)),
        "self_study": plain(EXACT.subtract(granted.self_study, asked.self_study)),
    }


def amended(kept: Json, motivation: str, by: str) -> dict[str, Any]:
    """Return a decision with another motivation; the former stays on record."""
    former = {"by": by, "motivations": kept["motivations"]}
    return {**kept, "motivations": [motivation], "amended": former}


def without_persons(kept: Json) -> dict[str, Any]:
    """Return a decision of which nothing is left that is about a person or was written by one."""
    named = ("by", "signed_by", "amended", "told")
    return {**{name: value for name, value in kept.items() if name not in named}, "motivations": []}


def same(kept: Json, again: Json) -> bool:
    """Say whether two decisions are the same: what happens, the hours, which verdicts counted, and their score.

    Of one without a trail only the rule and the hours are known.
    """
    names = ("event", "hours", "verdicts", "score", "differs") if "trail" in kept else ("hours", "rule")
    return all(kept.get(name) == again.get(name) for name in names)
