"""Verdicts on a case weighed under the rules of its receipt, and what a verdict owes."""

from __future__ import annotations

from typing import Any

from pipeline.casework import enacting, moving
from pipeline.casework.dossier import Dossier, hours_asked
from pipeline.casework.draft import Draft
from pipeline.contract import HoursDuty
from pipeline.domain import decisions, verdicts
from pipeline.domain.completeness import GROUNDS
from pipeline.domain.criteria import CRITERIA
from pipeline.domain.hours import Hours
from pipeline.domain.lifecycle import Event, Kind
from pipeline.domain.policy import Policy
from pipeline.domain.verdicts import Verdict, Weighed
from pipeline.store import rows


def weigh(draft: Draft) -> None:
    """Decide, ask one more reviewer, escalate, or go on waiting."""
    weighed = weighed_under(draft.dossier, draft.policy)
    facts: dict[str, Any] = {"rule": weighed.rule, "trail": decisions.trail(weighed.trail)}
    match weighed.event:
        case None:
            draft.set(step="assign_reviewers" if open_places(draft) > 0 else None)
        case Event.DISAGREED:
            moving.take(draft, Event.DISAGREED, **facts)
        case Event.UNDECIDED:
            moving.take(draft, Event.UNDECIDED, task="escalated", detail=told(draft), **facts)
        case _:
            _conclude(draft, weighed)


def _conclude(draft: Draft, weighed: Weighed) -> None:
    """Decide as the reviewers agree, or hold that until somebody has signed it."""
    submission, judging = draft.dossier.activity, draft.policy.judging
    criteria = judging.criteria.of(submission.kind)
    enacting.keep(draft, decisions.of_reviewers(weighed, hours_asked(submission), criteria))
    if judging.sign_off == "human":
        enacting.propose(draft)
    else:
        enacting.enact(draft)


def weighed_under(known: Dossier, policy: Policy) -> Weighed:
    """Return what the verdicts on a case come to under some rules."""
    return verdicts.weigh(known.case.kind, given(known), policy.judging, hours_asked(known.activity))


def given(known: Dossier) -> list[Verdict]:
    """Return all verdicts on a case, also those that do not count."""
    return [
        Verdict(
            one.reviewer_id,
            one.verdict,
            _hours(one),
            one.motivation,
            id=one.id,
            scores=one.scores,
            annulled=one.annulled_at is not None,
        )
        for one in known.verdicts
    ]


def counted(draft: Draft) -> list[Verdict]:
    """Return the verdicts that count: a recusal is none, nor one that was annulled."""
    return [one for one in given(draft.dossier) if one.counts]


def _hours(verdict: rows.Verdict) -> Hours | None:
    return Hours.from_text(verdict.hours) if verdict.hours else None


def needed(draft: Draft) -> int:
    """Return how many verdicts that agree decide this kind of case."""
    return draft.policy.judging.reviewers(draft.case.kind)


def open_places(draft: Draft) -> int:
    """Return how many reviewers the case still lacks."""
    taking_part = [one for one in draft.dossier.assignments if one.state in (rows.ASKED, rows.ANSWERED)]
    return weighed_under(draft.dossier, draft.policy).places - len(taking_part)


def duties(draft: Draft) -> dict[str, Any]:
    """Return what a verdict on this case owes, for ``contract.check_review``."""
    submission, judging = draft.dossier.activity, draft.policy.judging
    owed = {
        "criteria": CRITERIA[submission.kind],
        "objection": draft.case.kind is Kind.OBJECTION,
        "always": judging.motivation == "always",
        "low_score": judging.motivated_score,
    }
    if submission.kind is Kind.ADMISSION:
        return {**owed, "hours": HoursDuty.NONE}
    asked = hours_asked(submission)
    claimed = submission.data["activity"].get("grounds") or {}
    return {
        **owed,
        "optional": [ground for ground in GROUNDS if not (claimed.get(ground) or "").strip()],
        "hours": HoursDuty.ALLOWED if draft.case.about == "decision" else HoursDuty.REQUIRED,
        "hours_asked": asked and tuple(asked),
    }


def told(draft: Draft) -> str:
    """Return the verdicts in Dutch, for the human who must decide."""
    words = {"approve": "goedkeuren", "defer": "tijdelijk afkeuren", "reject": "afkeuren"}
    return "; ".join(words[one.verdict] + _hours_told(one.hours) for one in counted(draft))


def _hours_told(hours: Hours | None) -> str:
    if hours is None:
        return ""
    text = hours.as_text()
    return f" ({text['contact']} + {text['self_study']} uur)".replace(".", ",")
