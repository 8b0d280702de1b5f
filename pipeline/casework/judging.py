"""Verdicts on a case weighed, and what a decision brings: hours, a registration, its motivation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pipeline.casework import moving
from pipeline.casework.dossier import hours_asked
from pipeline.casework.draft import Draft
from pipeline.contract import HoursDuty
from pipeline.domain import verdicts
from pipeline.domain.completeness import GROUNDS, REQUIREMENTS
from pipeline.domain.hours import Hours
from pipeline.domain.lifecycle import Event, Kind
from pipeline.domain.policy import Policy
from pipeline.domain.verdicts import Verdict
from pipeline.store import rows
from pipeline.store.unit import Numbered

CONTENT = ("goal", "programme", "planning", "hours")
GRANTING = (Event.AGREED_TO_GRANT, Event.AGREED_TO_GRANT_IN_PART)
DRAWN_LATER = "draw_logo"


def weigh(draft: Draft) -> None:
    """Decide, ask one more reviewer, escalate, or go on waiting."""
    weighed = verdicts.weigh(
        draft.case.kind, counted(draft), needed(draft), hours_asked(draft.dossier.activity)
    )
    match weighed.event:
        case None:
            draft.set(step="assign_reviewers" if open_places(draft) > 0 else None)
        case Event.DISAGREED:
            moving.take(draft, Event.DISAGREED, rule=weighed.rule)
        case Event.UNDECIDED:
            moving.take(draft, Event.UNDECIDED, rule=weighed.rule, task="escalated", detail=_told(draft))
        case event:
            settle(draft, event, weighed.agreed, weighed.rule)


def settle(draft: Draft, event: Event, agreed: Sequence[Verdict], rule: str) -> None:
    """Take the decision that these verdicts come to."""
    hours = agreed[0].hours if agreed else None
    motivations = [verdict.motivation for verdict in agreed if verdict.motivation]
    decision: dict[str, Any] = {"rule": rule, "motivations": motivations, "hours": hours and hours.as_text()}
    draft.set(decision=decision)
    brings = event in GRANTING and _register(draft, hours)
    moving.take(
        draft, event, rule=rule, hours=decision["hours"], reviewers=[verdict.reviewer for verdict in agreed]
    )
    if draft.case.step == DRAWN_LATER and not brings:
        moving.take(draft, Event.NO_LOGO_NEEDED)


def _register(draft: Draft, given: Hours | None) -> bool:
    """Bring a registration or a new version of it; False when the decision changes none."""
    submission = draft.dossier.activity
    if submission.kind is Kind.ADMISSION:
        return False
    former = draft.dossier.registration
    hours = given or (hours_asked(submission) if former is None else None)
    if hours is None:
        return False
    version = rows.Registration(
        number=former.number if former else "",
        version=former.version + 1 if former else 1,
        state="pending",
        case_id=draft.case.id,
        provider_id=draft.case.provider_id,
        title=submission.title,
        hours={"contact": str(hours.contact), "self_study": str(hours.self_study)},
    )
    if former:
        draft.add(version)
        draft.set(registration_number=former.number)
    else:
        draft.op(Numbered(version, draft.case.id))
    draft.dossier = replace(draft.dossier, registration=version)
    return True


def counted(draft: Draft) -> list[Verdict]:
    """Return the verdicts that count: a recusal is none."""
    return [
        Verdict(one.reviewer_id, one.verdict, _hours(one), one.motivation)
        for one in draft.dossier.verdicts
        if one.verdict != "recuse"
    ]


def _hours(verdict: rows.Verdict) -> Hours | None:
    return Hours.from_text(verdict.hours) if verdict.hours else None


def needed(draft: Draft) -> int:
    """Return how many equal verdicts decide this kind of case."""
    return needed_for(draft.case.kind, draft.policy)


def needed_for(kind: Kind, policy: Policy) -> int:
    """Return how many reviewers the policy asks for."""
    counts = {
        Kind.ACTIVITY: policy.judging.activity,
        Kind.ADMISSION: policy.judging.admission,
        Kind.OBJECTION: policy.judging.objection,
    }
    return counts[kind]


def open_places(draft: Draft) -> int:
    """Return how many reviewers the case still lacks."""
    taking_part = [one for one in draft.dossier.assignments if one.state in (rows.ASKED, rows.ANSWERED)]
    return verdicts.places(counted(draft), needed(draft)) - len(taking_part)


def duties(draft: Draft) -> dict[str, Any]:
    """Return what a verdict on this case owes, for ``contract.check_review``."""
    submission = draft.dossier.activity
    if submission.kind is Kind.ADMISSION:
        return {
            "criteria": REQUIREMENTS,
            "hours": HoursDuty.NONE,
            "objection": draft.case.kind is Kind.OBJECTION,
        }
    asked = hours_asked(submission)
    claimed = submission.data["activity"].get("grounds") or {}
    return {
        "criteria": (*GROUNDS, *CONTENT),
        "optional": [ground for ground in GROUNDS if not (claimed.get(ground) or "").strip()],
        "hours": HoursDuty.ALLOWED if draft.case.about == "decision" else HoursDuty.REQUIRED,
        "hours_asked": asked and tuple(asked),
        "objection": draft.case.kind is Kind.OBJECTION,
    }


def _told(draft: Draft) -> str:
    """Return the verdicts in Dutch, for the human who must decide."""
    words = {"approve": "goedkeuren", "defer": "tijdelijk afkeuren", "reject": "afkeuren"}
    return "; ".join(words[one.verdict] + _hours_told(one.hours) for one in counted(draft))


def _hours_told(hours: Hours | None) -> str:
    if hours is None:
        return ""
    text = hours.as_text()
    return f" ({text['contact']} + {text['self_study']} uur)".replace(".", ",")
