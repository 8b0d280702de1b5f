"""When the calendar changes, terms are counted anew and a date that was told is told again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from pipeline import wiring
from pipeline.casework import assignment, deadlines, rehearsal
from pipeline.casework.calendar_end import Watching
from pipeline.casework.recounting import Recounting
from pipeline.cli.examinations import examine
from pipeline.domain.calendar import Calendar
from pipeline.domain.calendar_files import CalendarFile
from pipeline.settings.calendars import read_files
from pipeline.store import rows, tables
from pipeline.store.reading import all_of, one_of
from tests.casework.events import admitted, at, case, event, take_in
from tests.stages import System, system

SUBMITTED = "2026-10-19T09:00:00+02:00"


def last_told(home: System) -> str:
    """Return the text of the last letter that went out."""
    body = home.mailer.letters()[-1].get_body(("plain",))
    assert body is not None
    content: str = body.get_content()
    return content


def calendar(home: System, *, until: date | None = None, **more: Any) -> Calendar:
    """Return the home's calendar, ending earlier or with one more public holiday."""
    files = [_cut(file, until) for file in read_files(home.app.settings.calendar)[0].values()]
    return Calendar.build([_with(file, more) if file.covers == "public" else file for file in files])


def _cut(file: CalendarFile, until: date | None) -> CalendarFile:
    if until is None or not file.first_day <= until <= file.last_day:
        return file
    days = [day for day in file.days if day.day <= until]
    spans = [span for span in file.spans if span.last <= until]
    return file.model_copy(update={"last_day": until, "days": days, "spans": spans})


def _with(file: CalendarFile, more: dict[str, date]) -> CalendarFile:
    extra = [
        file.days[0].model_copy(update={"day": day, "name": name})
        for name, day in more.items()
        if file.first_day <= day <= file.last_day
    ]
    return file.model_copy(update={"days": [*file.days, *extra]})


def using(home: System, new: Calendar) -> System:
    """Start all programs anew, with another calendar; the clock runs on by itself."""
    app = replace(home.app, calendar=new)
    wiring.install(app)
    app.clock.set(None, hold=timedelta())
    home.stage.app = app
    return replace(home, app=app)


def row(home: System, number: str) -> rows.Case:
    with home.app.database.reading() as connection:
        found = one_of(connection, rows.Case, tables.cases.c.number == number)
    assert found is not None
    return found


def submitted(home: System) -> str:
    at(home, SUBMITTED)
    number = take_in(home, event("act-02", {"provider_kvk": "90000102"}, time=SUBMITTED)).case
    assert number is not None
    return number


def letters(home: System, number: str, kind: str) -> list[rows.Letter]:
    table = tables.letters
    with home.app.database.reading() as connection:
        return all_of(connection, rows.Letter, table.c.case_id == row(home, number).id, table.c.kind == kind)


def events(home: System, number: str) -> list[str]:
    return [entry["event"] for entry in case(home, number)["journal"]]


def calendar_tasks(home: System) -> list[rows.Task]:
    table = tables.tasks
    with home.app.database.reading() as connection:
        return all_of(connection, rows.Task, table.c.kind == "calendar", table.c.closed_at.is_(None))


@pytest.fixture
def ready(tmp_path: Path) -> Iterator[System]:
    made = system(tmp_path / "home")
    admitted(made)
    yield made
    made.app.database.close()


def test_date_that_moves_with_the_calendar_is_told_again_once(ready: System) -> None:
    number = submitted(ready)
    told = row(ready, number).due_on
    assert told == row(ready, number).told_due_on == date(2026, 12, 7)

    later = using(ready, calendar(ready, Sinterklaasdag=told))
    for _ in range(2):  # as any number of wakers do, and do again
        Recounting(later.app).look()
    later.stage.rest()

    changed = row(later, number)
    assert (changed.due_on, changed.told_due_on) == (date(2026, 12, 8), date(2026, 12, 8))
    [letter] = letters(later, number, "term_changed")
    assert letter.state == "sent"
    body = last_told(later)
    text = " ".join(body.split())
    assert (
        "U zou uiterlijk op maandag 7 december 2026 van ons horen. Dat wordt uiterlijk op dinsdag 8" in text
    )
    assert events(later, number).count("recounted") == 1


def test_calendar_that_changes_no_date_is_told_to_nobody(ready: System) -> None:
    number = submitted(ready)
    later = using(ready, calendar(ready, Sinterklaasdag=date(2027, 12, 6)))

    Recounting(later.app).look()

    assert row(later, number).calendar_digest == later.app.calendar.digest
    assert letters(later, number, "term_changed") == []
    assert "recounted" not in events(later, number)


def test_date_that_now_lies_in_the_past_is_told_with_regret(ready: System) -> None:
    with_more = using(ready, calendar(ready, Sinterklaasdag=date(2026, 12, 7)))
    with_more.app.clock.set(None, hold=timedelta(days=365))
    number = submitted(with_more)
    assert row(with_more, number).due_on == date(2026, 12, 8)
    at(with_more, "2026-12-08T09:00:00+01:00")

    later = using(with_more, calendar(ready))
    Recounting(later.app).look()
    later.stage.rest()

    assert row(later, number).due_on == date(2026, 12, 7)
    body = last_told(later)
    assert "Die datum is al voorbij." in " ".join(body.split())


def test_closed_case_keeps_the_day_it_was_due_on(ready: System) -> None:
    number = admitted_number(ready)
    due = row(ready, number).due_on
    assert due is not None

    later = using(ready, calendar(ready, Sinterklaasdag=due))
    Recounting(later.app).look()

    assert row(later, number).due_on == due


def admitted_number(home: System) -> str:
    with home.app.database.reading() as connection:
        [found] = all_of(connection, rows.Case, tables.cases.c.kind == "admission")
    assert found.state == "closed"
    return found.number


def test_term_past_the_end_of_the_calendar_parks_the_case_and_goes_on_once_it_is_known(ready: System) -> None:
    short = using(ready, calendar(ready, until=date(2026, 11, 15)))
    short.app.clock.set(None, hold=timedelta(days=365))
    number = submitted(short)

    parked = row(short, number)
    assert parked.parked_at is not None
    assert parked.due_on is None
    assert case(short, number)["waits_for"] == "Samira El Amrani: parked"
    told = " ".join(last_told(short).split())
    assert "The school holidays of 2026-11-16 are not known" in told
    assert "add them to the calendar (config/calendar/), with their source." in told

    later = using(short, calendar(ready))
    Recounting(later.app).look()
    later.stage.rest()

    assert row(later, number).state == "in_review"
    assert row(later, number).due_on == date(2026, 12, 7)
    assert case(later, number)["tasks"] == []


def test_date_that_the_calendar_no_longer_reaches_stays_as_it_was_told(ready: System) -> None:
    number = submitted(ready)
    short = using(ready, calendar(ready, until=date(2026, 11, 15)))

    with capture_logs() as logs:
        Recounting(short.app).look()

    assert row(short, number).due_on == date(2026, 12, 7)
    assert [log["log_level"] for log in logs if log["event"] == "not_recounted"] == ["warning"]


@pytest.fixture
def two(ready: System) -> tuple[System, str, str]:
    """A home whose calendar lost the days before one deadline, with that case and one that it still knows."""
    lost = submitted(ready)
    applied = event("app-03", time=SUBMITTED)
    known = take_in(ready, applied).case
    assert known is not None
    assert row(ready, known).due_on == date(2026, 11, 2)
    return using(ready, calendar(ready, until=date(2026, 11, 15))), lost, known


def test_case_whose_reminders_the_calendar_does_not_know_parks_and_keeps_no_other_waiting(
    two: tuple[System, str, str],
) -> None:
    short, lost, known = two
    at(short, "2026-10-28T09:00:00+01:00")
    for number in (lost, known):
        change(short, number, wake_at=short.app.clock.now())
    short.stage.ring()
    short.stage.rest()

    parked = row(short, lost)
    assert (parked.parked_at is not None, parked.wake_at, parked.retry_at) == (True, None, None)
    assert "add them to the calendar (config/calendar/), with their source." in (parked.last_error or "")
    assert case(short, lost)["waits_for"].endswith("Samira El Amrani: parked")
    with short.app.database.reading() as connection:
        told = all_of(connection, rows.Rung, tables.rungs.c.case_id == row(short, known).id)
    assert "admission_5" in [rung.key for rung in told]

    later = using(short, calendar(short))
    Recounting(later.app).look()
    later.stage.rest()
    assert (row(later, lost).parked_at, case(later, lost)["tasks"]) == (None, [])
    assert row(later, lost).wake_at is not None


def test_what_looks_at_all_cases_shows_those_that_the_calendar_knows(two: tuple[System, str, str]) -> None:
    short, lost, known = two
    with capture_logs() as logs:
        found = rehearsal.expected(short.app, short.app.clock.now() + timedelta(days=14))
    assert {one.case for one in found} == {known}
    assert [log["case"] for log in logs if log["event"] == "not_rehearsed"] == [lost]
    assert all(number.encode() in deadlines.feed(short.app) for number in (lost, known))


def test_case_that_waits_for_a_morning_that_is_not_known_parks(two: tuple[System, str, str]) -> None:
    short, _, late = two
    at(short, "2026-11-15T12:00:00+01:00")  # the last day that is known
    with short.app.database.writing() as connection:
        connection.execute(tables.reviewers.update().values(active=False))
        connection.execute(tables.assignments.update().values(state=rows.RELEASED))
    change(short, late, step="assign_reviewers", retry_at=short.app.system.now())
    assignment.assign(short.app, row(short, late).id)
    assert row(short, late).parked_at is not None
    assert "The public holidays of 2026-11-16 are not known" in (row(short, late).last_error or "")


def change(home: System, number: str, **values: Any) -> None:
    with home.app.database.writing() as connection:
        connection.execute(tables.cases.update().where(tables.cases.c.number == number).values(values))


def test_owner_is_warned_once_that_the_calendar_runs_out_and_no_more_when_it_does_not(ready: System) -> None:
    ends = date(2026, 10, 6) + timedelta(days=89)
    short = using(ready, calendar(ready, until=ends))
    for _ in range(2):
        Watching(short.app).look()
    short.stage.rest()

    [task] = calendar_tasks(short)
    assert (task.owner, task.detail) == (
        "Samira El Amrani",
        "De feestdagen zijn bekend tot en met zondag 3 januari 2027."
        " De schoolvakanties zijn bekend tot en met zondag 3 januari 2027.",
    )
    text = " ".join(last_told(short).split())
    assert "De kalender loopt af" in text
    [found] = [one for one in examine(short.app) if one.part == "calendar"]
    assert (found.verdict, found.found) == ("warning", "known up to 2027-01-03")

    later = using(short, calendar(ready))
    Watching(later.app).look()
    assert calendar_tasks(later) == []


def test_nobody_is_warned_while_the_calendar_lasts_long_enough(ready: System) -> None:
    enough = using(ready, calendar(ready, until=date(2026, 10, 6) + timedelta(days=90)))
    Watching(enough.app).look()
    assert calendar_tasks(enough) == []


def test_end_that_counts_is_that_of_the_span_in_which_today_lies(ready: System) -> None:
    assert ready.app.calendar.known_until(date(2017, 10, 1)) == date(2018, 9, 2)
    assert ready.app.calendar.known_until(date(2022, 10, 1)) is None
