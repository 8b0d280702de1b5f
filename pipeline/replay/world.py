"""The people around the register: they send, and answer the letters that arrive; the register knows nothing of them."""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import Select, and_, select

from pipeline.casework import deciding, dossier, rounds, signing
from pipeline.casework.walk import ASSIGN
from pipeline.contract import EventType, received_on
from pipeline.domain.hours import Hours
from pipeline.domain.lifecycle import Kind
from pipeline.domain.verdicts import Verdict
from pipeline.replay import arrivals, opinions, submissions
from pipeline.replay.arrivals import Opening, at_desk, is_admitted
from pipeline.replay.lots import Lots
from pipeline.replay.opinions import About
from pipeline.replay.reviewers import DAY, Reviewer, answers_at, found, hurried
from pipeline.replay.stage import LocalStage
from pipeline.store import rows, tables
from pipeline.store.prepared import Listed
from pipeline.store.reading import all_of, by_id
from pipeline.wiring import App

Act = Callable[[], None]

_MESSAGE_ID: Final = re.compile(rb"^Message-ID: <([0-9a-f]{32})@", re.MULTILINE)
DECIDES: Final = (3, 12)  # days that the commission takes: our assumption
SIGNS: Final = (1, 3)  # days until a decision that is held is signed: our assumption
OBJECTS: Final = (4, 36)  # days after the decision, of the six weeks that there are
OBJECTS_LATE: Final = 0.06
RESUBMITS: Final = (7, 35)
REOPENS: Final = ("deferred", "rejected", "granted")


@dataclass(frozen=True)
class Told:
    """One letter as its reader has it, with what they know of its case.

    Attributes:
        place: of a reviewer among those who were asked about the case.
    """

    kind: str
    key: str
    case_id: str
    number: str
    case_kind: Kind
    reviewer_id: str | None
    place: int | None
    task: str | None
    provider: int


def _told(ids: Sequence[Any]) -> Select[Any]:
    letters, cases, events, tasks = tables.letters, tables.cases, tables.events, tables.tasks
    assigned = tables.assignments
    is_asked = and_(assigned.c.case_id == letters.c.case_id, assigned.c.reviewer_id == letters.c.reviewer_id)
    known = (letters.c.kind, events.c.event_id, cases.c.id, cases.c.number, cases.c.kind)
    return (
        select(*known, letters.c.reviewer_id, assigned.c.place, tasks.c.kind)
        .join(cases, cases.c.id == letters.c.case_id)
        .join(events, events.c.id == cases.c.event_ref)
        .outerjoin(tasks, tasks.c.id == letters.c.task_id)
        .outerjoin(assigned, is_asked)
        .where(letters.c.id.in_(ids))
        .order_by(letters.c.id)
    )


_TOLD: Final = Listed(_told)


class World:
    """An agenda of what simulated people will do, filled by arrivals and by letters."""

    def __init__(
        self, app: App, stage: LocalStage, lots: Lots, openings: list[Opening], reviewers: dict[str, Reviewer]
    ) -> None:
        self._app = app
        self._stage = stage
        self._lots = lots
        self._reviewers = reviewers
        self._agenda: list[tuple[datetime, str]] = []
        self._acts: dict[str, tuple[datetime, Act]] = {}
        self._admitted: set[int] = set()
        self._waiting: dict[int, list[Opening]] = {}  # for the admission of their provider
        self._given: Counter[str] = Counter()  # verdicts on each case but for those that gave it back
        self._provider: dict[str, int] = {}  # of each case, by key
        for one in openings:
            self._provider[one.key] = one.provider
            self._plan(one.at, one.key, partial(self._send, one))

    def next_at(self) -> datetime | None:
        """Return when somebody next does something."""
        while self._agenda and not self._is_meant(*self._agenda[0]):
            heapq.heappop(self._agenda)
        return self._agenda[0][0] if self._agenda else None

    def act(self) -> None:
        """Let whoever is next do what they meant to."""
        _, key = heapq.heappop(self._agenda)
        self._acts.pop(key)[1]()

    def _is_meant(self, at: datetime, key: str) -> bool:
        return key in self._acts and self._acts[key][0] == at

    def _plan(self, at: datetime, key: str, act: Act) -> None:
        """Put something on the agenda; what stood there under the same key falls away."""
        self._acts[key] = (at, act)
        heapq.heappush(self._agenda, (at, key))

    # What people send by themselves.

    def _send(self, one: Opening) -> None:
        if one.kind is Kind.ACTIVITY and one.provider not in self._admitted:
            self._waiting.setdefault(one.provider, []).append(one)
            return
        dice = self._lots.draw(one.key, "text")
        complete = self._lots.draw(one.key, "complete").random() >= arrivals.INCOMPLETE
        if one.kind is Kind.ADMISSION:
            data = submissions.application(dice, one.provider, complete=complete)
            self._drop(one.key, EventType.PROVIDER_APPLIED, data)
        else:
            data = submissions.activity(dice, one.provider, complete=complete)
            self._drop(one.key, EventType.ACTIVITY_SUBMITTED, data)

    def _drop(
        self, key: str, kind: EventType, data: dict[str, Any], source: str = submissions.PORTAL
    ) -> None:
        self._stage.drop(submissions.event(key, kind, self._now, data, source))

    @property
    def _now(self) -> datetime:
        return self._stage.clock.now()

    # What people do about letters.

    def read(self, arrived: list[bytes]) -> None:
        """Let everybody read what has arrived; they will act on it later."""
        ids = [match.group(1).decode() for raw in arrived if (match := _MESSAGE_ID.search(raw))]
        arrived.clear()
        for start in range(0, len(ids), 500):
            for row in self._letters(ids[start : start + 500]):
                self._take(self._told(row))

    def _letters(self, ids: list[str]) -> list[Any]:
        with self._app.database.reading() as connection:
            return _TOLD.rows(connection, ids)

    def _told(self, row: Sequence[Any]) -> Told:
        letter, key, case_id, number, kind, reviewer, place, task = row
        return Told(letter, key, case_id, number, Kind(kind), reviewer, place, task, self._provider[key])

    def _take(self, told: Told) -> None:
        match told.kind:
            case "admitted":
                self._begin(told.provider)
            case "confirmation":
                self._maybe_withdraw(told)
            case "supplement_asked":
                if not self._maybe_withdraw(told):
                    self._supplement(told)
            case "review_asked" | "review_reminder" | "review_not_needed":
                self._review(told)
            case "task_waiting":
                self._do_task(told)
            case "deferred" if told.case_kind is Kind.ACTIVITY:
                self._resubmit(told)
            case "rejected" | "not_admitted" | "granted":
                self._object(told)

    def _do_task(self, told: Told) -> None:
        match told.task:
            case "escalated":
                self._escalated(told)
            case "sign_off":
                self._sign(told)
            case rounds.TASK:
                self._ask_once_more(told)
            case "overdue":
                self._find_reviewer(told)

    def _begin(self, provider: int) -> None:
        """A provider that is admitted sends the day after what it had ready."""
        self._admitted.add(provider)
        for one in self._waiting.pop(provider, []):
            self._plan(self._later(one.key, "begin", 1, 3), one.key, partial(self._send, one))

    def _later(self, key: str, what: str, least: int, most: int) -> datetime:
        dice = self._lots.draw(key, what)
        return at_desk(dice, received_on(self._now) + DAY * dice.randint(least, most))

    def _withdraws(self, told: Told) -> bool:
        """Say whether a case will be withdrawn; they have said so by telephone, so that reviewers wait for it."""
        if told.case_kind is Kind.OBJECTION or (
            told.case_kind is Kind.ADMISSION and is_admitted(self._lots, told.provider)
        ):
            return False
        return self._lots.draw(told.key, "withdraws").random() < arrivals.WITHDRAWN

    def _maybe_withdraw(self, told: Told) -> bool:
        if not self._withdraws(told):
            return False
        data = {"case": told.number, "reason": submissions.people()["texts"]["withdrawn"]}
        key = f"{told.key}/withdrawn"
        self._plan(
            self._later(told.key, "withdraw", 1, 6),
            key,
            lambda: self._drop(key, EventType.CASE_WITHDRAWN, data),
        )
        return True

    def _supplement(self, told: Told) -> None:
        request = self._request(told)
        dice = self._lots.draw(told.key, "supplement", request.place)
        chance, surely = (
            dice.random(),
            told.case_kind is Kind.ADMISSION and is_admitted(self._lots, told.provider),
        )
        if chance < arrivals.SILENT and not surely:
            return
        days = max((request.answer_by - received_on(self._now)).days, 1)
        day = received_on(self._now) + DAY * min(int(days * dice.betavariate(1.4, 2.2)) + 1, days - 1)
        if chance > 1 - arrivals.LATE and not surely:
            day = request.answer_by + DAY * dice.randint(1, 6)
        fields, key = list(request.fields), f"{told.key}/supplement-{request.place}"
        if len(fields) > 1 and dice.random() < 0.25:
            fields.pop()  # the rest is asked for once more
        data = submissions.supplement(told.number, {}, fields)
        self._plan(at_desk(dice, day), key, lambda: self._drop(key, EventType.CASE_SUPPLEMENTED, data))

    def _cases(self, told: Told) -> tuple[rows.Case, rows.Case]:
        """Return the case, and the one that holds the submission."""
        with self._app.database.reading() as connection:
            case = by_id(connection, rows.Case, told.case_id)
            assert case is not None  # a letter told of it
            return case, by_id(connection, rows.Case, case.subject_id) or case

    def _request(self, told: Told) -> rows.Request:
        table = tables.requests
        with self._app.database.reading() as connection:
            found = all_of(connection, rows.Request, table.c.case_id == told.case_id, order=[table.c.place])
        return found[-1]

    def _review(self, told: Told) -> None:
        place = told.place
        assert told.reviewer_id is not None and place is not None  # noqa: PT018 -- letters to reviewers
        key, reviewer = f"{told.key}/verdict-{place}", self._reviewers[told.reviewer_id]
        dice = self._lots.draw(told.key, told.kind, place)
        if told.kind == "review_not_needed":
            self._acts.pop(key, None)
        elif told.kind == "review_asked" and not self._withdraws(told):
            at = answers_at(dice, reviewer, self._now, self._app.calendar)
            self._plan(at, key, lambda: self._give(told, place, key))
        elif (
            key in self._acts
            and (sooner := hurried(dice, reviewer, self._now))
            and sooner < self._acts[key][0]
        ):
            self._plan(sooner, key, self._acts[key][1])

    def _give(self, told: Told, place: int, key: str) -> None:
        opinion = opinions.of_reviewer(self._lots, self._about(told), place, self._given[told.key])
        self._given[told.key] += opinion.verdict != opinions.RECUSE
        scored = opinions.criteria(self._cases(told)[1].data)
        assert told.reviewer_id is not None
        data = submissions.verdict(
            told.number, told.reviewer_id, opinion.verdict, scored, opinion.hours, opinion.motivation
        )
        self._drop(key, EventType.REVIEW_GIVEN, data, submissions.DESK)

    def _about(self, told: Told) -> About:
        case, submission = self._cases(told)
        asked = dossier.hours_asked(submission)
        return About(told.key, told.case_kind, asked, is_admitted(self._lots, told.provider), case.about)

    def _escalated(self, told: Told) -> None:
        owner = self._app.policy.tasks["escalated"].owner.name

        def decide() -> None:
            opinion = opinions.decided(self._lots, self._about(told))
            hours = Hours.from_text(opinion.hours) if opinion.hours else None
            deciding.decide(
                self._app, told.number, Verdict(owner, opinion.verdict, hours, opinion.motivation)
            )

        key = f"{told.key}/decided"
        if key not in self._acts:
            self._plan(self._later(told.key, "decide", *DECIDES), key, decide)

    def _sign(self, told: Told) -> None:
        """Whoever signs does so within days; what reviewers agree on is never refused here."""
        owner, key = self._app.policy.tasks["sign_off"].owner.name, f"{told.key}/signed"
        if key not in self._acts:
            self._plan(
                self._later(told.key, "sign", *SIGNS),
                key,
                lambda: signing.sign(self._app, told.number, owner),
            )

    def _ask_once_more(self, told: Told) -> None:
        owner, reason = (
            self._app.policy.tasks["rounds"].owner.name,
            submissions.people()["texts"]["once_more"],
        )
        key = f"{told.key}/once-more-{self._request(told).place}"
        if key not in self._acts:
            at = self._later(told.key, "once_more", *DECIDES)
            self._plan(at, key, lambda: rounds.settle(self._app, told.number, "ask", reason, owner))

    def _find_reviewer(self, told: Told) -> None:
        """The office finds one more, for next Monday's list, for a case that nobody is left to judge."""
        if self._cases(told)[0].step == ASSIGN:
            one = found(self._lots, len(self._reviewers) + 1)
            self._reviewers[one.row.id] = one

    def _resubmit(self, told: Told) -> None:
        dice = self._lots.draw(told.key, "resubmits")
        if told.key.startswith("res/") or dice.random() >= arrivals.RESUBMITS:
            return
        key = f"res/{told.key}"
        self._provider[key] = told.provider
        made = submissions.activity(self._lots.draw(told.key, "text"), told.provider, complete=True)
        data = {**made, "previous_case": told.number}
        at = self._later(told.key, "resubmit", *RESUBMITS)
        self._plan(at, key, lambda: self._drop(key, EventType.ACTIVITY_SUBMITTED, data))

    def _object(self, told: Told) -> None:
        about = self._ground(told)
        dice = self._lots.draw(told.key, "objects")
        if about is None or told.case_kind is Kind.OBJECTION or dice.random() >= arrivals.OBJECTS:
            return
        key = f"obj/{told.key}"
        self._provider[key] = told.provider
        grounds = submissions.people()["texts"][f"objection_{about}"]
        data = {"case": told.number, "about": about, "grounds": grounds}
        at = self._later(told.key, "object", *OBJECTS)
        if dice.random() < OBJECTS_LATE:
            at += timedelta(days=45)
        self._plan(at, key, lambda: self._drop(key, EventType.CASE_OBJECTED, data))

    def _ground(self, told: Told) -> str | None:
        """Return what there is to object to: a refusal, or fewer hours than asked."""
        if told.kind != "granted":
            return "decision"
        case, _ = self._cases(told)
        asked, given = dossier.hours_asked(case), (case.decision or {}).get("hours")
        return "hours" if given and asked and Hours.from_text(given) != asked else None


def on_list(reviewers: dict[str, Reviewer], day: date) -> list[rows.Reviewer]:
    """Return the list of reviewers as the office has it on this day."""
    return [one.listed(day) for one in reviewers.values()]
