"""Each watched deadline rings in time, once, and at last reaches a named human."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.contract import AMSTERDAM
from pipeline.domain import reminders
from pipeline.domain.calendar import Calendar
from pipeline.domain.lifecycle import RECIPIENTS, Kind
from pipeline.domain.policy import Policy, Reminders
from pipeline.domain.policy import Rung as Rule
from pipeline.domain.reminders import DIGEST, Due, Ring, Superseded, Watched, rings, start_of_next_day
from pipeline.errors import CalendarEnds
from pipeline.settings import load_calendar, load_policy
from tests.domain.readme import CONFIG

CALENDAR = load_calendar(CONFIG / "calendar")
POLICY = load_policy(CONFIG / "policy.toml")

AFTER = ["late", "missed", "late_deputy", "overdue"]  # what rings after a deadline, the first time
RECEIVED = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
DECISION = Watched("decision", date(2027, 1, 20), RECEIVED)
ANSWER = Watched("answer", date(2026, 12, 7), RECEIVED)
REVIEW = Watched("review", date(2026, 12, 14), RECEIVED, "r017")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def due(found: Iterable[Ring], now: datetime, rung: Collection[reminders.Rung]) -> Due:
    return reminders.due(found, now, rung, POLICY.reminders, CALENDAR)


def next_at(found: Collection[Ring], now: datetime, rung: Collection[reminders.Rung]) -> datetime | None:
    return reminders.next_at(found, now, rung, POLICY.reminders, CALENDAR)


def timed(found: tuple[Ring, ...]) -> list[tuple[str, datetime]]:
    return [(ring.key, ring.at) for ring in found]


def test_decision_is_warned_of_before_and_goes_up_to_a_named_human_when_late(
    calendar: Calendar, policy: Policy
) -> None:
    found = rings(Kind.ACTIVITY, [DECISION], policy, calendar, utc("2027-02-10T08:00"))
    assert [(ring.key, ring.at, ring.to) for ring in found] == [
        ("decision_10", utc("2027-01-08T08:00"), "owner"),  # 10 January is a Sunday, so on Friday at nine
        ("decision_3", utc("2027-01-15T08:00"), "owner"),
        ("late", utc("2027-01-21T08:00"), "owner"),  # at the office's hour on the day after
        ("missed", utc("2027-01-21T08:00"), "provider"),
        ("late_deputy", utc("2027-01-25T08:00"), "deputy"),
        ("overdue", utc("2027-02-03T08:00"), "owner"),
        ("overdue_2", utc("2027-02-10T08:00"), "owner"),
        ("overdue_3", utc("2027-02-17T08:00"), "owner"),
    ]
    told = [ring.letter for ring in found]
    assert told[:4] == ["deadline_digest", "deadline_warning", "task_waiting", "deadline_missed"]
    assert set(told[4:]) == {"task_waiting"}
    assert {ring.task for ring in found if ring.key.startswith("overdue")} == {"overdue"}
    assert {ring.about for ring in found} == {("decision", DECISION.day, None)}


def test_admission_has_a_ladder_of_its_own(calendar: Calendar, policy: Policy) -> None:
    decision = replace(DECISION, day=date(2026, 12, 7))
    found = rings(Kind.ADMISSION, [decision], policy, calendar, RECEIVED)
    assert [(ring.key, ring.at.day, ring.days_before) for ring in found[:4]] == [
        ("admission_5", 2, 5),
        ("admission_2", 4, 2),
        ("late", 8, 0),
        ("missed", 8, 0),
    ]


def test_only_days_that_count_are_counted_before_a_deadline(calendar: Calendar, policy: Policy) -> None:
    holiday = frozenset(date(2027, 1, 4) + timedelta(days=days) for days in range(7))  # up to the 10th
    [ten, three] = rings(Kind.ACTIVITY, [replace(DECISION, uncounted=holiday)], policy, calendar, RECEIVED)[
        :2
    ]
    assert (ten.at, three.at) == (utc("2027-01-08T08:00"), utc("2027-01-15T08:00"))
    earlier = frozenset(day + timedelta(days=4) for day in holiday)  # up to the 14th, within the ten days
    moved = rings(Kind.ACTIVITY, [replace(DECISION, uncounted=earlier)], policy, calendar, RECEIVED)[0]
    assert moved.at == utc("2026-12-31T08:00")  # on the 3rd, a Sunday; the 1st is a holiday


def test_after_a_deadline_the_office_writes_when_it_is_open(calendar: Calendar, policy: Policy) -> None:
    friday = replace(DECISION, day=date(2027, 1, 22))
    found = rings(Kind.ACTIVITY, [friday], policy, calendar, RECEIVED)
    assert [ring.at for ring in found if ring.key in ("late", "missed")] == [utc("2027-01-25T08:00")] * 2


def test_answer_is_reminded_of_and_then_over(calendar: Calendar, policy: Policy) -> None:
    found = rings(Kind.ACTIVITY, [ANSWER], policy, calendar, utc("2027-12-01T00:00"))
    assert [(ring.key, ring.at, ring.letter) for ring in found] == [
        ("answer_5", utc("2026-12-02T08:00"), "supplement_reminder"),
        ("answer_1", utc("2026-12-04T08:00"), "supplement_reminder"),
        ("answer_passed", utc("2026-12-07T23:00"), ""),
    ]


def test_reviewer_is_reminded_and_then_left_to_the_owner(calendar: Calendar, policy: Policy) -> None:
    found = rings(Kind.OBJECTION, [REVIEW], policy, calendar, utc("2027-12-01T00:00"))
    assert [(ring.key, ring.at, ring.reviewer, ring.letter) for ring in found] == [
        ("review_4", utc("2026-12-10T08:00"), "r017", "review_reminder"),
        ("review_1", utc("2026-12-11T08:00"), "r017", "review_reminder"),
    ]


def test_hour_is_local_in_summer_and_winter(calendar: Calendar, policy: Policy) -> None:
    summer = Watched("answer", date(2026, 7, 3), utc("2026-06-01T00:00"))
    found = rings(Kind.ACTIVITY, [summer], policy, calendar, RECEIVED)
    assert timed(found) == [
        ("answer_5", utc("2026-06-26T07:00")),
        ("answer_1", utc("2026-07-02T07:00")),
        ("answer_passed", utc("2026-07-03T22:00")),
    ]


def test_reminder_that_was_due_before_the_watch_began_is_left_out(calendar: Calendar, policy: Policy) -> None:
    begun = utc("2027-01-15T08:00")
    late = replace(DECISION, since=begun)
    found = rings(Kind.ACTIVITY, [late], policy, calendar, begun)
    assert [ring.key for ring in found] == AFTER
    earlier = replace(DECISION, since=begun - timedelta(seconds=1))
    assert [ring.key for ring in rings(Kind.ACTIVITY, [earlier], policy, calendar, begun)] == [
        "decision_3",
        *AFTER,
    ]


def test_deadline_that_passed_before_the_watch_began_still_passes(calendar: Calendar, policy: Policy) -> None:
    watched = [replace(watched, since=utc("2027-06-01T00:00")) for watched in (ANSWER, DECISION)]
    found = rings(Kind.ACTIVITY, watched, policy, calendar, utc("2027-01-21T09:00"))
    assert [ring.key for ring in found] == ["answer_passed", *AFTER]


def test_reminder_on_a_day_that_no_file_covers_is_not_guessed(calendar: Calendar, policy: Policy) -> None:
    with pytest.raises(CalendarEnds):
        rings(Kind.ACTIVITY, [replace(ANSWER, day=date(2029, 2, 1))], policy, calendar, RECEIVED)


def test_letters_of_the_ladder_have_a_recipient(calendar: Calendar, policy: Policy) -> None:
    found = [
        ring for kind in Kind for ring in rings(kind, [DECISION, ANSWER, REVIEW], policy, calendar, RECEIVED)
    ]
    assert {RECIPIENTS[ring.letter] for ring in found if ring.letter} == {"provider", "owner", "reviewer"}


def test_nothing_is_due_before_its_moment(calendar: Calendar, policy: Policy) -> None:
    found = rings(Kind.ACTIVITY, [DECISION], policy, calendar, RECEIVED)
    assert due(found, utc("2027-01-08T07:59"), ()) == Due()


def test_what_is_due_rings_once(calendar: Calendar, policy: Policy) -> None:
    now = utc("2027-01-08T08:00")
    found = rings(Kind.ACTIVITY, [DECISION], policy, calendar, now)
    assert due(found, now, ()) == Due((found[0],))
    assert due(found, now, {found[0].rung}) == Due()


def test_of_several_due_for_one_deadline_only_the_latest_rings(calendar: Calendar, policy: Policy) -> None:
    now = utc("2027-01-28T12:00")  # nothing ran for three weeks
    found = {ring.key: ring for ring in rings(Kind.ACTIVITY, [DECISION], policy, calendar, now)}
    told = due(found.values(), now, {("decision_10", DECISION.day, None)})
    assert told.send == (found["late_deputy"], found["missed"])  # a missed deadline is told, never silent
    assert told.superseded == (
        Superseded(found["decision_3"], "late_deputy"),
        Superseded(found["late"], "late_deputy"),
    )


def test_reminders_do_not_overtake_those_of_other_deadlines_or_reviewers(
    calendar: Calendar, policy: Policy
) -> None:
    now = utc("2027-01-15T08:00")
    watched = [DECISION, REVIEW, replace(REVIEW, reviewer="r003")]
    found = due(rings(Kind.ACTIVITY, watched, policy, calendar, now), now, ())
    assert {(ring.key, ring.reviewer) for ring in found.send} == {
        ("review_1", "r003"),
        ("review_1", "r017"),
        ("decision_3", None),
    }
    assert {(one.ring.key, one.ring.reviewer, one.by) for one in found.superseded} == {
        ("review_4", "r003", "review_1"),
        ("review_4", "r017", "review_1"),
        ("decision_10", None, "decision_3"),
    }


def test_of_two_moved_to_one_moment_the_nearer_rings(calendar: Calendar, policy: Policy) -> None:
    monday = replace(REVIEW, day=date(2026, 12, 15))  # 4 days before is a Friday, 1 day before a Monday
    ladder = [
        replace_days(rung.key, policy, 2 if rung.key == "review_1" else 3)
        for rung in policy.reminders.rungs
        if rung.deadline == "review"
    ]
    changed = policy.model_copy(update={"reminders": policy.reminders.model_copy(update={"rungs": ladder})})
    found = rings(Kind.ACTIVITY, [monday], changed, calendar, RECEIVED)
    assert {ring.at for ring in found} == {utc("2026-12-11T08:00")}
    assert [ring.days_before for ring in due(found, found[0].at, ()).send] == [2]


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2027-01-15T16:59", "2027-01-15T16:59"),  # a Friday, a minute before six
        ("2027-01-15T17:00", "2027-01-18T08:00"),
        ("2027-01-16T11:00", "2027-01-18T08:00"),  # the weekend
        ("2027-01-18T01:00", "2027-01-18T08:00"),
        ("2027-01-19T17:00", "2027-01-20T08:00"),  # the last day itself is early enough
        ("2027-01-20T17:30", "2027-01-20T17:30"),  # the next opening is not
        ("2027-01-20T23:30", "2027-01-21T08:00"),  # passed: nothing can be saved any more
    ],
)
def test_nothing_rings_at_night_or_in_the_weekend_unless_the_deadline_would_pass(
    now: str, opens: str, calendar: Calendar, policy: Policy
) -> None:
    found = [
        ring
        for ring in rings(Kind.ACTIVITY, [DECISION], policy, calendar, utc(now))
        if ring.key == "decision_3"
    ]
    assert next_at(found, utc(now), ()) == utc(opens)
    assert bool(due(found, utc(now), ()).send) == (now == opens)


def test_step_that_follows_waits_for_no_office(calendar: Calendar, policy: Policy) -> None:
    midnight = utc("2026-12-07T23:00")
    found = rings(Kind.ACTIVITY, [ANSWER], policy, calendar, midnight)
    assert [ring.key for ring in due(found, midnight, ()).send] == ["answer_passed"]


def replace_days(key: str, policy: Policy, days: int) -> object:
    [rung] = [rung for rung in policy.reminders.rungs if rung.key == key]
    return rung.model_copy(update={"days_before": days})


def test_what_a_second_digest_of_a_day_supersedes_waits_with_it(calendar: Calendar, policy: Policy) -> None:
    now, ladder = utc("2027-01-15T08:00"), policy.reminders
    digest, warning = rings(Kind.ACTIVITY, [DECISION], policy, calendar, now)[:2]
    both = [replace(warning, at=digest.at), replace(digest, at=warning.at)]
    told_on = now.date()
    assert reminders.due(both, now, (), ladder, calendar, told_on) == Due()
    monday = utc("2027-01-18T08:00")
    assert reminders.next_at(both, now, (), ladder, calendar, told_on) == monday
    assert reminders.due(both, monday, (), ladder, calendar, told_on).send == (both[1],)


def test_deadline_that_moved_rings_again(calendar: Calendar, policy: Policy) -> None:
    now = utc("2027-02-09T12:00")
    before = rings(Kind.ACTIVITY, [DECISION], policy, calendar, now)
    moved = rings(Kind.ACTIVITY, [replace(DECISION, day=date(2027, 2, 10))], policy, calendar, now)
    assert [ring.key for ring in due(moved, now, {ring.rung for ring in before}).send] == ["decision_3"]


def test_next_look_is_at_the_first_that_has_not_rung(calendar: Calendar, policy: Policy) -> None:
    found = rings(Kind.ACTIVITY, [DECISION], policy, calendar, RECEIVED)
    assert next_at(found, RECEIVED, ()) == utc("2027-01-08T08:00")
    assert next_at(found, RECEIVED, {found[0].rung}) == utc("2027-01-15T08:00")
    assert next_at((), RECEIVED, ()) is None


def test_next_look_at_what_is_overdue_is_now(calendar: Calendar, policy: Policy) -> None:
    now = utc("2027-01-08T08:01")
    assert next_at(rings(Kind.ACTIVITY, [DECISION], policy, calendar, now), now, ()) == now


@st.composite
def ladders(draw: st.DrawFn) -> Policy:
    """Draw rules with any ladder that could be in a policy file."""
    decision = draw(st.lists(st.integers(0, 41), max_size=4, unique=True))
    review = draw(st.lists(st.integers(0, 13), max_size=3, unique=True))
    after = sorted(draw(st.lists(st.integers(1, 30), min_size=1, max_size=4, unique=True)))
    rungs = [
        *(rung("decision", *draw(st.sampled_from(OFFICE)), days_before=n) for n in decision),
        *(rung("review", "reviewer", "review_reminder", days_before=n) for n in review),
        *(
            rung("decision", draw(st.sampled_from(("owner", "deputy"))), "task_waiting", days_after=n)
            for n in after
        ),
    ]
    if draw(st.booleans()):
        rungs.append(
            rung("decision", "provider", "deadline_missed", days_after=draw(st.integers(1, after[-1])))
        )
    ladder = Reminders(late_every_days=draw(st.integers(1, 28)), rungs=rungs)
    return POLICY.model_copy(update={"reminders": ladder})


def rung(deadline: str, to: str, letter: str, **days: int) -> Rule:
    key = "_".join([deadline, to, *(f"{name}_{n}" for name, n in days.items()), "x"])
    told = {
        "key": key,
        "deadline": deadline,
        "kinds": [kind.value for kind in Kind],
        "to": to,
        "letter": letter,
    }
    return Rule.model_validate({**told, **days})


OFFICE = [("owner", "deadline_digest"), ("owner", "deadline_warning"), ("deputy", "deadline_warning")]
BEGAN, LASTS = 60, 100  # days before and after a deadline
# On which day after the watch began, how often a day and from which minute on: late, at night, in silence.
Run = st.tuples(st.integers(0, BEGAN + LASTS - 1), st.sampled_from([1, 5]), st.integers(0, 24 * 60 - 1))
Runs = st.lists(Run, max_size=6) | st.builds(
    lambda silent: [(day, 1, 9 * 60) for day in range(BEGAN + 5) if not silent <= day < silent + 3],
    st.integers(0, BEGAN + 5),
)
Case = st.tuples(st.sampled_from(list(Kind)), st.dates(date(2026, 3, 1), date(2028, 5, 1)))


@dataclass
class Looked:
    """What looking at some moments came to: whom it told when, and which reminders it claimed."""

    policy: Policy
    kind: Kind
    day: date
    told: list[tuple[datetime, Due]] = field(default_factory=list)
    claimed: list[reminders.Rung] = field(default_factory=list)
    digest_on: date | None = None

    @property
    def began(self) -> datetime:
        return start_of_next_day(self.day - timedelta(days=BEGAN))

    def at(self, moments: Iterable[datetime]) -> Looked:
        watched = [
            Watched("decision", self.day, self.began),
            Watched("review", self.day - timedelta(days=9), self.began, "r001"),
        ]
        for now in sorted(moments):
            self._look(now, rings(self.kind, watched, self.policy, CALENDAR, now))
        return self

    def _look(self, now: datetime, known: tuple[Ring, ...]) -> None:
        ladder = self.policy.reminders
        told = reminders.due(known, now, self.claimed, ladder, CALENDAR, self.digest_on)
        self.told.append((now, told))
        self.claimed += [ring.rung for ring in (*told.send, *(one.ring for one in told.superseded))]
        if any(ring.letter == DIGEST for ring in told.send):
            self.digest_on = now.astimezone(AMSTERDAM).date()
        after = reminders.next_at(known, now, self.claimed, ladder, CALENDAR, self.digest_on)
        assert after is None or after > now  # no busy ringing


def moments(began: datetime, runs: list[tuple[int, int, int]]) -> set[datetime]:
    return {
        began + timedelta(days=day, minutes=minute + 37 * each)
        for day, times, minute in runs
        for each in range(times)
    }


@given(ladders(), Case, Runs)
def test_however_often_one_looks_the_same_reminders_are_claimed_and_each_once(
    policy: Policy, case: tuple[Kind, date], runs: list[tuple[int, int, int]]
) -> None:
    once, often = Looked(policy, *case), Looked(policy, *case)
    last = datetime.combine(CALENDAR.rolled_over(once.day + timedelta(days=LASTS)), time(12), AMSTERDAM)
    never = once.at([last]).claimed
    found = often.at({*(now for now in moments(once.began, runs) if now < last), last}).claimed
    assert sorted(found, key=str) == sorted(never, key=str)
    assert len(found) == len(set(found))


@given(ladders(), Case, Runs)
def test_a_look_writes_one_letter_a_deadline_and_side_and_in_office_hours(
    policy: Policy, case: tuple[Kind, date], runs: list[tuple[int, int, int]]
) -> None:
    looked = Looked(policy, *case)
    for now, told in looked.at(moments(looked.began, runs)).told:
        assert len({ring.row for ring in told.send}) == len(told.send)
        local = now.astimezone(AMSTERDAM)
        is_open = CALENDAR.is_working_day(local.date()) and time(9) <= local.time() < time(18)
        assert is_open or all(local.date() <= ring.day for ring in told.send)


@given(ladders(), Case, Runs)
def test_second_digest_on_a_day_goes_out_only_where_the_deadline_would_pass(
    policy: Policy, case: tuple[Kind, date], runs: list[tuple[int, int, int]]
) -> None:
    looked = Looked(policy, *case)
    for now in sorted(moments(looked.began, runs)):
        today = looked.digest_on = now.astimezone(AMSTERDAM).date()  # another case was told of already
        [(_, told)] = replace(looked, told=[]).at([now]).told
        tomorrow = CALENDAR.rolled_over(today + timedelta(days=1))
        assert all(today <= ring.day < tomorrow for ring in told.send if ring.letter == DIGEST)
