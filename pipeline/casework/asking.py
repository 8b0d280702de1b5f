"""Letters to reviewers: the question with the whole dossier, its reminder, that it lapsed or is asked again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from pipeline.casework import chronicle, correspondence, deadlines, lacking, registered
from pipeline.casework.dossier import hours_asked
from pipeline.casework.draft import Draft
from pipeline.casework.posting import SHOWN
from pipeline.domain import completeness
from pipeline.domain.completeness import GROUNDS, REQUIREMENTS
from pipeline.domain.judging import SCORES
from pipeline.domain.lifecycle import Kind, Result, State
from pipeline.mail.dutch import listed
from pipeline.mail.literal import shortened
from pipeline.mail.words import label, word
from pipeline.store import rows

Facts = Mapping[str, Any]

_ACTIVITY: Final = (
    "goal",
    "relevance",
    "programme",
    "planning",
    "staff",
    "evaluation",
    "website",
)
CHANGES: Final = (
    "changes registration "  # begins the flag of a case that is to change what stands in the register
)
RENEWS: Final = "renews registration "


def to_reviewers(draft: Draft, kind: str, facts: Facts) -> None:
    """Write to the reviewers whom a move concerns."""
    if kind == "review_asked":
        for assignment in draft.dossier.assignments:
            if assignment.reviewer_id in facts["reviewers"]:
                _ask(draft, assignment, facts.get("confirm", {}).get(assignment.reviewer_id, ()))
    elif kind == "verdict_annulled":
        _ask_again(draft, facts)
    else:
        _release(draft, facts)


def remind(draft: Draft, reviewer_id: str) -> None:
    """Remind a reviewer of the verdict that we wait for."""
    assignment = next(one for one in draft.dossier.assignments if one.reviewer_id == reviewer_id)
    _write(draft, "review_reminder", assignment, {"review_by": assignment.review_by})


def _write(draft: Draft, kind: str, assignment: rows.Assignment, facts: Facts, **more: Any) -> None:
    reviewer = draft.dossier.reviewers[assignment.reviewer_id]
    told = {**correspondence.common(draft), "reviewer": {"name": reviewer.name}, **facts}
    correspondence.send(draft, kind, told, to=reviewer.email, reviewer_id=reviewer.id, **more)


def _ask_again(draft: Draft, facts: Facts) -> None:
    """Ask for another verdict whoever is still asked after theirs was annulled."""
    for assignment in draft.dossier.assignments:
        if assignment.reviewer_id == facts["reviewer"] and assignment.state == rows.ASKED:
            told = {"reason": facts["reason"], "review_by": assignment.review_by}
            by = deadlines.with_review(draft, assignment)
            _write(draft, "verdict_annulled", assignment, told, attachments=by)


def _release(draft: Draft, facts: Facts) -> None:
    """Tell whoever was asked and has not answered; facts may name the ones meant."""
    only = facts.get("released")
    reason = facts.get("why", "reassigned") if only is not None else _reason(draft)
    for assignment in list(draft.dossier.assignments):
        if assignment.state == rows.ASKED and (only is None or assignment.reviewer_id in only):
            state = rows.NOT_NEEDED if only is None else rows.RELEASED
            draft.keep("assignments", replace(assignment, state=state))
            if not facts.get("out_of_reach"):
                _write(draft, "review_not_needed", assignment, {"reason": reason})


def _reason(draft: Draft) -> str:
    if draft.case.state is State.TO_SIGN:
        return "enough"
    if draft.case.state is State.ESCALATED:
        return "taken_over"
    return "withdrawn" if draft.case.result is Result.WITHDRAWN else "decided"


def _ask(draft: Draft, assignment: rows.Assignment, unconfirmed: Sequence[str]) -> None:
    """Ask for a verdict, and for what is not known that may tie the reviewer to the provider."""
    case, submission = draft.case, draft.dossier.activity
    asked = hours_asked(submission)
    noticed = () if case.kind is Kind.OBJECTION else lacking.found(draft)
    facts = {
        "title": shortened(submission.title, SHOWN),
        "review_by": assignment.review_by,
        "why": _why(draft, draft.dossier.reviewers[assignment.reviewer_id]),
        "flags": flags(case),
        "noticed": noticed,
        "accepted": lacking.accepted_because(draft) if completeness.musts(noticed) else None,
        "confirm": [word(fact, "confirm") for fact in unconfirmed],
        "hours_asked": asked and correspondence.hours_told(asked),
        "dossier": tuple(_dossier(submission)),
        "criteria": tuple(_criteria(draft)),
        "always_motivated": draft.policy.judging.motivation == "always",
        "motivated_score": draft.policy.judging.motivated_score,
        **_kind_of(submission),
        **_objection(draft),
    }
    _write(draft, "review_asked", assignment, facts, attachments=deadlines.with_review(draft, assignment))


def _why(draft: Draft, reviewer: rows.Reviewer) -> str:
    """Return in Dutch why this reviewer is asked; the journal has the whole weighing."""
    if draft.case.kind is not Kind.ACTIVITY:
        return "u hebt deze zaak niet eerder beoordeeld en hebt er ruimte voor."
    activity = draft.case.data["activity"]
    common = [sector for sector in activity.get("sectors") or [] if sector in reviewer.sectors]
    sectors = " en ".join(word(sector, "sector") for sector in common)
    return (
        f"u beoordeelt activiteiten voor {sectors} in de categorie {word(activity['category'], 'category')}."
    )


def flags(case: rows.Case) -> list[str]:
    """Return what a reviewer should know, in Dutch."""
    duplicates = [
        flag.removeprefix("duplicate of ") for flag in case.flags if flag.startswith("duplicate of ")
    ]
    same = "heeft dezelfde titel en inhoud als die in zaak {} van dezelfde aanbieder"
    told = f"Deze activiteit {same}." if case.kind is Kind.ACTIVITY else "Deze aanvraag lijkt op zaak {}."
    return [told.format(number) for number in duplicates] + _changes(case)


def _changes(case: rows.Case) -> list[str]:
    """Return what of a registration a case is to change, in Dutch."""
    told = [flag for flag in case.flags if flag.startswith((CHANGES, RENEWS))]
    return [_change_told(case.registration_number or "", flag) for flag in told]


def _change_told(number: str, flag: str) -> str:
    stands = f"Deze activiteit staat al in het register (nummer {number})."
    if flag.startswith(RENEWS):
        return f"{stands} De aanbieder vraagt om verlenging."
    fields = flag.removeprefix(CHANGES).split(": ", 1)[1].split(", ")
    return f"{stands} De aanbieder verandert: {listed([label(field) for field in fields])}."


def _kind_of(submission: rows.Case) -> Facts:
    if submission.kind is Kind.ADMISSION:
        return {}
    activity = submission.data["activity"]
    return {"sectors": activity.get("sectors") or [], "category": activity["category"]}


def _objection(draft: Draft) -> Facts:
    subject = draft.dossier.subject
    if subject is None:
        return {}
    told = {"subject": subject.number, "about": draft.case.about, "grounds": draft.case.data["grounds"]}
    return {**told, "revoked": _revoked(draft, subject)}


def _revoked(draft: Draft, subject: rows.Case) -> Facts | None:
    """Return why the registration was revoked that the objection is about, as the journal of its case tells it."""
    if not registered.contests_revocation(draft):
        return None
    with draft.app.database.reading() as connection:
        contents = [
            content for entry, content in chronicle.of(connection, subject.id) if entry.event == "revoked"
        ]
    facts = (contents[-1] and contents[-1].facts) if contents else None
    if not facts:
        return None  # erased
    grounds = {ground.key: ground.sentence for ground in draft.app.policy.registrations.grounds}
    return {
        "from_": date.fromisoformat(facts["from"]),
        "ground": grounds.get(facts["ground"], facts["ground"]),
        "reason": facts["reason"],
    }


def _dossier(submission: rows.Case) -> Iterator[tuple[str, str]]:
    """Yield every text of the submission with the path of its field."""
    data = submission.data
    if submission.kind is Kind.ADMISSION:
        for name in REQUIREMENTS:
            evidence = ((data.get("requirements") or {}).get(name) or {}).get("evidence")
            yield from _text(f"requirements.{name}", evidence)
        return
    activity = data["activity"]
    for name in _ACTIVITY:
        yield from _text(f"activity.{name}", activity.get(name))
    for name in GROUNDS:
        yield from _text(f"activity.grounds.{name}", (activity.get("grounds") or {}).get(name))
    yield from _text("activity.hours.justification", (activity.get("hours") or {}).get("justification"))
    test = activity.get("closing_test") or {}
    yield from _text("activity.closing_test.description", test.get("description"))


def _criteria(draft: Draft) -> Iterator[tuple[str, tuple[tuple[int, str], ...]]]:
    """Yield what is scored, with what each score means under the rules of the case."""
    kind = draft.dossier.activity.kind
    for name, criterion in draft.policy.judging.criteria.of(kind).items():
        if criterion.anchors:
            yield _field_of(kind, name), tuple(zip(SCORES, criterion.anchors, strict=True))


def _field_of(kind: Kind, criterion: str) -> str:
    """Return the field of the submission that a criterion is about."""
    if kind is Kind.ADMISSION:
        return f"requirements.{criterion}"
    return f"activity.grounds.{criterion}" if criterion in GROUNDS else f"activity.{criterion}"


def _text(field: str, text: str | None) -> Iterator[tuple[str, str]]:
    if text and text.strip():
        yield field, text
