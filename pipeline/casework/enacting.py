"""A decision kept on its case and carried out: at once, or once a named human has signed it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

from pipeline.casework import admitting, moving, registered, repairing
from pipeline.casework.dossier import hours_asked
from pipeline.casework.draft import Draft
from pipeline.domain import registrations
from pipeline.domain.hours import Hours
from pipeline.domain.lifecycle import Event, Kind, Result
from pipeline.domain.registrations import Status
from pipeline.mail.words import word
from pipeline.store import rows
from pipeline.store.unit import Numbered

GRANTING: Final = (Event.AGREED_TO_GRANT, Event.AGREED_TO_GRANT_IN_PART)
DRAWN_LATER: Final = "draw_logo"


def keep(draft: Draft, decision: Mapping[str, Any]) -> None:
    """Keep what is decided, with the version of the rules that it was decided under."""
    draft.set(decision={**decision, "policy": draft.case.policy_version})


def propose(draft: Draft) -> None:
    """Hold what the reviewers agreed on for whoever signs it; nothing is numbered, drawn or told yet."""
    decision = _kept(draft)
    told = _facts(draft, decision) | {"proposed": decision["event"]}
    moving.take(draft, Event.PROPOSED, task="sign_off", detail=in_dutch(decision), **told)


def enact(draft: Draft) -> None:
    """Take the decision that is kept."""
    decision = _kept(draft)
    event = Event(decision["event"])
    if event in GRANTING and draft.dossier.activity.kind is Kind.ADMISSION:
        draft.set(decision={**decision, "admission": admitting.promised(draft)})
    if event is Event.AGREED_TO_DEFER and draft.case.kind is Kind.ACTIVITY:
        draft.set(decision={**decision, "repair_by": repairing.promised(draft)})
    if event in GRANTING and registered.contests_revocation(draft):
        draft.set(decision={**decision, "restores": True})
    brings = event in GRANTING and _register(draft, decision["hours"])
    moving.take(draft, event, **_facts(draft, decision))
    if draft.case.step == DRAWN_LATER and not brings:
        moving.take(draft, Event.NO_LOGO_NEEDED)


def _kept(draft: Draft) -> Mapping[str, Any]:
    decision = draft.case.decision
    assert decision is not None  # kept before it is held or taken
    return decision


def _facts(draft: Draft, decision: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the journal tells of a decision."""
    who = {one.id: one.reviewer_id for one in draft.dossier.verdicts}
    reviewers = [who[verdict] for verdict in decision["verdicts"]] or [decision["by"]]
    return {
        "rule": decision["rule"],
        "hours": decision["hours"],
        "reviewers": reviewers,
        "trail": decision["trail"],
    }


def in_dutch(decision: Mapping[str, Any]) -> str:
    """Return what is decided in Dutch, for the human who must sign it."""
    said = word(decision["event"], "decision")
    hours = decision["hours"]
    amount = "" if hours is None else f": {hours['contact']} + {hours['self_study']} uur".replace(".", ",")
    return said + amount


def _register(draft: Draft, told: Mapping[str, str] | None) -> bool:
    """Bring a registration or a new version of it; False when the decision changes none."""
    submission = draft.dossier.activity
    if submission.kind is Kind.ADMISSION:
        return False
    former = draft.dossier.registration
    if former is not None and _is_overtaken(draft, former):
        return False
    kept = former if submission.result is Result.GRANTED else None  # of an objection to what was granted
    hours = Hours.from_text(told) if told else _hours_untold(draft, kept)
    if hours is None:
        return False
    version = rows.Registration(
        number=former.number if former else "",
        version=former.version + 1 if former else 1,
        state=Status.PENDING,
        case_id=draft.case.id,
        provider_id=draft.case.provider_id,
        title=kept.title if kept else submission.title,
        hours={"contact": str(hours.contact), "self_study": str(hours.self_study)},
        valid_until=kept.valid_until if kept else _until(draft),
        provider_name=draft.dossier.provider.name,
        adjusted=kept.adjusted if kept else None,
    )
    if former:
        draft.add(version)
        draft.set(registration_number=former.number)
    else:
        draft.op(Numbered(version, draft.case.id))
    draft.dossier = replace(draft.dossier, registration=version)
    return True


def _hours_untold(draft: Draft, kept: rows.Registration | None) -> Hours | None:
    """Return the hours where a decision gives none: those asked, or of what was revoked; None where nothing changes."""
    if kept is None:
        return hours_asked(draft.dossier.activity)
    return Hours.from_text(kept.hours) if registered.contests_revocation(draft) else None


def _is_overtaken(draft: Draft, former: rows.Registration) -> bool:
    """Say whether an objection is about what was revoked meanwhile, or a later change of the content replaced."""
    subject = draft.dossier.subject
    if subject is None:
        return False
    if former.state == Status.REVOKED:
        return not registered.contests_revocation(draft)
    if former.case_id == subject.id:
        return False
    with draft.app.database.reading() as connection:
        stands = registered.holder(connection, former).case
    return stands.id != subject.id and stands.received_at > subject.received_at


def _until(draft: Draft) -> date | None:
    """Return the last day of what is judged today; None is without end."""
    return registrations.last_day(draft.today, draft.policy.registrations.valid_days)
