"""Reminders as people get them: in time, once, in office hours, and at last a named human.

Those of the defects that other systems have are named as the rule that they broke.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from pipeline import wiring
from pipeline.casework import digest, due_now, overview, reminding
from pipeline.domain.policy import Rung
from pipeline.errors import Stale
from pipeline.store import rows, tables
from pipeline.store.reading import all_of
from pipeline.store.unit import Change
from tests.casework.events import admitted, at, case, event, take_in, verdict
from tests.stages import Killed, System

DAY = "2026-10-20"
SUBMITTED = f"{DAY}T10:00:00+02:00"
DUE = date(2026, 12, 7)  # of a case received that day: six weeks, the autumn holiday being over in Midden


@pytest.fixture
def ready(home: System) -> System:
    """A home with reviewers who are waited for for ever and one admitted provider, on the day of a submission."""
    assigning = home.app.policy.assigning.model_copy(update={"silent_days": None})
    policy = home.app.policy.model_copy(update={"assigning": assigning})
    home.app = home.stage.app = replace(home.app, policy=policy)
    wiring.install(home.app)
    admitted(home)
    at(home, SUBMITTED)
    return home


def submitted(home: System, activity: str = "act-02", title: str = "") -> str:
    """Submit a sample activity as the admitted provider; reviewers are asked and do not answer."""
    changes: dict[str, Any] = {"provider_kvk": "90000102"}
    if title:
        changes["activity"] = {"title": title}
    number = take_in(home, event(activity, changes, time=SUBMITTED, id=f"{activity}{title}")).case
    assert number is not None
    return number


def look(home: System, moment: str) -> list[str]:
    """Look at what is due at that moment and return which kinds of letter were written."""
    before = {one["letter"] for one in overview.letters(home.app)}
    at(home, moment)
    home.stage.ring()
    home.stage.rest()
    assert home.stage.errors == []
    return [one["kind"] for one in overview.letters(home.app) if one["letter"] not in before]


def rungs(home: System, number: str) -> dict[str, str | None]:
    """Return which reminders of a case were claimed, and what superseded them."""
    with home.app.database.reading() as connection:
        [known] = all_of(connection, rows.Case, tables.cases.c.number == number)
        found = all_of(connection, rows.Rung, tables.rungs.c.case_id == known.id)
    return {f"{one.key}{one.reviewer and ' '}{one.reviewer}": one.superseded_by for one in found}


def decisions(home: System, number: str) -> dict[str, str | None]:
    return {key: by for key, by in rungs(home, number).items() if " " not in key}


def letters(home: System, kind: str) -> list[dict[str, Any]]:
    return [one for one in overview.letters(home.app) if one["kind"] == kind]


def body(home: System, kind: str) -> str:
    wanted = {one["message_id"] for one in letters(home, kind)}
    [found] = [one for one in home.mailer.letters() if one["Message-ID"] in wanted]
    text = found.get_body(("plain",))
    assert text is not None
    content: str = text.get_content()
    return content


def test_missed_scheduler_day_loses_no_reminder(ready: System) -> None:
    number = submitted(ready)
    assert case(ready, number)["due_on"] == DUE.isoformat()
    assert look(ready, "2026-11-29T12:00:00+01:00") == []  # a Sunday; the rung was Friday's
    assert "deadline_digest" in look(ready, "2026-11-30T11:00:00+01:00")


def test_reminder_after_a_deadline_needs_none_before_it(ready: System) -> None:
    number = submitted(ready)
    with_rungs(ready, [rung for rung in ready.app.policy.reminders.rungs if rung.days_after])
    assert sorted(look(ready, "2026-12-08T09:00:00+01:00")) == ["deadline_missed", "task_waiting"]
    assert decisions(ready, number) == {"late": None, "missed": None}


def with_rungs(home: System, ladder: list[Rung]) -> None:
    """Work on with another ladder, for cases received before as well."""
    from pipeline import wiring

    reminders = home.app.policy.reminders.model_copy(update={"rungs": ladder})
    policy = home.app.policy.model_copy(update={"reminders": reminders})
    home.app = home.stage.app = replace(home.app, policy=policy)
    wiring.install(home.app)


def test_crash_between_letter_and_claim_writes_neither_or_both(
    ready: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = submitted(ready)
    look(ready, "2026-11-30T11:00:00+01:00")
    at(ready, "2026-12-04T09:00:00+01:00")
    write = ready.app.unit.write

    def dies(ops: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(ready.app.unit, "write", dies)
        with pytest.raises(Killed):
            due_now.remind_all(ready.app)
    assert letters(ready, "deadline_warning") == []
    assert "decision_3" not in decisions(ready, number)
    assert ready.app.unit.write == write
    due_now.remind_all(ready.app)
    due_now.remind_all(ready.app)
    assert len(letters(ready, "deadline_warning")) == 1


def test_reminder_of_one_kind_suppresses_none_of_another(ready: System) -> None:
    number = submitted(ready)
    told = look(ready, "2026-12-04T09:00:00+01:00")  # nobody looked for weeks
    assert sorted(told) == ["deadline_warning", "review_reminder", "review_reminder"]
    assert decisions(ready, number) == {"decision_10": "decision_3", "decision_3": None}


def test_looking_twice_a_day_reminds_once(ready: System) -> None:
    submitted(ready)
    assert "deadline_digest" in look(ready, "2026-11-30T11:00:00+01:00")
    assert look(ready, "2026-11-30T15:00:00+01:00") == []
    assert due_now.remind_all(ready.app) == 0


def test_nothing_is_written_at_night_or_in_the_weekend(ready: System) -> None:
    submitted(ready)
    for closed in (
        "2026-11-27T19:00:00",
        "2026-11-28T00:00:00",
        "2026-11-29T10:00:00",
        "2026-11-30T08:59:00",
    ):
        assert look(ready, f"{closed}+01:00") == []
        assert due_now.remind_all(ready.app) == 0  # nor is there anything to look at again and again
    assert "deadline_digest" in look(ready, "2026-11-30T09:00:00+01:00")


def test_three_days_of_silence_claim_what_looking_every_day_claims(ready: System) -> None:
    daily, once = submitted(ready), submitted(ready, title="Na de storing")
    for day in ("2026-11-27", "2026-12-03", "2026-12-04"):
        at(ready, f"{day}T09:00:00+01:00")
        reminding.remind(ready.app, case_id(ready, daily))
        ready.stage.pump()
    ready.stage.rest()
    look(ready, "2026-12-04T10:00:00+01:00")
    assert set(decisions(ready, daily)) == set(decisions(ready, once))


def case_id(home: System, number: str) -> str:
    with home.app.database.reading() as connection:
        [known] = all_of(connection, rows.Case, tables.cases.c.number == number)
    return known.id


def test_what_passed_in_silence_before_an_event_settled_it_is_claimed_without_a_letter(ready: System) -> None:
    number = submitted(ready)
    asked = [one["reviewer"] for one in case(ready, number)["assignments"]]
    silent = "2026-11-30T08:00:00+01:00"  # before the office opens on Monday: reviews and digest have passed
    verdict(ready, number, "approve", silent, hours={"contact": "6", "self_study": "0"})
    verdict(ready, number, "approve", silent, hours={"contact": "6", "self_study": "0"})
    found = rungs(ready, number)
    assert case(ready, number)["state"] == "closed"
    assert set(found) == {"decision_10", *(f"review_{n} {who}" for n in (1, 4) for who in asked)}
    assert None not in found.values()
    assert found["decision_10"] == "decision_sent"  # the event that settled it
    assert letters(ready, "review_reminder") == letters(ready, "deadline_digest") == []


def test_owner_gets_one_digest_about_all_cases_however_many_hints_come(ready: System) -> None:
    numbers = [submitted(ready, title=f"Cursus {place}") for place in range(3)]
    at(ready, "2026-11-27T09:00:00+01:00")
    for number in numbers * 2:
        reminding.remind(ready.app, case_id(ready, number))
    ready.stage.rest()
    [told] = letters(ready, "deadline_digest")
    assert told["to"] == "i.vermeer@onderwijscooperatie.example"
    text = body(ready, "deadline_digest")
    assert [number in text for number in numbers] == [True] * 3
    assert "Cursus 1" in text
    assert "maandag 7 december 2026 (over 10 dagen)" in text
    assert [decisions(ready, number) for number in numbers] == [{"decision_10": None}] * 3


def test_case_that_keeps_changing_is_left_out_of_the_digest_and_comes_next(
    ready: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet, restless = submitted(ready), submitted(ready, title="Onrustig")
    at(ready, "2026-11-27T09:00:00+01:00")
    write, key = ready.app.unit.write, case_id(ready, restless)

    def interrupted(ops: Any) -> None:
        table = tables.cases
        told = [op.where["id"] for op in ops if isinstance(op, Change) and op.table is table]
        if key in told and len(told) > 1:
            write([Change(table, {"id": key}, {"version": table.c.version + 1})])
        write(ops)

    with monkeypatch.context() as patched:
        patched.setattr(ready.app.unit, "write", interrupted)
        reminding.remind(ready.app, case_id(ready, quiet))
    assert decisions(ready, quiet) == {"decision_10": None}
    assert decisions(ready, restless) == {}
    assert "deadline_digest" not in look(ready, "2026-11-27T17:00:00+01:00")
    assert "deadline_digest" in look(ready, "2026-11-30T09:00:00+01:00")
    assert decisions(ready, restless) == {"decision_10": None}


def test_more_cases_than_one_digest_holds_come_the_day_after_the_nearest_deadlines_first(
    ready: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [submitted(ready, title=f"Cursus {place}") for place in range(3)]
    set_case(ready, numbers[0], due_on=DUE + timedelta(days=1))
    monkeypatch.setattr(digest, "MOST", 2)
    told = []
    for day in ("2026-11-27", "2026-11-30"):
        look(ready, f"{day}T09:00:00+01:00")
        told.append([len(decisions(ready, number)) for number in numbers])
    assert told == [[0, 1, 1], [1, 1, 1]]
    assert len(letters(ready, "deadline_digest")) == 2


def set_case(home: System, number: str, **values: Any) -> None:
    with home.app.database.writing() as connection:
        connection.execute(tables.cases.update().where(tables.cases.c.number == number).values(values))


@pytest.fixture
def told(ready: System) -> str:
    """The number of a case that comes due just after the digest of that Friday was written."""
    submitted(ready)
    number = submitted(ready, title="Later op de dag")
    set_case(ready, number, wake_at=datetime(2026, 11, 27, 13, tzinfo=UTC))
    assert "deadline_digest" in look(ready, "2026-11-27T09:00:00+01:00")
    assert decisions(ready, number) == {}
    return number


def test_what_comes_due_after_the_digest_of_the_day_comes_the_next_working_day(
    ready: System, told: str
) -> None:
    assert "deadline_digest" not in look(ready, "2026-11-27T15:00:00+01:00")
    assert due_now.remind_all(ready.app) == 0  # nor is it looked at again and again
    assert "deadline_digest" in look(ready, "2026-11-30T09:00:00+01:00")
    assert decisions(ready, told) == {"decision_10": None}


def test_alarm_waits_for_no_digest(ready: System, told: str) -> None:
    set_case(ready, told, due_on=date(2026, 11, 30))
    assert "deadline_warning" in look(ready, "2026-11-27T15:00:00+01:00")
    assert decisions(ready, told) == {"decision_10": "decision_3", "decision_3": None}


def test_second_digest_is_written_where_the_deadline_would_pass(ready: System, told: str) -> None:
    with_rungs(ready, [rung for rung in ready.app.policy.reminders.rungs if rung.key != "decision_3"])
    set_case(ready, told, due_on=date(2026, 11, 27))
    assert "deadline_digest" in look(ready, "2026-11-27T15:00:00+01:00")
    assert decisions(ready, told) == {"decision_10": None}


def test_two_digests_at_once_about_different_cases_leave_one_for_tomorrow(
    ready: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [submitted(ready, title=f"Cursus {place}") for place in range(2)]
    at(ready, "2026-11-27T09:00:00+01:00")
    write, now = ready.app.unit.write, datetime(2026, 11, 27, 8, tzinfo=UTC)
    waits = now + timedelta(hours=5)

    def overtaken(ops: Any) -> None:
        with monkeypatch.context() as other:
            other.setattr(ready.app.unit, "write", write)
            set_case(ready, numbers[0], wake_at=waits)
            set_case(ready, numbers[1], wake_at=now)
            reminding.remind(ready.app, case_id(ready, numbers[1]))
        write(ops)

    with monkeypatch.context() as patched:
        patched.setattr(ready.app.unit, "write", overtaken)
        set_case(ready, numbers[1], wake_at=waits)
        reminding.remind(ready.app, case_id(ready, numbers[0]))
    assert len(letters(ready, "deadline_digest")) == 1
    assert [decisions(ready, number) for number in numbers] == [{}, {"decision_10": None}]


def test_two_digests_at_once_become_one(ready: System, monkeypatch: pytest.MonkeyPatch) -> None:
    number = submitted(ready)
    at(ready, "2026-11-27T09:00:00+01:00")
    write, key = ready.app.unit.write, case_id(ready, number)

    def overtaken(ops: Any) -> None:
        with monkeypatch.context() as other:
            other.setattr(ready.app.unit, "write", write)
            reminding.remind(ready.app, key)
        write(ops)

    with monkeypatch.context() as patched:
        patched.setattr(ready.app.unit, "write", overtaken)
        reminding.remind(ready.app, key)
    assert len(letters(ready, "deadline_digest")) == 1


def test_missed_deadline_is_told_and_goes_up_to_a_named_human(ready: System) -> None:
    number = submitted(ready)
    look(ready, "2026-12-04T09:00:00+01:00")
    told = {}
    for day in ("2026-12-08", "2026-12-14", "2026-12-21", "2026-12-28"):
        before = len(overview.letters(ready.app))
        look(ready, f"{day}T09:00:00+01:00")
        new = overview.letters(ready.app)[before:]
        told[day] = sorted((one["kind"], one["to"].partition("@")[0]) for one in new)
    assert told == {
        "2026-12-08": [("deadline_missed", "scholing"), ("task_waiting", "i.vermeer")],
        "2026-12-14": [("task_waiting", "t.dewit")],
        "2026-12-21": [("task_waiting", "a.hoekstra")],
        "2026-12-28": [("task_waiting", "a.hoekstra")],
    }
    assert "U zou uiterlijk op maandag 7 december 2026 ons besluit hebben" in body(ready, "deadline_missed")
    assert "Aletta Hoekstra: overdue" in case(ready, number)["waits_for"]


def test_case_to_be_set_aside_has_four_weeks_after_the_last_day_to_answer(ready: System) -> None:
    number = submitted(ready, "act-08")  # asked at once, to be answered by 3 November
    assert case(ready, number)["due_on"] == "2026-12-15"
    ready.mailer.faults = [Stale("no")] * 3  # the letter does not leave
    at(ready, "2026-11-04T00:00:00+01:00")
    ready.stage.ring()
    ready.stage.pump()
    found = case(ready, number)
    assert (found["state"], found["result"], found["due_on"]) == ("decided", "set_aside", "2026-12-01")


def test_rules_kept_before_there_was_an_escalation_come_back_weekly_to_the_owner(ready: System) -> None:
    from pipeline import wiring

    kept = dict(wiring.document(ready.app.policy))
    old = ("key", "deadline", "kinds", "days_before", "letter")
    ladder = [
        {name: rung[name] for name in old} for rung in kept["reminders"]["rungs"] if rung["days_before"]
    ]
    kept["reminders"] = {"hour": "09:00:00", "late_every_days": 7, "rungs": ladder}
    read = wiring.kept_policy(kept)
    assert [(rung.key, rung.days_after, rung.to) for rung in read.reminders.rungs][-1] == ("late", 1, "owner")
    assert {rung.to for rung in read.reminders.rungs} == {"owner", "reviewer", "provider"}
    assert datetime.combine(DUE, read.reminders.until, UTC).hour == 18
