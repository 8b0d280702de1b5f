"""Refused never means dropped: the bytes are kept with the reason, and the provider is told."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import Connection, func, select

from pipeline.casework import claims, providers
from pipeline.casework.posting import addressee, new_task, post, task_about, whom
from pipeline.contract import AMSTERDAM, MAX_BYTES, EventType, received_on
from pipeline.contract.fields import storable_line
from pipeline.domain.completeness import is_mailable
from pipeline.domain.lifecycle import State
from pipeline.errors import WHOLE, Refused
from pipeline.store import rows, tables
from pipeline.store.reading import by_id, by_number, one_of
from pipeline.store.unit import Change, Op, changed, new
from pipeline.wiring import App

KIND: Final = "event_refused"
LOOKS_KNOWN: Final = ("known_name", "known_domain")  # by these nobody is found whom the event concerns


def refuse(
    app: App,
    stored: rows.Event,
    event: rows.Event,
    refusal: Refused,
    *,
    is_stored: bool,
    document: Mapping[str, Any] | None = None,
) -> None:
    """Keep a refused event with its reason; the same refusal again only counts.

    Args:
        stored: the row as it is, or would be, stored.
        event: the same with what could be told of it.
        document: the event as parsed, where that could be done.
    """
    refused, data = _refused(event, refusal), _part(document or {}, "data")
    with app.database.reading() as connection:
        earlier = _earlier(connection, refused)
        concerned = _concerned(connection, data)
    if earlier is not None:
        app.unit.write(_counted(stored, earlier, is_stored))
        return
    refused = replace(refused, case_id=concerned.case_id)
    ops, letter = _told(app, refused, data, concerned.provider)
    if letter is not None:
        refused = replace(refused, letter_id=letter)
    row: Op = new(refused)
    if is_stored:
        row = Change(tables.events, {"id": stored.id, "state": "stored"}, changed(stored, refused))
    app.unit.write([row, *ops])
    if letter is not None:
        app.ring("dispatch", letter)


def keep_malformed(app: App, raw: bytes, wrong: str) -> None:
    """Keep what lay on the queue and is no message; the same again only counts.

    Args:
        wrong: what is wrong with it, a sentence.
    """
    got = raw[:MAX_BYTES].decode("utf-8", "backslashreplace")
    reason = f"{wrong} Send the event again as the contract says."
    refusal = Refused("json", WHOLE, "a message for receive with one event", got, reason)
    digest = hashlib.sha256(raw).hexdigest()
    event = rows.Event(app.new_id(), "stored", app.clock.now(), raw[:MAX_BYTES], len(raw), digest)
    refuse(app, event, event, refusal, is_stored=False)


def _refused(event: rows.Event, refusal: Refused) -> rows.Event:
    return replace(
        event,
        state="refused",
        claim=claims.of_refusal(event.digest, refusal.rule, refusal.field),
        rule=refusal.rule,
        field=refusal.field,
        expected=refusal.expected,
        got=refusal.got,
        reason=refusal.reason,
        retry_at=None,
        unfinished=0,
        last_error=None,
    )


def _earlier(connection: Connection, refused: rows.Event) -> rows.Event | None:
    return one_of(connection, rows.Event, tables.events.c.claim == refused.claim)


def _counted(stored: rows.Event, earlier: rows.Event, is_stored: bool) -> list[Op]:
    again: list[Op] = [Change(tables.events, {"id": earlier.id}, {"times": tables.events.c.times + 1})]
    if is_stored:
        values = {"state": "known", "case_id": earlier.case_id, "retry_at": None, "unfinished": 0}
        again.append(Change(tables.events, {"id": stored.id, "state": "stored"}, values))
    return again


class _Concerned:
    """The case that a refused event names and the provider who may be told."""

    def __init__(self, case: rows.Case | None = None, provider: rows.Provider | None = None) -> None:
        self.case_id = case.id if case else None
        self.provider = provider


def _concerned(connection: Connection, data: Mapping[str, Any]) -> _Concerned:
    """Find whom a refused event concerns: by its case number, else by its KvK number; never by its address."""
    number = data.get("case")
    if isinstance(number, str) and storable_line(number):
        case = by_number(connection, number)
        return _Concerned(case, _on_file(connection, case) if case else None)
    kvk = data.get("provider_kvk") or (_part(data, "provider").get("kvk_number"))
    if not isinstance(kvk, str) or not storable_line(kvk):
        return _Concerned()
    return _Concerned(None, providers.admitted(connection, kvk) or providers.applying(connection, kvk))


def _on_file(connection: Connection, case: rows.Case) -> rows.Provider | None:
    provider = by_id(connection, rows.Provider, case.provider_id)
    known = provider is not None and (provider.admitted_at is not None or case.state is not State.CLOSED)
    return provider if known else None


def _part(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = data.get(name)
    return value if isinstance(value, Mapping) else {}


def _told(
    app: App, event: rows.Event, data: Mapping[str, Any], provider: rows.Provider | None
) -> tuple[list[Op], str | None]:
    """Return the letter that tells the provider, or the task once they were told often enough today."""
    if provider is None and event.rule in LOOKS_KNOWN:
        return _applicant_told(app, event, data)
    if provider is None or event.type in (None, EventType.REVIEW_GIVEN):
        return [], None
    now, limit = event.received_at, app.policy.intake.refusal_letters_per_day
    already = _letters_today(app, provider, now)
    if already > limit:
        return [], None
    if already == limit:
        return _owner_told(app, event, provider)
    facts = {**_facts(event, data), "provider": addressee(provider)}
    posted = post(
        app,
        now,
        KIND,
        facts,
        to=provider.email,
        case_id=event.case_id,
        provider_id=provider.id,
        correlation=event.id,
    )
    if posted.letter.state == rows.QUEUED:
        return posted.ops, posted.letter.id
    told = task_about(app, now, "unmailable", posted.letter, posted.letter.subject)
    return [*posted.ops, *told.ops], told.letter.id


def _applicant_told(app: App, event: rows.Event, data: Mapping[str, Any]) -> tuple[list[Op], str | None]:
    """Return the letter to an applicant who is refused for looking like somebody known.

    It goes to the address in the application, as the confirmation would have; nothing is kept of the applicant
    but the event.
    """
    applicant = providers.of_application(data, event.id)
    if applicant.email is None or not is_mailable(applicant.email):
        return [], None
    facts = {**_facts(event, data), "provider": addressee(applicant)}
    posted = post(app, event.received_at, KIND, facts, to=applicant.email, correlation=event.id)
    return posted.ops, posted.letter.id if posted.letter.state == rows.QUEUED else None


def _letters_today(app: App, provider: rows.Provider, now: datetime) -> int:
    """Count what the provider, or for them the owner, was told today."""
    start = datetime.combine(received_on(now), time(), AMSTERDAM)
    letters = tables.letters
    query = (
        select(func.count())
        .select_from(letters)
        .where(letters.c.provider_id == provider.id, letters.c.kind == KIND)
        .where(letters.c.written_at >= start, letters.c.written_at < start + timedelta(days=1))
    )
    key = tables.tasks.c.key == _task_key(provider, now)
    with app.database.reading() as connection:
        told = connection.execute(select(func.count()).select_from(tables.tasks).where(key)).scalar_one()
        return int(connection.execute(query).scalar_one()) + int(told)


def _task_key(provider: rows.Provider, now: datetime) -> str:
    return f"refused_often:{provider.id}:{received_on(now)}"


def _owner_told(app: App, event: rows.Event, provider: rows.Provider) -> tuple[list[Op], str | None]:
    now = event.received_at
    task = new_task(app, now, "refused_often", _task_key(provider, now), provider.name, case_id=None)
    person = whom(app, "refused_often")
    facts = {"owner": {"name": person.name}, "task": task.kind, "detail": task.detail}
    posted = post(app, now, "task_waiting", facts, to=person.email, task_id=task.id, correlation=event.id)
    return [new(task), *posted.ops], posted.letter.id


def _facts(event: rows.Event, data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "event_id": event.event_id or "onbekend",
        "event_type": event.type,
        "received_at": event.received_at,
        "rule": event.rule,
        "field": event.field,
        "expected": event.expected,
        "got": event.got,
        "case_number": data.get("case") if event.case_id else None,
    }
