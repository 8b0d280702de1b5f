"""Each watched deadline rings in time, once, and at last reaches a named human."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.contract import AMSTERDAM
from pipeline.domain.calendar import Calendar
from pipeline.domain.lifecycle import RECIPIENTS, Kind
from pipeline.domain.policy import Policy
from pipeline.domain.reminders import Due, Ring, Watched, due, next_at, rings, start_of_next_day
from pipeline.errors import CalendarEnds
from pipeline.settings import load_calendar, load_policy
from tests.domain.readme import CONFIG

CALENDAR = load_calendar(CONFIG / "calendar")
POLICY = load_policy(CONFIG / "policy.toml")

RECEIVED = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
DECISION = Watched("decision", date(2027, 1, 20), RECEIVED)
ANSWER = Watched("answer", date(2026, 12, 7), RECEIVED)
REVIEW = Watched("review", date(2026, 12, 14), RECEIVED, "r017")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def moments(found: tuple[Ring, ...]) -> list[tuple[str, datetime]]:
    return [(ring.key, ring.at) for ring in found]


def test_decision_is_warned_of_before_and_comes_back_weekly_when_late(
    calendar: Calendar, policy: Policy
) -> None:
    found = rings(Kind.ACTIVITY, [DECISION], policy, calendar, utc("2027-02-04T00:00"))
    assert moments(found) == [
        ("decision_10", utc("2027-01-08T08:00")),  # 10 January is a Sunday, so on Friday at nine
        ("decision_3", utc("2027-01-15T08:00")),
        ("late", utc("2027-01-21T08:00")),  # at the office's hour on the day after
        ("late_2", utc("2027-01-28T08:00")),
        ("late_3", utc("2027-02-04T08:00")),
    ]
    assert [ring.letter for ring in found] == ["deadline_warning"] * 2 + ["task_waiting"] * 3
    assert {(ring.deadline, ring.day, ring.reviewer) for ring in found} == {("decision", DECISION.day, None)}


def test_admission_has_a_ladder_of_its_own(calendar: Calendar, policy: Policy) -> None:
    decision = replace(DECISION, day=date(2026, 12, 7))
    found = rings(Kind.ADMISSION, [decision], policy, calendar, RECEIVED)
    assert [(ring.key, ring.at.day, ring.days_before) for ring in found] == [
        ("admission_5", 2, 5),
        ("admission_2", 4, 2),
        ("late", 8, 0),
    ]


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
    assert moments(found) == [
        ("answer_5", utc("2026-06-26T07:00")),
        ("answer_1", utc("2026-07-02T07:00")),
        ("answer_passed", utc("2026-07-03T22:00")),
    ]


def test_reminder_that_was_due_before_the_watch_began_is_left_out(calendar: Calendar, policy: Policy) -> None:
    begun = utc("2027-01-15T08:00")
    late = replace(DECISION, since=begun)
    found = rings(Kind.ACTIVITY, [late], policy, calendar, begun)
    assert [ring.key for ring in found] == ["late"]
    earlier = replace(DECISION, since=begun - timedelta(seconds=1))
    assert [ring.key for ring in rings(Kind.ACTIVITY, [earlier], policy, calendar, begun)] == [
        "decision_3",
        "late",
    ]


def test_deadline_that_passed_before_the_watch_began_still_passes(calendar: Calendar, policy: Policy) -> None:
    watched = [replace(watched, since=utc("2027-06-01T00:00")) for watched in (ANSWER, DECISION)]
    found = rings(Kind.ACTIVITY, watched, policy, calendar, utc("2027-01-21T09:00"))
    assert [ring.key for ring in found] == ["answer_passed", "late", "late_2"]


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
    found = rings(Kind.ACTIVITY, [DECISION], policy, calendar, now)
    assert due(found, now, {("decision_10", DECISION.day, None)}) == Due((found[3],), found[1:3])
    assert [ring.key for ring in found[1:4]] == ["decision_3", "late", "late_2"]


def test_reminders_do_not_overtake_those_of_other_deadlines_or_reviewers(
    calendar: Calendar, policy: Policy
) -> None:
    now = utc("2027-01-15T08:00")
    watched = [DECISION, REVIEW, replace(REVIEW, reviewer="r003")]
    found = due(rings(Kind.ACTIVITY, watched, policy, calendar, now), now, ())
    assert [(ring.key, ring.reviewer) for ring in found.send] == [
        ("review_1", "r003"),
        ("review_1", "r017"),
        ("decision_3", None),
    ]
    assert [(ring.key, ring.reviewer) for ring in found.skipped] == [
        ("review_4", "r003"),
        ("review_4", "r017"),
        ("decision_10", None),
    ]


def test_of_two_moved_to_one_moment_the_nearer_rings(calendar: Calendar, policy: Policy) -> None:
    monday = replace(REVIEW, day=date(2026, 12, 15))  # 4 days before is a Friday, 1 day before a Monday
    ladder = [
        replace_days(rung.key, policy, 2 if rung.key == "review_1" else 3) for rung in policy.reminders.rungs
    ]
    changed = policy.model_copy(update={"reminders": policy.reminders.model_copy(update={"rungs": ladder})})
    found = rings(Kind.ACTIVITY, [monday], changed, calendar, RECEIVED)
    assert {ring.at for ring in found} == {utc("2026-12-11T08:00")}
    assert [ring.days_before for ring in due(found, found[0].at, ()).send] == [2]


def replace_days(key: str, policy: Policy, days: int) -> object:
    [rung] = [rung for rung in policy.reminders.rungs if rung.key == key]
    return rung.model_copy(update={"days_before": days})


def test_deadline_that_moved_rings_again(calendar: Calendar, policy: Policy) -> None:
    now = utc("2027-02-20T00:00")
    before = rings(Kind.ACTIVITY, [DECISION], policy, calendar, now)
    moved = rings(Kind.ACTIVITY, [replace(DECISION, day=date(2027, 2, 10))], policy, calendar, now)
    assert [ring.key for ring in due(moved, now, {ring.rung for ring in before}).send] == ["late_2"]


def test_next_look_is_at_the_first_that_has_not_rung(calendar: Calendar, policy: Policy) -> None:
    found = rings(Kind.ACTIVITY, [DECISION], policy, calendar, RECEIVED)
    assert next_at(found, RECEIVED, ()) == utc("2027-01-08T08:00")
    assert next_at(found, RECEIVED, {found[0].rung}) == utc("2027-01-15T08:00")
    assert next_at((), RECEIVED, ()) is None


def test_next_look_at_what_is_overdue_is_now(calendar: Calendar, policy: Policy) -> None:
    now = utc("2027-01-08T08:01")
    assert next_at(rings(Kind.ACTIVITY, [DECISION], policy, calendar, now), now, ()) == now


@given(
    st.sampled_from(list(Kind)),
    st.dates(date(2026, 2, 1), date(2028, 6, 1)),
    st.lists(st.integers(0, 4000).map(lambda hours: timedelta(hours=hours)), max_size=12),
)
def test_however_often_one_looks_a_late_case_always_rings_and_nothing_rings_twice(
    kind: Kind, day: date, looks: list[timedelta]
) -> None:
    begun = start_of_next_day(day - timedelta(days=60))
    watched = [Watched("decision", day, begun), Watched("answer", day - timedelta(days=30), begun)]
    rung: list[tuple[str, date, str | None]] = []
    for now in sorted(begun + after for after in looks):
        found = due(rings(kind, watched, POLICY, CALENDAR, now), now, rung)
        rung += [ring.rung for ring in (*found.send, *found.skipped)]
        after = next_at(rings(kind, watched, POLICY, CALENDAR, now), now, rung)
        assert after is not None
        assert after > now
    assert len(rung) == len(set(rung))
    latest = max(looks, default=timedelta())
    told_at = datetime.combine(day + timedelta(days=1), POLICY.reminders.hour, AMSTERDAM)
    assert (("late", day, None) in rung) == (begun + latest >= told_at)
