"""Every deadline follows from a ledger and the calendar, and is explained day by day."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import contract
from pipeline.domain.calendar import Calendar
from pipeline.domain.calendar_files import CalendarFile, PublicDay
from pipeline.domain.lifecycle import Kind
from pipeline.domain.policy import Policy, Region, Terms
from pipeline.domain.terms import (
    Extension,
    Ledger,
    Pause,
    SetAside,
    answer_by,
    due_on,
    explain,
    opened,
    review_by,
    runs,
)
from pipeline.errors import CalendarEnds
from pipeline.settings import load_calendar
from tests.domain.readme import CONFIG, Story, expectations, stories

CALENDAR = load_calendar(CONFIG / "calendar")  # hypothesis asks it often
DECIDED = [story for story in stories().values() if expectations()[story.id].decide_by]

# received, two weeks, six weeks, without the school holidays of midden, zuid, some region, all regions
FIXTURES = [
    ("2026-11-23", "2026-12-07", "2027-01-04", "2027-01-20", "2027-01-20", "2027-01-20", "2027-01-20"),
    ("2026-11-13", "2026-11-27", "2026-12-28", "2027-01-11", "2027-01-11", "2027-01-11", "2027-01-11"),
    ("2026-12-18", "2027-01-04", "2027-01-29", "2027-02-15", "2027-02-23", "2027-03-02", "2027-02-15"),
    ("2027-04-23", "2027-05-10", "2027-06-04", "2027-06-14", "2027-06-14", "2027-06-14", "2027-06-14"),
    ("2027-06-18", "2027-07-02", "2027-07-30", "2027-09-13", "2027-09-13", "2027-09-27", "2027-08-30"),
]
BUDGETS: tuple[tuple[int, Region], ...] = (
    (14, "none"),
    (42, "none"),
    (42, "midden"),
    (42, "zuid"),
    (42, "union"),
    (42, "intersection"),
)

days = st.dates(date(2024, 10, 1), date(2027, 10, 1))
regions = st.sampled_from([region for _, region in BUDGETS])


@st.composite
def pauses(draw: st.DrawFn) -> Pause:
    asked_on = draw(days)
    answered_on = st.integers(-3, 40).map(lambda after: asked_on + timedelta(days=after))
    return Pause(asked_on, answer_by(asked_on, 14, CALENDAR), draw(st.none() | answered_on))


@st.composite
def ledgers(draw: st.DrawFn, *, roll_over: bool = True) -> Ledger:
    received_on = draw(days)
    extension = st.integers(0, 120).map(lambda after: Extension(received_on + timedelta(days=after), "ziek"))
    return Ledger(
        received_on,
        draw(st.integers(1, 60)),
        draw(regions),
        tuple(draw(st.lists(pauses(), max_size=4))),
        tuple(draw(st.lists(extension, max_size=2))),
        roll_over,
    )


@pytest.mark.parametrize("dates", FIXTURES, ids=[dates[0] for dates in FIXTURES])
def test_term_ends_on_the_computed_day(calendar: Calendar, dates: tuple[str, ...]) -> None:
    received_on, *expected = map(date.fromisoformat, dates)
    found = [due_on(Ledger(received_on, budget, region), calendar) for budget, region in BUDGETS]
    assert found == expected


def test_every_deadline_of_the_readme_is_tried() -> None:
    assert len(DECIDED) == len([row for row in expectations().values() if row.decide_by]) == 35


@pytest.mark.parametrize("story", DECIDED, ids=[story.id for story in DECIDED])
def test_sample_is_to_be_decided_by_the_day_of_the_readme(
    calendar: Calendar, policy: Policy, story: Story
) -> None:
    expected = expectations()[story.id].decide_by
    kind = Kind.ADMISSION if len(expected) == 1 else Kind.ACTIVITY
    ledger = replace(opened(kind, story.rounds[0][1], policy.terms), pauses=_pauses(story, calendar, policy))
    plain = replace(ledger, region="none")
    assert (due_on(plain, calendar), due_on(ledger, calendar)) == (expected[0], expected[-1])


def _pauses(story: Story, calendar: Calendar, policy: Policy) -> tuple[Pause, ...]:
    """A request goes out on the day of receipt of what turned out incomplete."""
    found = []
    for number, (id_, received_on, _) in enumerate(story.rounds, start=1):
        if expectations()[id_].missing:
            last = answer_by(received_on, policy.completeness.answer_days, calendar)
            found.append(Pause(received_on, last, story.rounds[number][1]))
    return tuple(found)


@pytest.mark.parametrize(
    ("kind", "budget", "region"),
    [(Kind.ADMISSION, 15, "none"), (Kind.ACTIVITY, 43, "zuid"), (Kind.OBJECTION, 44, "none")],
)
def test_only_an_activity_skips_school_holidays(kind: Kind, budget: int, region: Region) -> None:
    terms = Terms(admission_days=15, activity_days=43, objection_days=44, region="zuid", roll_over=False)
    assert opened(kind, date(2026, 11, 23), terms) == Ledger(
        date(2026, 11, 23), budget, region, roll_over=False
    )


@pytest.mark.parametrize(
    ("answered_on", "paused"),
    [
        (date(2026, 11, 23), 0),  # on the day of asking
        (date(2026, 11, 22), 0),  # counts no earlier than its request
        (date(2026, 11, 24), 0),
        (date(2026, 11, 25), 1),  # the days strictly between
        (date(2026, 12, 7), 13),  # on the last day
        (date(2026, 12, 9), 14),  # too late: the pause ended with answer_by
        (None, 14),  # up to and including answer_by
    ],
)
def test_days_between_request_and_answer_do_not_count(
    calendar: Calendar, answered_on: date | None, paused: int
) -> None:
    pause = Pause(date(2026, 11, 23), date(2026, 12, 7), answered_on)
    ledger = Ledger(date(2026, 11, 23), 60, "none", (pause,), roll_over=False)
    assert due_on(ledger, calendar) == date(2026, 11, 23) + timedelta(days=60 + paused)


def test_day_is_uncounted_once_whatever_its_grounds(calendar: Calendar) -> None:
    pause = Pause(date(2026, 12, 17), date(2027, 1, 4), None)  # all of the Christmas holiday and more
    ledger = Ledger(date(2026, 12, 17), 1, "midden", (pause, pause))

    explained = explain(ledger, calendar)

    assert [day.ground for day in explained] == ["received", *["paused"] * 18, "counted"]
    assert explained[-1].day == date(2027, 1, 5)


def test_explanation_names_each_ground_with_its_source(calendar: Calendar) -> None:
    ledger = Ledger(
        date(2026, 10, 15),
        2,
        "midden",
        (Pause(date(2026, 10, 15), date(2026, 10, 16), None),),
        (Extension(date(2026, 10, 31), "Beoordelaar ziek."),),
    )
    explained = explain(ledger, calendar)
    rules = "docs/sources.md#terms"
    asked = "asked on 2026-10-15, to be answered by 2026-10-16"
    assert [(day.day.day, day.ground, day.name, day.source[:10]) for day in explained] == [
        (15, "received", "", rules[:10]),
        (16, "paused", asked, rules[:10]),
        *((day, "school_holiday", "Herfstvakantie 2026", "opendata.r") for day in range(17, 26)),
        (26, "counted", "", rules[:10]),
        (27, "counted", "", rules[:10]),
        *((day, "extended", "Beoordelaar ziek.", rules[:10]) for day in range(28, 32)),
        (1, "rolled_over", "Saturday", rules[:10]),
        (2, "rolled_over", "Sunday", rules[:10]),
    ]
    assert {day.region for day in explained if day.ground == "school_holiday"} == {"midden"}


def test_roll_over_names_the_holiday(calendar: Calendar) -> None:
    last = explain(Ledger(date(2026, 12, 31), 1, "none"), calendar)[2]
    assert (last.day, last.ground, last.name) == (date(2027, 1, 2), "rolled_over", "Nieuwjaarsdag")
    assert last.source == "Algemene termijnenwet, artikel 3"


def test_runs_say_of_days_in_a_row_once_what_they_have_in_common(calendar: Calendar) -> None:
    ledger = Ledger(date(2026, 12, 18), 14, "midden")
    found = [(run.ground, run.days, run.names) for run in runs(explain(ledger, calendar))]
    assert found == [
        ("received", 1, ()),
        ("school_holiday", 16, ("Kerstvakantie 2026",)),
        ("counted", 14, ()),
        ("rolled_over", 1, ("Sunday",)),
    ]


@pytest.mark.parametrize(
    ("received_at", "region", "due"),
    [
        ("2026-11-22T23:30:00Z", "midden", "2027-01-20"),  # in winter that is the next day in Amsterdam
        ("2026-11-22T22:30:00Z", "midden", "2027-01-19"),
        ("2027-06-13T22:30:00Z", "midden", "2027-09-08"),  # and in summer an hour earlier
        ("2027-06-13T21:30:00Z", "midden", "2027-09-07"),
        (
            "2027-02-14T12:00:00Z",
            "none",
            "2027-03-30",
        ),  # over the hour that is lost; both days of Easter roll over
        ("2026-09-20T12:00:00Z", "none", "2026-11-02"),  # over the hour that comes twice
        ("2028-02-01T12:00:00Z", "none", "2028-03-14"),  # over 29 February
        ("2027-02-01T12:00:00Z", "none", "2027-03-15"),
        ("2024-12-10T12:00:00Z", "none", "2025-01-21"),  # over the end of a year
    ],
)
def test_term_is_counted_in_local_days(
    calendar: Calendar, received_at: str, region: Region, due: str
) -> None:
    ledger = Ledger(contract.received_on(datetime.fromisoformat(received_at)), 42, region)
    assert due_on(ledger, calendar) == date.fromisoformat(due)


def test_policy_may_let_a_term_end_on_a_holiday(calendar: Calendar) -> None:
    assert due_on(Ledger(date(2026, 12, 18), 14, "none", roll_over=False), calendar) == date(2027, 1, 1)


def test_extension_to_an_earlier_day_changes_nothing(calendar: Calendar) -> None:
    ledger = Ledger(date(2026, 11, 23), 14, "none")
    earlier = replace(ledger, extensions=(Extension(date(2026, 12, 1), "Vergissing."),))
    assert explain(earlier, calendar) == explain(ledger, calendar)


def test_term_is_counted_anew_by_another_calendar(calendar: Calendar) -> None:
    ledger = Ledger(date(2026, 11, 13), 14, "none")
    friday = PublicDay(day=date(2026, 11, 27), name="Vrije dag", ground="equated", source="decree")
    days = {"days": [friday], "sources": {"decree": "a decree"}}
    file = {"covers": "public", "first_day": date(2026, 1, 1), "last_day": date(2026, 12, 31)}
    spans = CalendarFile(
        covers="school", first_day=date(2026, 12, 1), last_day=date(2026, 12, 31), sources={}
    )
    other = Calendar.build([CalendarFile.model_validate(file | days), spans])
    assert (due_on(ledger, calendar), due_on(ledger, other)) == (date(2026, 11, 27), date(2026, 11, 30))


def test_who_changes_an_explanation_changes_no_other(calendar: Calendar) -> None:
    ledger = Ledger(date(2026, 11, 23), 14, "none")
    explain(ledger, calendar).clear()
    assert len(explain(ledger, calendar)) == 15


def test_term_past_the_known_days_is_not_guessed(calendar: Calendar) -> None:
    with pytest.raises(CalendarEnds, match="2029-09-03"):
        due_on(Ledger(date(2029, 9, 1), 42, "midden"), calendar)


@pytest.mark.parametrize(
    ("asked_on", "last"),
    [
        (date(2026, 11, 23), date(2026, 12, 7)),
        (date(2026, 12, 11), date(2026, 12, 28)),  # Christmas Day, a Saturday, a Sunday
        (date(2027, 4, 22), date(2027, 5, 10)),  # Ascension Day and the Friday after
    ],
)
def test_answer_by_moves_like_a_deadline(calendar: Calendar, asked_on: date, last: date) -> None:
    assert answer_by(asked_on, 14, calendar) == last


@pytest.mark.parametrize(
    ("due", "last"),
    [(date(2027, 1, 20), date(2026, 12, 14)), (date(2026, 12, 11), date(2026, 12, 11))],
)
def test_review_is_never_due_after_the_decision(calendar: Calendar, due: date, last: date) -> None:
    assert review_by(date(2026, 11, 22), 21, due, calendar) == last  # a Sunday moves to Monday


@given(ledgers(), pauses())
def test_one_more_pause_never_brings_the_deadline_forward(ledger: Ledger, pause: Pause) -> None:
    more = replace(ledger, pauses=(*ledger.pauses, pause))
    assert due_on(more, CALENDAR) >= due_on(ledger, CALENDAR)


@given(ledgers(), st.data())
def test_order_of_pauses_and_extensions_does_not_matter(ledger: Ledger, data: st.DataObject) -> None:
    mixed = replace(
        ledger,
        pauses=tuple(data.draw(st.permutations(ledger.pauses))),
        extensions=tuple(data.draw(st.permutations(ledger.extensions))),
    )
    assert explain(mixed, CALENDAR) == explain(ledger, CALENDAR)


@given(ledgers(roll_over=False))
def test_nothing_rolls_over_where_the_policy_says_so(ledger: Ledger) -> None:
    explained = explain(ledger, CALENDAR)
    assert "rolled_over" not in [day.ground for day in explained]
    assert explained[-1].ground in ("counted", "extended")


@given(ledgers())
def test_runs_cover_each_day_of_the_explanation_once(ledger: Ledger) -> None:
    explained = explain(ledger, CALENDAR)
    found = runs(explained)
    assert sum(run.days for run in found) == len(explained)
    assert (found[0].first, found[-1].last) == (ledger.received_on, explained[-1].day)


@given(ledgers())
def test_term_never_ends_on_a_day_that_rolls_over(ledger: Ledger) -> None:
    assert CALENDAR.is_working_day(due_on(ledger, CALENDAR))


@given(ledgers() | ledgers(roll_over=False))
def test_explanation_holds_each_day_once_and_counts_the_budget(ledger: Ledger) -> None:
    explained = explain(ledger, CALENDAR)
    last = due_on(ledger, CALENDAR)
    length = (last - ledger.received_on).days + 1
    assert [day.day for day in explained] == [ledger.received_on + timedelta(days=n) for n in range(length)]
    assert [day.ground for day in explained].count("counted") == ledger.budget_days


@given(ledgers())
def test_later_extension_ends_the_term_there(ledger: Ledger) -> None:
    extension = Extension(due_on(ledger, CALENDAR) + timedelta(days=10), "Meer tijd nodig.")
    extended = replace(ledger, extensions=(*ledger.extensions, extension))
    assert due_on(extended, CALENDAR) == CALENDAR.rolled_over(extension.to)


UNANSWERED = Ledger(
    date(2026, 10, 20),
    42,
    "none",
    pauses=(Pause(date(2026, 10, 20), date(2026, 11, 3)),),
    set_aside=SetAside(date(2026, 11, 3), 28),
)


def test_case_to_be_set_aside_is_explained_by_the_weeks_for_that(calendar: Calendar) -> None:
    days = explain(UNANSWERED, calendar)

    found = Counter((day.ground, day.source, day.name) for day in days[15:])
    name = "could be completed until 2026-11-03"
    assert found == {("set_aside", "Awb 4:5, fourth paragraph", name): 28}
    assert {day.ground for day in days[:15]} == {"received", "paused"}
    assert days[-1].day == date(2026, 12, 1)
    assert due_on(replace(UNANSWERED, set_aside=None), calendar) == date(2026, 12, 15)


def test_case_to_be_set_aside_keeps_a_term_that_ends_before(calendar: Calendar) -> None:
    soon = replace(UNANSWERED, budget_days=20)
    assert explain(soon, calendar) == explain(replace(soon, set_aside=None), calendar)


def test_last_day_to_set_aside_rolls_over(calendar: Calendar) -> None:
    boxing_day = replace(
        UNANSWERED, pauses=(), received_on=date(2026, 11, 27), set_aside=SetAside(date(2026, 11, 27), 28)
    )
    last = explain(boxing_day, calendar)[-3:]
    assert [(day.day.day, day.name) for day in last] == [
        (26, "Eerste kerstdag"),
        (27, "Tweede kerstdag"),
        (28, "Sunday"),
    ]
