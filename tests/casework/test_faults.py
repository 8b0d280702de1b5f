"""Faults in between: what was stored in time is in time, what is known is written, what is stuck is seen."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, select

from pipeline import waker
from pipeline.actors.intake import receive
from pipeline.casework import (
    checkpoints,
    chronicle,
    copies,
    dispatching,
    effects,
    intake,
    issuing,
    overview,
    projection,
    reviewing,
    settling,
    walk,
)
from pipeline.casework import parked as parked_rows
from pipeline.errors import CalendarEnds, NotFound, Unreachable
from pipeline.mail import letters
from pipeline.mail.smtp import Permanent, Temporary, Unknown
from pipeline.store import rows, tables
from tests.casework.events import (
    SUBMITTED,
    admitted,
    at,
    case,
    event,
    impatient,
    take_in,
    take_in_without_rest,
    verdict,
)
from tests.casework.test_cases import approve, follow, kinds, submitted
from tests.stages import SAMPLES, Killed, System, system


@pytest.fixture
def ready(home: System) -> System:
    admitted(home)
    at(home, SUBMITTED)
    return home


def incomplete() -> dict[str, Any]:
    return event("act-02", {"provider_kvk": "90000102", "activity": {"goal": None}}, time=SUBMITTED)


def row(home: System, number: str) -> Any:
    with home.app.database.reading() as connection:
        return connection.execute(select(tables.cases).where(tables.cases.c.number == number)).one()


def change(home: System, number: str, **values: object) -> None:
    with home.app.database.writing() as connection:
        connection.execute(tables.cases.update().where(tables.cases.c.number == number).values(**values))


def ring_often(home: System, times: int = 40) -> None:
    for _ in range(times):
        home.stage.pump()
        home.clock.tick(61)
        home.stage.ring()
    home.stage.pump()


def letter(home: System, number: str, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in case(home, number)["letters"] if one["kind"] == kind)
    return found


def broken(*args: object, **more: object) -> None:
    raise RuntimeError("the disk is on fire")


# What is stored in time


@pytest.mark.parametrize("is_lost", [False, True])
def test_supplement_stored_in_time_counts_whatever_hint_was_lost(ready: System, is_lost: bool) -> None:
    number = take_in(ready, incomplete()).case  # to be answered by 3 November
    assert number is not None
    at(ready, "2026-11-03T23:59:58+01:00")
    made = event("app-02", id="sup", time="2026-11-03T23:59:50+01:00")
    made["type"] = "nl.registerleraar.case.supplemented.v1"
    made["data"] = {"case": number, "changes": {"activity": {"goal": "g" * 60}}}
    stored = intake.store(ready.app, json.dumps(made).encode())
    if not is_lost:
        ready.app.ring("take_in", stored.id)
        ready.stage.pump()
    ready.clock.tick(3)
    at(ready, "2026-11-04T00:00:01+01:00")
    ready.stage.ring()
    ready.stage.rest()
    assert case(ready, number)["state"] == "in_review"


def test_event_taken_in_late_is_asked_about_from_that_day(ready: System) -> None:
    intake.store(ready.app, json.dumps(incomplete()).encode())
    at(ready, "2026-10-26T10:00:00+01:00")
    ready.clock.tick(10)
    ready.stage.ring()
    ready.stage.rest()
    [found] = [one for one in overview.cases(ready.app) if one["kind"] == "activity"]
    assert found["received_on"] == "2026-10-20"
    assert [(one["asked_on"], one["answer_by"]) for one in found["requests"]] == [
        ("2026-10-26", "2026-11-09")
    ]


def test_request_of_unknown_fate_pauses_nothing(ready: System) -> None:
    ready.mailer.faults = [Unknown("gone")]
    found = case(ready, take_in(ready, incomplete()).case)
    assert [one["asked_on"] for one in found["requests"]] == [None]


def test_request_posted_late_leaves_as_much_time(ready: System) -> None:
    ready.mailer.faults = [Unknown("gone")]
    number = take_in(ready, incomplete()).case
    assert number is not None
    at(ready, "2026-11-09T10:00:00+01:00")
    settling.posted(ready.app, letter(ready, number, "supplement_asked")["letter"], "Tom de Wit")
    ready.stage.ring()
    ready.stage.rest()
    found = case(ready, number)
    assert (found["state"], found["requests"][0]["answer_by"]) == ("incomplete", "2026-11-23")


def test_set_aside_that_failed_once_is_tried_again(ready: System, monkeypatch: pytest.MonkeyPatch) -> None:
    number = take_in(ready, incomplete()).case
    assert number is not None
    real = letters.render

    def render(kind: str, *args: Any, **more: Any) -> letters.Rendered:
        if kind == "set_aside":
            broken()
        return real(kind, *args, **more)

    monkeypatch.setattr(letters, "render", render)
    at(ready, "2026-11-04T00:00:01+01:00")
    ready.stage.ring()
    ready.stage.pump()
    assert row(ready, number).last_error == "RuntimeError: the disk is on fire"
    monkeypatch.undo()
    ready.stage.rest()
    assert case(ready, number)["state"] == "closed"


# Texts that a database cannot take as they are


@pytest.fixture
def either(home: System) -> System:
    """A home on each database."""
    at(home, "2026-10-05T15:40:00+02:00")
    return home


def incompressible(length: int) -> str:
    return "".join(Random(1).choices("0123456789abcdefghijklmnopqrstuvwxyzABCDEFG", k=length))


def long_id() -> dict[str, Any]:
    return event("app-02", id=incompressible(9000))


def long_postcode() -> dict[str, Any]:
    return event("app-02", {"provider": {"postcode": incompressible(9000)}})


def about_case(number: str) -> dict[str, Any]:
    made = event("app-02")
    return {
        **made,
        "type": "nl.registerleraar.case.withdrawn.v1",
        "data": {"case": number, "reason": "x"},
    }


def of_provider(kvk: str) -> dict[str, Any]:
    return event("act-02", {"provider_kvk": kvk}, time="2026-10-05T15:40:00+02:00")


@pytest.mark.parametrize(
    ("made", "state"),
    [
        (long_id(), "accepted"),
        (long_postcode(), "accepted"),
        (about_case("A\x00"), "refused"),
        (about_case("A\ud800"), "refused"),
        (of_provider("6959906\x00"), "refused"),
        (of_provider("695990\ud800"), "refused"),
    ],
    ids=["long id", "long postcode", "nul in case", "half sign in case", "nul in kvk", "half sign in kvk"],
)
def test_every_event_gets_its_answer_on_either_database(
    either: System, made: dict[str, Any], state: str
) -> None:
    receive.fn(json.dumps(made))
    either.stage.rest()
    with either.app.database.reading() as connection:
        assert list(connection.execute(select(tables.events.c.state)).scalars()) == [state]


# Letters


def test_relay_away_for_an_hour_fails_no_letter(ready: System) -> None:
    number = take_in_without_rest(ready, event("act-02", {"provider_kvk": "90000102"}, time=SUBMITTED))
    ready.mailer.faults = [Temporary("connection refused")] * 500
    for _ in range(60):
        ready.stage.pump()
        ready.clock.tick(60)
        ready.stage.ring()
    ready.mailer.faults.clear()
    ready.stage.tick_seconds = 1801
    ready.stage.rest()
    assert {one["state"] for one in case(ready, number)["letters"]} == {"sent"}


def test_answer_of_the_server_is_written_though_the_database_blinks(
    ready: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = take_in_without_rest(ready, incomplete())
    real, failures = ready.app.unit.write, iter([Unreachable("restarting")])

    def write(ops: list[Any]) -> None:
        if any(getattr(op, "values", {}).get("state") == rows.SENT for op in ops):
            for failure in failures:
                raise failure
        real(ops)

    monkeypatch.setattr(ready.app.unit, "write", write)
    ready.stage.rest()
    assert letter(ready, number, "supplement_asked")["state"] == "sent"
    assert case(ready, number)["requests"][0]["asked_on"] == "2026-10-20"


def test_answer_of_the_server_is_written_though_the_case_cannot_go_on(
    ready: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = take_in_without_rest(ready, incomplete())
    monkeypatch.setattr("pipeline.casework.effects._pause", broken)
    ready.stage.rest()
    assert letter(ready, number, "supplement_asked")["state"] == "sent"
    assert "Samira El Amrani: parked" in case(ready, number)["waits_for"]
    monkeypatch.undo()
    at(ready, "2026-10-23T10:00:00+02:00")
    take_up(ready, number)
    ready.stage.rest()
    assert case(ready, number)["requests"][0]["asked_on"] == "2026-10-20"
    assert overview.tasks(ready.app) == []


def test_case_closes_by_itself_once_it_can_after_its_decision_was_sent(
    ready: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, failures = effects._publish, iter([RuntimeError("once"), RuntimeError("twice")])

    def publish(draft: Any) -> None:
        real(draft)
        for failure in failures:
            raise failure

    laid: list[tuple[str, int]] = []
    monkeypatch.setattr(effects, "_publish", publish)
    monkeypatch.setattr(copies, "lay", lambda app, *version: laid.append(version))
    number = submitted(ready)
    approve(ready, number, "6", "2026-10-21T10:00:00+02:00")
    approve(ready, number, "6", "2026-10-22T10:00:00+02:00")
    found = case(ready, number)
    assert (found["state"], found["closed_on"], found["waits_for"]) == ("closed", "2026-10-22", None)
    assert letter(ready, number, "granted")["state"] == "sent"
    assert laid == [("10000012", 1)]  # not for what was undone


def test_letter_that_fails_is_a_task_though_nobody_can_be_written_to(
    ready: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = take_in_without_rest(ready, incomplete())
    ready.mailer.faults = [Permanent("550 no such user")]
    monkeypatch.setattr(letters, "render", broken)
    ready.stage.rest()
    assert letter(ready, number, "supplement_asked")["state"] == "failed"
    assert "Tom de Wit: unmailable" in case(ready, number)["waits_for"]


def deliveries(home: System, deliver: Callable[..., object]) -> None:
    """Let a function of the test play the mail server."""
    home.app.__dict__["mailer"] = type("Server", (), {"deliver": staticmethod(deliver)})()


def confirmation(home: System) -> str:
    number = take_in_without_rest(home, event("act-02", {"provider_kvk": "90000102"}, time=SUBMITTED))
    return str(letter(home, number, "confirmation")["letter"])


def test_truth_told_after_the_lease_closes_the_question(ready: System) -> None:
    key = confirmation(ready)

    def slow(sender: str, to: str, raw: bytes, *, before_data: Callable[[], bool]) -> str:
        assert before_data()
        ready.clock.tick(121)
        dispatching.dispatch(ready.app, key)  # the waker rings, the lease has lapsed
        return "250 OK"

    deliveries(ready, slow)
    dispatching.dispatch(ready.app, key)
    sent = dispatching.read(ready.app, key)
    assert sent is not None
    assert sent.state == "sent"
    assert overview.tasks(ready.app) == []


def test_truth_told_after_the_lease_closes_the_question_of_a_letter_about_no_case(ready: System) -> None:
    key = refused_and_waiting(ready)

    def slow(sender: str, to: str, raw: bytes, *, before_data: Callable[[], bool]) -> str:
        assert before_data()
        ready.clock.tick(121)
        dispatching.dispatch(ready.app, key)  # the waker rings, the lease has lapsed
        assert [task["kind"] for task in overview.tasks(ready.app)] == ["unknown_letter"]
        return "250 OK"

    deliveries(ready, slow)
    dispatching.dispatch(ready.app, key)
    assert overview.tasks(ready.app) == []


@pytest.mark.parametrize("about", ["a case", "no case"])
def test_letter_that_did_not_leave_after_its_attempt_was_given_up_is_no_question_any_more(
    ready: System, about: str
) -> None:
    key = confirmation(ready) if about == "a case" else refused_and_waiting(ready)

    def stopped(sender: str, to: str, raw: bytes, *, before_data: Callable[[], bool]) -> str:
        assert before_data()
        ready.clock.tick(121)
        dispatching.dispatch(ready.app, key)  # the waker rings, the lease has lapsed
        assert [task["kind"] for task in overview.tasks(ready.app)] == ["unknown_letter"]
        raise Temporary("stood still for too long")

    deliveries(ready, stopped)
    dispatching.dispatch(ready.app, key)
    assert letter_state(ready, key) == "queued"
    assert overview.tasks(ready.app) == []


def test_attempt_that_was_broken_off_is_given_up_after_twice_the_timeout(ready: System) -> None:
    key = confirmation(ready)
    ready.mailer.faults = [Killed()]
    with pytest.raises(Killed):
        dispatching.dispatch(ready.app, key)
    states = []
    for seconds in (2 * ready.app.policy.machinery.mail_timeout_seconds - 1, 1):
        ready.clock.tick(seconds)
        dispatching.dispatch(ready.app, key)
        states.append(letter_state(ready, key))
    assert states == ["sending", "unknown"]


def letter_state(home: System, key: str) -> str | None:
    found = dispatching.read(home.app, key)
    return found.state if found else None


def test_loser_of_two_attempts_opens_no_task(ready: System) -> None:
    key = confirmation(ready)
    turns = iter([True])

    def deliver(sender: str, to: str, raw: bytes, *, before_data: Callable[[], bool]) -> str:
        if next(turns, False):
            dispatching.dispatch(ready.app, key)  # the other attempt sends it
            raise Permanent("550 too many connections")
        assert before_data()
        return "250 OK"

    deliveries(ready, deliver)
    dispatching.dispatch(ready.app, key)
    assert overview.tasks(ready.app) == []


@pytest.mark.parametrize("about", ["a case", "no case"])
def test_refusal_of_a_letter_that_another_attempt_takes_at_that_moment_opens_no_task(
    ready: System, monkeypatch: pytest.MonkeyPatch, about: str
) -> None:
    key = confirmation(ready) if about == "a case" else refused_and_waiting(ready)
    ready.stage.waiting.clear()
    ready.mailer.faults = [Permanent("550 no such user")]
    real = dispatching._write

    def write(*args: Any) -> None:
        monkeypatch.undo()
        dispatching.dispatch(ready.app, key)  # between the look at it and the writing
        real(*args)

    monkeypatch.setattr(dispatching, "_write", write)
    dispatching.dispatch(ready.app, key)
    assert letter_state(ready, key) == "sent"
    assert overview.tasks(ready.app) == []


def refused_and_waiting(home: System, kind: str = "event_refused") -> str:
    """Return the letter about an event that was refused, or about that one's task, which still waits to go out."""
    wrong = {"provider_kvk": "90000102", "activity": {"type": "self_study"}}
    made = event("act-02", wrong, id="wrong", time=SUBMITTED)
    intake.process(home.app, intake.arrival(home.app, raw := json.dumps(made).encode()), raw)
    [letter] = [one["letter"] for one in overview.letters(home.app, "queued") if one["kind"] == kind]
    return str(letter)


def test_letter_that_no_attempt_can_carry_fails_in_sight(tmp_path: Path) -> None:
    home = system(tmp_path / "home", PIPELINE_POLICY=impatient(tmp_path))
    admitted(home)
    at(home, SUBMITTED)
    key = confirmation(home)
    deliveries(home, broken)
    home.stage.rest()
    failed = dispatching.read(home.app, key)
    assert failed is not None
    assert (failed.state, failed.last_error) == ("failed", "RuntimeError: the disk is on fire")
    home.app.database.close()


def refused_letter(home: System) -> dict[str, Any]:
    made = event("act-02", {"provider_kvk": "90000102", "activity": {"type": "self_study"}}, time=SUBMITTED)
    assert take_in(home, made).status == "refused"
    return next(one for one in overview.letters(home.app) if one["kind"] == "event_refused")


@pytest.mark.parametrize(
    ("fault", "state", "kind"),
    [(Permanent("550 no"), "failed", "unmailable"), (Unknown("gone"), "unknown", "unknown_letter")],
)
def test_letter_about_no_case_brings_its_task_too(
    ready: System, fault: Exception, state: str, kind: str
) -> None:
    ready.mailer.faults = [fault]
    found = refused_letter(ready)
    assert found["state"] == state
    assert [task["kind"] for task in overview.tasks(ready.app)] == [kind]
    settling.posted(ready.app, found["letter"], "Tom de Wit")
    assert overview.tasks(ready.app) == []
    assert overview.letters(ready.app, "posted")


# What keeps failing


def take_up(home: System, *keys: str) -> None:
    for one in parked_rows.find(home.app, keys):
        parked_rows.take_up(home.app, one, "Samira El Amrani")


@pytest.fixture
def parked(ready: System, monkeypatch: pytest.MonkeyPatch) -> str:
    """A case in review whose decision cannot be taken for now."""
    number = submitted(ready)
    monkeypatch.setattr(walk, "STEPS", {**walk.STEPS, "decide": broken})
    approve(ready, number, "6", "2026-10-21T10:00:00+02:00")
    monkeypatch.undo()
    assert row(ready, number).parked_at is not None
    return number


def test_reminders_of_a_parked_case_go_on(ready: System, parked: str) -> None:
    change(ready, parked, step="draw_logo")  # a step that is left alone
    at(ready, "2026-12-08T10:00:00+01:00")
    ring_often(ready, 4)
    assert "Ineke Vermeer: late" in case(ready, parked)["waits_for"]


def test_parked_case_that_is_withdrawn_is_parked_no_more(ready: System, parked: str) -> None:
    follow(ready, "withdrawn", parked, "2026-10-23T10:00:00+02:00", reason="Weg.")
    assert overview.counts(ready.app)["parked"] == 0


def test_parked_case_is_taken_up_again_when_somebody_says_so(ready: System, parked: str) -> None:
    take_up(ready, parked)
    ready.stage.rest()
    assert row(ready, parked).parked_at is None
    assert overview.tasks(ready.app) == []
    approve(ready, parked, "6", "2026-10-23T10:00:00+02:00")
    assert case(ready, parked)["result"] == "granted"


def test_parked_event_is_taken_up_again_when_somebody_says_so(
    ready: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "HANDLERS", dict.fromkeys(intake.HANDLERS, broken))
    receive.fn(json.dumps(event("act-02", {"provider_kvk": "90000102"}, time=SUBMITTED)))
    ring_often(ready)
    assert overview.counts(ready.app)["parked"] == 1
    monkeypatch.undo()
    with ready.app.database.reading() as connection:
        key = connection.execute(
            select(tables.events.c.id).where(tables.events.c.state == "stored")
        ).scalar_one()
    take_up(ready, key)
    ready.stage.rest()
    assert [one["kind"] for one in overview.cases(ready.app)] == ["admission", "activity"]


def test_letter_about_no_case_that_is_taken_up_stands_in_the_journal_of_the_home(ready: System) -> None:
    key = refused_and_waiting(ready)
    with ready.app.database.writing() as connection:
        died = {"state": "failed", "retry_at": None, "unfinished": 3}
        connection.execute(tables.letters.update().where(tables.letters.c.id == key).values(died))
    take_up(ready, key)
    ready.stage.rest()
    assert letter_state(ready, key) == "sent"
    with ready.app.database.reading() as connection:
        told = [content for entry, content in chronicle.of(connection, "home") if entry.event == "taken_up"]
    assert [(one.by, one.facts) for one in told if one] == [("Samira El Amrani", {"letter": key})]


def test_nothing_is_taken_up_that_is_not_parked(ready: System) -> None:
    number = submitted(ready)
    with pytest.raises(NotFound):
        take_up(ready, number)


def test_case_that_cannot_even_be_parked_hinders_no_other(
    ready: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = submitted(ready)
    real = projection.rings

    def rings(draft: Any) -> Any:
        if draft.case.number == stuck:
            raise CalendarEnds("the calendar ends")
        return real(draft)

    monkeypatch.setattr(projection, "rings", rings)
    change(ready, stuck, retry_at=ready.clock.now() - timedelta(days=1), attempts=11, step="decide")
    other = take_in_without_rest(
        ready, event("act-02", {"provider_kvk": "90000102"}, id="other", time=SUBMITTED)
    )
    ready.stage.waiting.clear()
    ring_often(ready, 3)
    assert row(ready, stuck).parked_at is not None
    assert row(ready, stuck).retry_at is None
    assert row(ready, other).state == "in_review"


def test_waker_outlives_whatever_happens_to_it(home: System, monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()
    monkeypatch.setattr(waker, "look", broken)
    monkeypatch.setattr(stop, "wait", lambda seconds: stop.set())
    waker.run(home.app, None, stop)  # type: ignore[arg-type]  # no Redis is looked at


@pytest.mark.parametrize("part", ["look", "fetch"])
def test_part_of_a_look_that_fails_keeps_no_other_from_being_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    home = system(tmp_path / "home")
    at(home, SUBMITTED)
    home.app.clock.set(None, hold=timedelta())
    stop, done = threading.Event(), list[str]()
    monkeypatch.setattr(waker, "look", lambda app, connection: done.append("look"))
    monkeypatch.setattr(waker, "fetch", lambda app: done.append("fetch"))
    monkeypatch.setattr(waker, part, forbidden)
    monkeypatch.setattr(stop, "wait", lambda seconds: stop.set())
    waker.run(home.app, None, stop)  # type: ignore[arg-type]  # no Redis is looked at
    assert done == [name for name in ("look", "fetch") if name != part]
    with home.app.database.reading() as connection:
        assert checkpoints.latest(connection) is not None
    home.app.database.close()


def forbidden(*args: object) -> None:
    raise PermissionError("not yours")


def test_logo_that_cannot_be_drawn_parks_its_case_with_the_reason(
    ready: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuing, "draw", broken)
    number = submitted(ready)
    approve(ready, number, "6", "2026-10-21T10:00:00+02:00")
    approve(ready, number, "6", "2026-10-22T10:00:00+02:00")
    assert row(ready, number).last_error == "RuntimeError: the disk is on fire"
    assert case(ready, number)["waits_for"] == "Samira El Amrani: parked"


def test_folder_of_copies_holds_no_letter_up(ready: System) -> None:
    ready.app.settings.home.mkdir(exist_ok=True)
    (ready.app.settings.home / "logos").write_text("not a folder")
    number = submitted(ready)
    approve(ready, number, "6", "2026-10-21T10:00:00+02:00")
    approve(ready, number, "6", "2026-10-22T10:00:00+02:00")
    assert kinds(ready, number)[-1] == "granted"


def test_verdict_that_grants_no_hours_at_all_is_refused(ready: System) -> None:
    number = submitted(ready)
    hours = {"contact": "0", "self_study": "0"}
    refusal = verdict(ready, number, "approve", "2026-10-21T10:00:00+02:00", hours=hours).refusal
    assert refusal is not None
    assert (refusal.rule, refusal.field) == ("hours_missing", "hours")


def test_import_that_was_broken_off_is_finished_by_the_next(
    ready: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = submitted(ready)
    leaving = case(ready, number)["reviewers"][0]
    text = (SAMPLES / "reviewers.csv").read_text(encoding="utf-8")
    left = reviewing.read_list("\n".join(one for one in text.splitlines() if not one.startswith(leaving)))
    monkeypatch.setattr(reviewing, "_release", broken)
    with pytest.raises(RuntimeError):
        reviewing.carry_out(ready.app, reviewing.plan(ready.app, left))
    monkeypatch.undo()
    reviewing.carry_out(ready.app, reviewing.plan(ready.app, left))
    ready.stage.rest()
    assert leaving not in case(ready, number)["reviewers"]


def test_every_conflict_keeps_its_bytes(ready: System) -> None:
    submitted(ready)
    for goal in ("a" * 50, "b" * 50, "b" * 50):
        made = event("act-02", {"provider_kvk": "90000102", "activity": {"goal": goal}}, time=SUBMITTED)
        assert take_in(ready, made).status == "conflict"
    with ready.app.database.reading() as connection:
        query = select(func.count()).select_from(tables.events).where(tables.events.c.state == "conflict")
        assert connection.execute(query).scalar_one() == 2
