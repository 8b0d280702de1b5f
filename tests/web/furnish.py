"""Rows for a home, written as they are: what the page shows does not depend on how they came about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from pipeline.domain.lifecycle import Kind, Result, State
from pipeline.store import rows, tables
from pipeline.store.unit import Insert, Op, new
from pipeline.wiring import App

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
PNG = b"\x89PNG a picture"


class Furniture:
    """Puts rows into a home; what is not given is plain."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._ids: Callable[[], str] = map("{:032x}".format, count(1_000)).__next__
        self._write(Insert(tables.policies, {"version": "2026", "document": {}}))

    def _write(self, *ops: Op) -> None:
        self._app.unit.write(ops)

    def provider(self, name: str = "Stichting Klankkleur") -> str:
        key = self._ids()
        self._write(new(rows.Provider(key, name, "", "", None, None, None, None)))
        return key

    def event(self, state: str = "accepted", **more: Any) -> str:
        key = self._ids()
        known = {"received_at": AT, "source": "/portal", "event_id": key[-4:], **more}
        self._write(new(rows.Event(id=key, state=state, raw=b"{}", length=2, digest=key, **known)))
        return key

    def refused(self, field: str = "activity.type", rule: str = "self_study", **more: Any) -> str:
        known = {"expected": "something else", "got": "self_study", "reason": "No.", **more}
        return self.event("refused", rule=rule, field=field, **known)

    def case(
        self,
        number: str,
        state: State = State.IN_REVIEW,
        result: Result | None = None,
        *,
        kind: Kind = Kind.ACTIVITY,
        provider: str | None = None,
        due_on: date | None = date(2026, 12, 7),
        title: str = "Interne cultuurcoördinator",
        **more: Any,
    ) -> str:
        key = self._ids()
        known = {"previous_id": None, "subject_id": None, "about": None, "data": {}, "flags": [], **more}
        case = rows.Case(
            id=key,
            version=1,
            number=number,
            kind=kind,
            state=state,
            result=result,
            provider_id=provider or self.provider(),
            event_ref=self.event(),
            title=title,
            received_at=AT,
            received_on=AT.date(),
            policy_version="2026",
            due_on=due_on,
            **known,
        )
        self._write(new(case))
        return key

    def request(self, case: str, answer_by: date) -> None:
        self._write(new(rows.Request(self._ids(), case, 1, self._ids(), ["activity.goal"], answer_by)))

    def asked(self, case: str, reviewer: str, name: str, review_by: date) -> None:
        reading = rows.Reviewer(reviewer, 1, name, "r@x.example", ["po"], [], None, None, 4, None, None, True)
        asked = rows.Assignment(self._ids(), case, reviewer, 1, rows.ASKED, AT, AT.date(), review_by)
        self._write(new(reading), new(asked))

    def task(self, kind: str, owner: str, *, case: str | None = None, **more: Any) -> None:
        key = self._ids()
        known = {
            "letter_id": None,
            "owner_email": "o@x.example",
            "deputy": "D",
            "detail": "",
            "opened_at": AT,
        }
        self._write(
            new(rows.Task(id=key, key=key, kind=kind, case_id=case, owner=owner, **{**known, **more}))
        )

    def letter(self, state: str) -> None:
        key = self._ids()
        about: Any = dict.fromkeys(("case_id", "reviewer_id", "provider_id", "task_id", "stands_for"))
        about |= {"kind": "confirmation", "to_address": "", "subject": ""}
        letter = rows.Letter(id=key, state=state, message_id=key, written_at=AT, **about)
        self._write(new(letter))

    def registration(self, number: str, *, png: bytes | None = PNG, provider: str = "", **more: Any) -> None:
        who = self.provider(provider or "Stichting Klankkleur")
        case = self.case(f"A-{number}", State.CLOSED, Result.GRANTED, provider=who)
        known = {
            "title": "Interne cultuurcoördinator",
            "hours": {"contact": "10", "self_study": "5.5"},
            "valid_from": date(2026, 11, 20),
            "state": "valid",
            "provider_name": provider or "Stichting Klankkleur",
            **more,
        }
        self._write(new(rows.Registration(number=number, version=1, case_id=case, provider_id=who, **known)))
        if png is not None:
            logo = {"number": number, "version": 1, "size": "normal", "png": png, "digest": ""}
            self._write(Insert(tables.logos, logo))
