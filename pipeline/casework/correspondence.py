"""Which facts a letter about a case tells, and to whom it goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final, cast

from pipeline.casework import admitting, deadlines, effects, lacking
from pipeline.casework.dossier import hours_asked
from pipeline.casework.draft import Draft
from pipeline.casework.posting import SHOWN, Posted, addressee, instead, new_task, post, whom
from pipeline.domain import completeness, leaving, terms
from pipeline.domain.hours import Hours
from pipeline.domain.lifecycle import ON_SENT, Event, Kind, Result
from pipeline.domain.policy import Person, TaskKind
from pipeline.mail.deadlines import TOLD_IN
from pipeline.mail.letters import Attachment
from pipeline.mail.literal import shortened
from pipeline.store import rows

Facts = Mapping[str, Any]
ANY_TIME: Final = (  # about a case whose term was met long ago
    "adjusted",
    "rectified",
    "revoked",
    "admission_suspended",
    "admission_withdrawn",
    "admission_reinstated",
)
ADDRESSED: Final = ("name", "contact_name", "form_of_address")  # of a provider, in a letter


def to_provider(draft: Draft, kind: str, facts: Facts) -> rows.Letter:
    """Write to the provider, at the address that is on file."""
    told, email = told_to_provider(draft, kind, facts), draft.dossier.provider.email
    letter = send(draft, kind, told, to=email, attachments=attached(draft, kind, facts))
    if ON_SENT.get(kind) is Event.DECISION_SENT:
        _remember_decision_letter(draft, letter)
    if kind in TOLD_IN:
        draft.set(told_due_on=draft.case.due_on)
    if kind == "supplement_asked":
        _remember_request(draft, letter, told)
    return letter


def told_to_provider(draft: Draft, kind: str, facts: Facts) -> dict[str, Any]:
    """Return all that a letter to the provider tells."""
    return {**common(draft), "provider": addressee(draft.dossier.provider), **_TOLD[kind](draft, facts)}


def _remember_decision_letter(draft: Draft, letter: rows.Letter) -> None:
    """Keep with the decision what its letter rests on and may change later, so that it can be drawn again."""
    provider, register = draft.dossier.provider, draft.app.policy.register_
    told = {
        "letter": letter.id,
        "due_on": str(draft.case.due_on),
        "registration_number": draft.case.registration_number,
        "register": register.model_dump(mode="json"),
        "provider": {name: getattr(provider, name) for name in ADDRESSED},
    }
    draft.set(decision={**(draft.case.decision or {}), "told": told})


def send(draft: Draft, kind: str, facts: Facts, *, to: str | None, **more: Any) -> rows.Letter:
    """Add a letter to a draft; one that cannot be mailed brings a task for a named human."""
    case = draft.case
    about = {"case_id": case.id, "provider_id": case.provider_id, "correlation": case.correlation}
    more = {**about, "send_by": _send_by(draft, kind, facts), **more}
    posted = post(draft.app, draft.now, kind, facts, to=to, **more)
    _add(draft, posted)
    if posted.letter.state == rows.FAILED:
        to_owner(draft, "unmailable", posted.letter.subject, letter=posted.letter)
    return posted.letter


def _add(draft: Draft, posted: Posted) -> None:
    draft.op(*posted.ops)
    if posted.letter.retry_at is not None:
        draft.hint("dispatch", posted.letter.id)


def _send_by(draft: Draft, kind: str, facts: Facts) -> datetime | None:
    """Return the last moment at which a letter does what it is for; None where any will do.

    A reviewer has the day by which they are asked, a provider the one by which to answer; an extension
    is told before the former end. Whatever else is about a case goes on the last day of its term at the latest.
    """
    if kind == "extended":
        return leaving.end_of(facts["former_due_on"])
    before = dict.fromkeys(("review_asked", "review_reminder", "verdict_annulled"), "review_by")
    before |= {"supplement_reminder": "answer_by", "renewal_reminder": "valid_until"}
    before["admission_renewal"] = "valid_until"
    if kind in ANY_TIME:
        return None
    if kind in before:
        return leaving.start_of(facts[before[kind]])
    return None if draft.case.due_on is None else leaving.end_of(draft.case.due_on)


def to_owner(
    draft: Draft, kind: TaskKind, detail: str, *, letter: rows.Letter | None = None, more: Facts | None = None
) -> None:
    """Open a task for the named human and tell them, unless it is open already.

    Args:
        more: what the letter tells besides.
    """
    task = task_of(draft, kind, detail, letter)
    if any(known.key == task.key for known in draft.dossier.tasks):
        return
    draft.keep("tasks", task)
    stands_for = letter.id if letter and kind == "unmailable" else None
    tell_owner(draft, task, stands_for=stands_for, more=more)


def to_owner_anew(draft: Draft, kind: TaskKind, detail: str) -> bool:
    """Open a task, or let the one that is open tell what is so by now; says whether that is anything new."""
    known = next((one for one in draft.dossier.tasks if one.kind == kind), None)
    if known is None:
        to_owner(draft, kind, detail)
    elif known.detail != detail:
        draft.keep("tasks", replace(known, detail=detail))
    return known is None or known.detail != detail


def remind_owner(draft: Draft, kind: TaskKind, detail: str, *, deputy: bool = False) -> None:
    """Tell whoever has a task, or their deputy, that it waits still; open it if it is not."""
    task = next((known for known in draft.dossier.tasks if known.kind == kind), None)
    if task is None:
        task = task_of(draft, kind, detail)
        draft.keep("tasks", task)
    tell_owner(draft, task, instead_to=whom(draft.app, kind, deputy=deputy))


def task_of(draft: Draft, kind: TaskKind, detail: str, letter: rows.Letter | None = None) -> rows.Task:
    """Return a task about the case, or about a letter of it."""
    about = letter.id if letter else None
    key = f"{kind}:{about or draft.case.id}"
    return new_task(draft.app, draft.now, kind, key, detail, case_id=draft.case.id, letter_id=about)


def tell_owner(
    draft: Draft,
    task: rows.Task,
    *,
    instead_to: Person | None = None,
    stands_for: str | None = None,
    more: Facts | None = None,
) -> None:
    """Write to the owner of a task that it waits, or to somebody else."""
    told = instead_to or whom(draft.app, cast(TaskKind, task.kind))
    posted = post(
        draft.app,
        draft.now,
        "task_waiting",
        {
            **common(draft),
            "owner": {"name": told.name},
            "task": task.kind,
            "detail": task.detail,
            **(more or {}),
        },
        to=told.email,
        send_by=_send_by(draft, "task_waiting", {}),
        case_id=draft.case.id,
        task_id=task.id,
        stands_for=stands_for,
        correlation=draft.case.correlation,
    )
    _add(draft, posted)


def tell_deputy(draft: Draft, letter: rows.Letter) -> None:
    """Tell the deputy of an open task whose letter did not reach its owner."""
    for task in draft.dossier.tasks:
        if task.id == letter.task_id:
            person = instead(draft.app, cast(TaskKind, task.kind), letter)
            if person is not None:
                tell_owner(draft, task, instead_to=person, stands_for=letter.stands_for)


def common(draft: Draft) -> dict[str, Any]:
    """Return what every letter about a case tells."""
    case = draft.case
    about = {"number": case.number, "kind": case.kind.value, "title": shortened(case.title, SHOWN)}
    dates = {"received_on": case.received_on, "due_on": case.due_on}
    told = about | dates | {"provider": shortened(draft.dossier.provider.name, SHOWN)}
    return {"case": told, "school_holidays": draft.policy.terms.region != "none"}


def _remember_request(draft: Draft, letter: rows.Letter, told: Facts) -> None:
    request = rows.Request(
        id=draft.app.new_id(),
        case_id=draft.case.id,
        place=len(draft.dossier.requests) + 1,
        letter_id=letter.id,
        fields=[finding.field for finding in told["findings"]],
        answer_by=told["answer_by"],
    )
    draft.keep("requests", request)


def attached(draft: Draft, kind: str, facts: Facts) -> list[Attachment]:
    """Return what goes with a letter to the provider: the logo, or the date that it tells for a calendar."""
    png = facts.get("logo")
    if png is None or draft.dossier.registration is None:
        return deadlines.with_letter(draft, kind)
    return [Attachment(f"registerlogo-{draft.dossier.registration.number}.png", png, "image/png")]


def _counted(*names: str) -> Callable[[Draft, Facts], Facts]:
    """Tell how the date was counted, and these facts of the move."""
    return lambda draft, facts: {
        "term": deadlines.counted(draft),
        **{name: facts[name] for name in names},
    }


def _told(*names: str) -> Callable[[Draft, Facts], Facts]:
    return lambda draft, facts: {name: facts[name] for name in names}


def _asked(draft: Draft, facts: Facts) -> Facts:
    days, found = draft.policy.completeness.answer_days, lacking.found(draft)
    answer_by = terms.answer_by(draft.today, days, draft.app.calendar)
    told = {"findings": completeness.musts(found), "advised": completeness.shoulds(found)}
    return {**told, "answer_by": answer_by, "first": not draft.dossier.requests}


def _received(draft: Draft, facts: Facts) -> Facts:
    """Tell that it is complete; or that it is not, and that we judge it all the same."""
    is_complete = not completeness.musts(lacking.found(draft))
    return {**_counted("supplement_on")(draft, facts), "is_complete": is_complete}


def _reminded(draft: Draft, facts: Facts) -> Facts:
    request = effects.open_request(draft)
    assert request is not None  # only an open request is reminded of
    return {"findings": completeness.musts(lacking.found(draft)), "answer_by": request.answer_by}


def _set_aside(draft: Draft, facts: Facts) -> Facts:
    request = draft.dossier.requests[-1]
    return {
        "asked_on": request.asked_on,
        "answer_by": request.answer_by,
        "findings": completeness.musts(lacking.found(draft)),
        "times": len(draft.dossier.requests),
        "by_hand": effects.open_request(draft) is None,
        **_objection_until(draft),
    }


def _objection_until(draft: Draft) -> Facts:
    window = timedelta(days=draft.policy.terms.objection_window_days)
    return {"objection_until": draft.today + window}


def _motivated(draft: Draft, facts: Facts) -> Facts:
    return {"motivations": (draft.case.decision or {}).get("motivations", [])}


def _decided(draft: Draft, facts: Facts) -> Facts:
    """Tell the motivation of a decision, until when one may object to it, and what stays in the register."""
    stays = draft.case.registration_number if draft.case.kind is Kind.ACTIVITY else None
    return {**_motivated(draft, facts), **_objection_until(draft), "stays": stays}


def _deferred(draft: Draft, facts: Facts) -> Facts:
    told = (draft.case.decision or {}).get("repair_by")
    return {**_decided(draft, facts), "repair_by": told and date.fromisoformat(told)}


def _granted(draft: Draft, facts: Facts) -> Facts:
    asked = hours_asked(draft.dossier.activity)
    told = {**_decided(draft, facts), **_registered(draft), "stays": _replaces(draft)}
    return {**told, "hours_asked": asked and hours_told(asked)}


def _replaces(draft: Draft) -> str | None:
    """Return the number under which there was a version before this one."""
    version = draft.dossier.registration
    return version.number if version is not None and version.version > 1 else None


def _registered(draft: Draft) -> Facts:
    version = draft.dossier.registration
    assert version is not None  # a granted activity has one
    told = {"hours": hours_told(Hours.from_text(version.hours)), "number": version.number}
    return {**told, "valid_until": version.valid_until}


def _as_registered(draft: Draft) -> Facts:
    """Tell how the activity now stands in the register: its title may be another than the case had."""
    version = draft.dossier.registration
    assert version is not None  # only letters about one ask
    case = common(draft)["case"] | {"title": shortened(version.title, SHOWN)}
    return {**_registered(draft), "case": case}


def _renewed(draft: Draft, facts: Facts) -> Facts:
    """Tell that what was granted ends, and how long it takes to judge it anew."""
    return {**_as_registered(draft), "decision_days": draft.app.policy.terms.activity_days}


def _adjusted(draft: Draft, facts: Facts) -> Facts:
    """Tell what was changed without a judgement, and how it now stands."""
    return {**_as_registered(draft), **_told("runs", "website", "fields")(draft, facts)}


def _rectified(draft: Draft, facts: Facts) -> Facts:
    """Tell what was wrong, and until when one may object to other hours."""
    put_right = {one["field"]: {"old": one["old"], "new": one["new"]} for one in facts["corrections"]}
    if "hours" in put_right:
        hours = put_right["hours"]
        put_right["hours"] = {name: hours_told(Hours.from_text(parts)) for name, parts in hours.items()}
    until = _objection_until(draft) if "hours" in put_right else {}
    return {**_as_registered(draft), "reason": facts["reason"], "put_right": put_right, **until}


def _admitted(draft: Draft, facts: Facts) -> Facts:
    until, renews = admitting.told(draft.case)
    return {"valid_until": until, "renews": renews}


def _to_renew(draft: Draft, facts: Facts) -> Facts:
    """Tell until when a provider is admitted, and how long it takes to decide anew."""
    days = draft.app.policy.terms.admission_days
    return {"valid_until": draft.dossier.provider.admitted_until, "decision_days": days}


def _revoked(draft: Draft, facts: Facts) -> Facts:
    """Tell why a registration is revoked, from when, and until when one may object."""
    told = _told("ground", "reason", "from_")(draft, facts)
    return {**_as_registered(draft), **told, **_objection_until(draft)}


def hours_told(hours: Hours) -> Facts:
    """Return an amount of RU as letters tell it."""
    return {"contact": hours.contact, "self_study": hours.self_study, "total": hours.total}


def _objected(draft: Draft, facts: Facts) -> Facts:
    assert draft.dossier.subject is not None
    return {"subject": draft.dossier.subject.number, "about": draft.case.about}


def _objection_received(draft: Draft, facts: Facts) -> Facts:
    return {**_objected(draft, facts), "term": deadlines.counted(draft)}


def _objection_decided(draft: Draft, facts: Facts) -> Facts:
    version = draft.dossier.registration
    is_new = version is not None and version.case_id == draft.case.id
    result = draft.case.result or Result.INADMISSIBLE
    restores = bool((draft.case.decision or {}).get("restores"))
    told = {
        **_objected(draft, facts),
        **_motivated(draft, facts),
        "result": result.value,
        "restores": restores,
    }
    return {**told, **_registered(draft)} if is_new else told


_TOLD: Final[Mapping[str, Callable[[Draft, Facts], Facts]]] = {
    "confirmation": _counted(),
    "supplement_asked": _asked,
    "supplement_reminder": _reminded,
    "supplement_received": _received,
    "set_aside": _set_aside,
    "granted": _granted,
    "admitted": _admitted,
    "not_admitted": _decided,
    "deferred": _deferred,
    "rejected": _decided,
    "renewal_reminder": _renewed,
    "adjusted": _adjusted,
    "rectified": _rectified,
    "admission_renewal": _to_renew,
    "admission_suspended": _told("reason"),
    "admission_withdrawn": _told("reason"),
    "admission_reinstated": _told("reason"),
    "revoked": _revoked,
    "withdrawn": _told("reason"),
    "extended": _counted("reason", "former_due_on"),
    "term_changed": _counted("former_due_on", "is_past"),
    "deadline_missed": _told("missed_on"),
    "objection_received": _objection_received,
    "objection_decided": _objection_decided,
}
