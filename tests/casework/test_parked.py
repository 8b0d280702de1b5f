"""What keeps failing, or ends its process, is parked: in the end, with its error, and nothing beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event as happening
from sqlalchemy import select

from pipeline.actors.assignment import assign_reviewers
from pipeline.actors.intake import receive
from pipeline.actors.logo import draw_logo
from pipeline.broker.queues import AGAIN
from pipeline.casework import (
    assignment,
    contents,
    correspondence,
    dispatching,
    intake,
    issuing,
    leaving,
    overview,
    parked,
    parking,
    reminding,
    ringing,
    starting,
    walk,
    window,
    work,
)
from pipeline.domain import assignment as solving
from pipeline.errors import Busy, NotFound, Unreachable
from pipeline.store import rows, starts, tables
from pipeline.store import scan as scanning
from tests.casework.events import SUBMITTED, admitted, at, case, event, take_in, take_in_without_rest
from tests.casework.test_cases import approve, follow, submitted
from tests.stages import Killed, System

MOST = 3  # machinery.unfinished_before_parked
BY = "Samira El Amrani"


@pytest.fixture
def ready(home: System) -> System:
    admitted(home)
    at(home, SUBMITTED)
    home.stage.errors.clear()
    return home


def broken(*args: object, **more: object) -> None:
    raise RuntimeError("the disk is on fire")


def deadly(*args: object, **more: object) -> None:
    raise Killed


def row(home: System, table: Any, key: str) -> Any:
    with home.app.database.reading() as connection:
        return connection.execute(select(table).where(table.c.id == key)).one()


def case_id(home: System, number: str) -> str:
    with home.app.database.reading() as connection:
        found: str = connection.execute(
            select(tables.cases.c.id).where(tables.cases.c.number == number)
        ).scalar_one()
    return found


def change(home: System, table: Any, key: str, **values: object) -> None:
    with home.app.database.writing() as connection:
        connection.execute(table.update().where(table.c.id == key).values(**values))


def scan(home: System, times: int = 1, *, works: bool = True, seconds: float = 61) -> None:
    """Let the waker look as often as given, each time when everything is due; workers may be away."""
    for _ in range(times):
        home.clock.tick(seconds)
        home.stage.ring()
        if works:
            home.stage.pump()


@contextmanager
def writes(home: System) -> Iterator[list[object]]:
    """Collect the transactions that write meanwhile."""
    found: list[object] = []
    writing: set[object] = set()

    def begun(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if not statement.lstrip().upper().startswith(("SELECT", "SET")):
            writing.add(connection)

    def committed(connection: object) -> None:
        if connection in writing:  # on PostgreSQL what reads has the same engine, and commits too
            writing.remove(connection)
            found.append(connection)

    engine = home.app.database.writers
    happening.listen(engine, "before_cursor_execute", begun)
    happening.listen(engine, "commit", committed)
    yield found
    happening.remove(engine, "before_cursor_execute", begun)
    happening.remove(engine, "commit", committed)


# Each kind of row: how it comes to have work, what breaks that, and how it ends after repair.


@dataclass(frozen=True)
class Trouble:
    """A row with work that a test can break.

    Attributes:
        make: brings the row about, its first hint still on its way, and returns its id.
        place: what is broken, as for monkeypatch: of a module, and its name there.
        ends: says whether the row came to its right end.
    """

    table: Any
    kind: str
    step: str
    make: Callable[[System], str]
    place: tuple[Any, str]
    ends: Callable[[System, str], bool]


def _decided(home: System) -> str:
    number = submitted(home)
    approve(home, number, "6", "2026-10-21T10:00:00+02:00")
    approve(home, number, "6", "2026-10-22T10:00:00+02:00")
    return case_id(home, number)


def _to_be_drawn(home: System) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(home.stage, "rest", lambda: None)
        number = submitted(home)
        home.stage.pump()
        approve(home, number, "6", "2026-10-21T10:00:00+02:00")
        home.stage.pump()
        approve(home, number, "6", "2026-10-22T10:00:00+02:00")
    return case_id(home, number)


def _to_be_assigned(home: System) -> str:
    return case_id(home, take_in_without_rest(home, _activity()))


def _activity(**envelope: Any) -> dict[str, Any]:
    return event("act-02", {"provider_kvk": "90000102"}, **{"time": SUBMITTED, **envelope})


def _to_be_reminded(home: System) -> str:
    key = case_id(home, submitted(home))
    at(home, row(home, tables.cases, key).wake_at.isoformat())
    home.clock.tick(61)
    home.stage.ring()
    return key


def _to_be_taken_in(home: System) -> str:
    stored = intake.store(home.app, json.dumps(_activity(id="stored")).encode(), file="act.json")
    home.app.ring("take_in", stored.id)
    return stored.id


def _to_be_sent(home: System) -> str:
    changes = {"provider_kvk": "90000102", "activity": {"goal": None}}
    number = take_in(home, event("act-02", changes, id="incomplete", time=SUBMITTED)).case
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(home.stage, "rest", lambda: None)
        follow(home, "withdrawn", str(number), "2026-10-23T10:00:00+02:00", reason="Weg.")
    return str(case(home, number)["letters"][-1]["letter"])


def breaks(patch: pytest.MonkeyPatch, trouble: Trouble, key: str, fault: Callable[..., None]) -> None:
    """Let the work on this row end so; letters about it go out all the same."""
    real = getattr(*trouble.place)

    def work_on(app: Any, *args: Any, **more: Any) -> Any:
        return real(app, *args, **more) if trouble is LETTER and args[0] != key else fault()

    patch.setattr(*trouble.place, work_on)


def _is(table: Any, **values: object) -> Callable[[System, str], bool]:
    def ends(home: System, key: str) -> bool:
        found = row(home, table, key)
        return all(getattr(found, name) == value for name, value in values.items())

    return ends


def _is_reminded(home: System, key: str) -> bool:
    return any(
        one["kind"] == "review_reminder" for one in case(home, row(home, tables.cases, key).number)["letters"]
    )


CASES = (
    Trouble(
        tables.cases,
        "case",
        "assign_reviewers",
        _to_be_assigned,
        (solving, "solve"),
        _is(tables.cases, state="in_review"),
    ),
    Trouble(
        tables.cases,
        "case",
        "draw_logo",
        _to_be_drawn,
        (issuing, "draw"),
        _is(tables.cases, state="closed", result="granted"),
    ),
    Trouble(tables.cases, "case", "remind", _to_be_reminded, (reminding, "_send"), _is_reminded),
)
EVENT = Trouble(
    tables.events,
    "event",
    "take_in",
    _to_be_taken_in,
    (window, "check"),
    _is(tables.events, state="accepted"),
)
LETTER = Trouble(
    tables.letters,
    "letter",
    "dispatch",
    _to_be_sent,
    (contents, "of"),
    _is(tables.letters, state="sent"),
)
KINDS = pytest.mark.parametrize("trouble", [*CASES, EVENT, LETTER], ids=lambda one: one.step)
PARKED_BY_ERRORS = pytest.mark.parametrize("trouble", [*CASES, EVENT], ids=lambda one: one.step)


def tasks(home: System) -> list[str]:
    return [f"{task['owner']}: {task['kind']}" for task in overview.tasks(home.app)]


@PARKED_BY_ERRORS
def test_what_fails_again_and_again_is_parked_and_after_repair_goes_on(
    ready: System, monkeypatch: pytest.MonkeyPatch, trouble: Trouble
) -> None:
    key = trouble.make(ready)
    with monkeypatch.context() as patch:
        breaks(patch, trouble, key, broken)
        ready.stage.pump()
        scan(ready, 10)
        assert parked.all_parked(ready.app) == []
        scan(ready, 2)
        [found] = parked.all_parked(ready.app)
    assert (found.id, found.kind, found.step, found.attempts) == (key, trouble.kind, trouble.step, 12)
    assert found.error == "RuntimeError: the disk is on fire"
    assert tasks(ready) == [f"{BY}: parked"]
    parked.take_up(ready.app, found, BY)
    ready.stage.rest()
    assert trouble.ends(ready, key)
    assert (tasks(ready), parked.all_parked(ready.app)) == ([], [])


@KINDS
def test_what_ends_its_process_on_every_repeat_is_parked_and_after_repair_goes_on(
    ready: System, monkeypatch: pytest.MonkeyPatch, trouble: Trouble
) -> None:
    key = trouble.make(ready)
    with monkeypatch.context() as patch:
        breaks(patch, trouble, key, deadly)
        ready.stage.pump()
        scan(ready, MOST)
        assert parked.all_parked(ready.app) == []
        deaths = len(ready.stage.errors)
        scan(ready, 5)
        assert len(ready.stage.errors) == deaths  # it is not begun once more
        [found] = parked.all_parked(ready.app)
    assert (found.id, found.kind, found.step) == (key, trouble.kind, trouble.step)
    assert found.error.startswith("It was begun 3 times and never came to an end")
    owner = "Tom de Wit: unmailable" if trouble.kind == "letter" else f"{BY}: parked"
    assert tasks(ready) == [owner]
    parked.take_up(ready.app, found, BY)
    ready.stage.rest()
    assert trouble.ends(ready, key)
    assert (tasks(ready), parked.all_parked(ready.app)) == ([], [])


@KINDS
def test_hours_without_a_worker_park_nothing(ready: System, trouble: Trouble) -> None:
    key = trouble.make(ready)
    ready.stage.waiting.clear()
    scan(ready, 20, works=False, seconds=600)  # more often than what fails, or ends a process, is begun
    ready.stage.rest()
    assert trouble.ends(ready, key)
    assert parked.all_parked(ready.app) == []


@KINDS
def test_parked_row_is_not_begun_by_a_hint_that_comes_late(
    ready: System, monkeypatch: pytest.MonkeyPatch, trouble: Trouble
) -> None:
    key = trouble.make(ready)
    with monkeypatch.context() as patch:
        breaks(patch, trouble, key, deadly)
        ready.stage.pump()
        scan(ready, MOST + 1)
        before = row(ready, trouble.table, key)
        deaths = len(ready.stage.errors)
        for again in ([], [AGAIN], ["whatever"]):
            ready.app.ring(trouble.step, key, *again)
            ready.stage.pump()
        assert len(ready.stage.errors) == deaths
    assert row(ready, trouble.table, key) == before


# What a start costs, and what it counts


def test_first_hint_writes_what_it_does_and_nothing_more(
    ready: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = _to_be_drawn(ready)
    monkeypatch.setattr(starts, "count", broken)
    with writes(ready) as found:
        draw_logo.fn(key)
    assert len(found) == 1


def test_repeat_is_counted_in_a_commit_of_its_own_and_ends_in_the_one_that_it_makes(ready: System) -> None:
    key = _to_be_drawn(ready)
    with writes(ready) as found:
        draw_logo.fn(key, AGAIN)
    assert len(found) == 2
    assert row(ready, tables.cases, key).unfinished == 0


def test_repeat_with_nothing_left_to_do_writes_nothing(ready: System) -> None:
    key = _decided(ready)
    with writes(ready) as found:
        draw_logo.fn(key, AGAIN)
    assert found == []


def test_repeat_that_changes_nothing_takes_its_count_back(ready: System) -> None:
    key = _to_be_drawn(ready)
    work.on_case(ready.app, key, AGAIN, lambda: None)
    assert row(ready, tables.cases, key).unfinished == 0


@pytest.mark.parametrize("again", ["", "later", "AGAIN"])
def test_hint_with_another_second_word_is_a_first(ready: System, again: str) -> None:
    key = _to_be_drawn(ready)
    counts: list[int] = []
    work.on_case(ready.app, key, again, lambda: counts.append(row(ready, tables.cases, key).unfinished))
    assert counts == [0]


def test_repeat_is_counted_before_it_begins(ready: System) -> None:
    key = _to_be_drawn(ready)
    counts: list[int] = []
    work.on_case(ready.app, key, AGAIN, lambda: counts.append(row(ready, tables.cases, key).unfinished))
    assert counts == [1]


def test_success_forgets_the_starts_that_never_ended(ready: System, monkeypatch: pytest.MonkeyPatch) -> None:
    key = _to_be_drawn(ready)
    with monkeypatch.context() as patch:
        patch.setattr(issuing, "draw", deadly)
        scan(ready, MOST)
    assert row(ready, tables.cases, key).unfinished == MOST - 1 or MOST
    change(ready, tables.cases, key, unfinished=MOST - 1)
    scan(ready)
    assert row(ready, tables.cases, key).unfinished == 0
    assert parked.all_parked(ready.app) == []


def test_error_that_is_told_forgets_them_too(ready: System, monkeypatch: pytest.MonkeyPatch) -> None:
    key = _to_be_drawn(ready)
    monkeypatch.setattr(issuing, "draw", broken)
    change(ready, tables.cases, key, unfinished=MOST - 1)
    scan(ready)
    found = row(ready, tables.cases, key)
    assert (found.unfinished, found.attempts > 0, found.parked_at) == (0, True, None)


def test_repeat_doubled_on_its_way_is_counted_once_for_each_end_of_a_process(ready: System) -> None:
    key = _to_be_drawn(ready)
    begun: list[str] = []

    def another() -> None:
        begun.append("first")
        draw_logo.fn(key, AGAIN)  # another thread of this process
        work.on_case(ready.app, key, AGAIN, lambda: begun.append("second"))
        raise Killed

    with pytest.raises(Killed):
        work.on_case(ready.app, key, AGAIN, another)
    assert begun == ["first"]
    assert row(ready, tables.cases, key).unfinished == 1


def test_of_two_processes_that_saw_the_same_only_one_begins(ready: System) -> None:
    key, database = _to_be_drawn(ready), ready.app.database
    assert starts.count(database, tables.cases, key, 0)
    assert not starts.count(database, tables.cases, key, 0)
    assert starts.unfinished(database, tables.cases, key) == 1


@KINDS
def test_repeat_that_comes_to_its_end_leaves_no_count_behind(ready: System, trouble: Trouble) -> None:
    key = trouble.make(ready)
    ready.stage.waiting.clear()
    scan(ready)
    ready.stage.rest()
    assert trouble.ends(ready, key)
    assert row(ready, trouble.table, key).unfinished == 0


def test_attempt_that_was_broken_off_leaves_no_count_behind(ready: System) -> None:
    key = _to_be_sent(ready)
    ready.mailer.faults = [Killed()]
    ready.stage.pump()
    ready.clock.tick(200)
    scan(ready)
    found = row(ready, tables.letters, key)
    assert (found.state, found.unfinished) == ("unknown", 0)


def test_end_takes_back_only_its_own_start(ready: System) -> None:
    key, database = _to_be_drawn(ready), ready.app.database
    change(ready, tables.cases, key, unfinished=2)
    starts.end(database, tables.cases, key, 1)
    assert starts.unfinished(database, tables.cases, key) == 2


def away(*args: object, **more: object) -> None:
    raise Unreachable("restarting")


def test_database_that_is_away_ends_nothing_in_order_and_fails_nothing(
    ready: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = _to_be_drawn(ready)
    monkeypatch.setattr(starts, "end", away)
    with pytest.raises(Unreachable, match="restarting"):
        work.on_case(ready.app, key, AGAIN, away)
    found = row(ready, tables.cases, key)
    assert (found.unfinished, found.attempts) == (1, 0)


def test_database_that_is_slow_accuses_no_row_and_acquits_none(ready: System) -> None:
    key = _to_be_drawn(ready)
    change(ready, tables.cases, key, unfinished=1)
    for _ in range(MOST + 1):
        with pytest.raises(Unreachable, match="restarting"):
            work.on_case(ready.app, key, AGAIN, away)
    found = row(ready, tables.cases, key)
    assert (found.unfinished, found.attempts, found.parked_at) == (1, 0, None)


def test_case_whose_first_hints_were_all_lost_is_never_parked(ready: System) -> None:
    key = case_id(ready, submitted(ready))
    reminded: list[int] = []
    for _ in range(MOST + 2):
        at(ready, row(ready, tables.cases, key).wake_at.isoformat())
        scan(ready, works=False)
        ready.stage._collect()
        ready.stage.waiting.clear()
        scan(ready)
        found = row(ready, tables.cases, key)
        assert (found.unfinished, found.attempts, found.parked_at) == (0, 0, None)
        reminded.append(found.journal_length)
    assert reminded == sorted(set(reminded))


def test_letter_put_off_until_the_morning_again_and_again_does_not_fail(
    ready: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = _to_be_sent(ready)
    ready.stage.waiting.clear()
    morning = ready.app.clock.now() + timedelta(days=30)
    monkeypatch.setattr(leaving, "held_back_until", lambda *args: morning)
    for _ in range(MOST + 2):
        change(ready, tables.letters, key, retry_at=ready.clock.now())
        scan(ready)
        found = row(ready, tables.letters, key)
        assert (found.state, found.unfinished, found.retry_at) == ("queued", 0, None)


# Neighbours


def test_suspects_of_one_process_are_begun_one_at_a_time(
    ready: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starting, "PATIENCE_SECONDS", 0.0)
    key = _to_be_drawn(ready)
    other = _to_be_taken_in(ready)
    change(ready, tables.cases, key, unfinished=1)
    change(ready, tables.events, other, unfinished=1)

    def dies_beside() -> None:
        work.on_event(ready.app, other, AGAIN, deadly)  # in another thread: it waits for its turn in vain
        raise Killed

    with pytest.raises(Killed):
        work.on_case(ready.app, key, AGAIN, dies_beside)
    assert row(ready, tables.cases, key).unfinished == 2
    assert row(ready, tables.events, other).unfinished == 1
    with pytest.raises(Killed):
        work.on_event(ready.app, other, AGAIN, deadly)  # the turn was given back
    assert row(ready, tables.events, other).unfinished == 2


def test_neighbours_of_a_killer_are_not_parked(ready: System, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight threads begin eight repeats at once, and the killer takes them all along, every time."""
    killer = _to_be_taken_in(ready)
    ready.stage.waiting.clear()
    made = [json.dumps(_activity(id=f"neighbour-{n}")).encode() for n in range(7)]
    innocent = [intake.store(ready.app, raw).id for raw in made]
    real = intake.process

    def process(app: Any, one: rows.Event, *args: Any, **more: Any) -> Any:
        return deadly() if one.id == killer else real(app, one, *args, **more)

    monkeypatch.setattr(intake, "process", process)
    monkeypatch.setattr(starting, "PATIENCE_SECONDS", 0.0)
    for _ in range(8):
        ready.clock.tick(61)
        ready.stage.ring()
        _at_once(ready, [killer, *innocent])
    assert [one.id for one in parked.all_parked(ready.app)] == [killer]
    assert {row(ready, tables.events, one).state for one in innocent} == {"accepted"}


def _at_once(home: System, keys: list[str]) -> None:
    """Begin the repeats of these events inside each other, as threads of one process do, the last dies first."""
    home.stage._collect()
    home.stage.waiting = [one for one in home.stage.waiting if one.actor_name != "take_in"]

    def begin(left: list[str]) -> None:
        if not left:
            return

        def do() -> None:
            begin(left[1:])
            intake_of(home, left[0])

        work.on_event(home.app, left[0], AGAIN, do)

    with suppress(Killed):
        begin(keys)


def intake_of(home: System, key: str) -> None:
    found = row(home, tables.events, key)
    if found.state == "stored":
        intake.process(home.app, rows.Event(**found._mapping), is_stored=True)


def test_case_that_fails_all_that_are_solved_with_it_is_parked_alone(
    ready: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = take_in_without_rest(ready, _activity(id="bad"))
    good = take_in_without_rest(ready, _activity(id="good"))
    real = solving.solve

    def solve(cases: Any, *args: Any) -> Any:
        return broken() if any(one.number == bad for one in cases) else real(cases, *args)

    monkeypatch.setattr(solving, "solve", solve)
    ready.stage.rest()
    assert [one.key for one in parked.all_parked(ready.app)] == [bad]
    assert case(ready, good)["state"] == "in_review"


def test_case_that_ends_the_process_of_all_that_are_solved_with_it_is_parked_alone(
    ready: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = take_in_without_rest(ready, _activity(id="bad"))
    good = take_in_without_rest(ready, _activity(id="good"))
    real = solving.solve

    def solve(cases: Any, *args: Any) -> Any:
        return deadly() if any(one.number == bad for one in cases) else real(cases, *args)

    monkeypatch.setattr(solving, "solve", solve)
    ready.stage.rest()
    assert [one.key for one in parked.all_parked(ready.app)] == [bad]
    assert case(ready, good)["state"] == "in_review"


def test_waiting_for_those_who_assign_accuses_no_case(ready: System, monkeypatch: pytest.MonkeyPatch) -> None:
    key = _to_be_assigned(ready)
    change(ready, tables.cases, key, unfinished=1)
    monkeypatch.setattr(assignment, "PATIENCE_SECONDS", 0.0)
    with assignment._turn:  # as another thread, for longer than anybody waits
        for _ in range(MOST + 1):
            with pytest.raises(Busy):
                assign_reviewers.fn(key, AGAIN)
    found = row(ready, tables.cases, key)
    assert (found.unfinished, found.attempts, found.parked_at) == (1, 0, None)
    ready.stage.rest()
    assert row(ready, tables.cases, key).state == "in_review"


def test_many_cases_that_wait_together_cost_as_many_queries_as_two(ready: System) -> None:
    counts = []
    for size in (2, 6):
        made = [take_in_without_rest(ready, _activity(id=f"{size}-{n}")) for n in range(size)]
        ready.stage.waiting.clear()
        key = case_id(ready, made[0])
        with ready.app.database.reading() as connection, queries(ready) as found:
            waits = assignment._waiting(connection, assignment.ALL, key)
        assert len(waits) == size
        counts.append(len(found))
        assign_reviewers.fn(key)
    assert counts[0] == counts[1]


@contextmanager
def queries(home: System) -> Iterator[list[str]]:
    """Collect what is asked of the database meanwhile."""
    found: list[str] = []

    def asked(connection: object, cursor: object, statement: str, *rest: object) -> None:
        found.append(statement)

    engine = home.app.database.readers
    happening.listen(engine, "before_cursor_execute", asked)
    yield found
    happening.remove(engine, "before_cursor_execute", asked)


# The waker


def test_row_for_which_the_waker_cannot_ring_costs_no_other_its_hint(
    ready: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [take_in_without_rest(ready, _activity(id=name)) for name in ("one", "two")]
    first = case_id(ready, numbers[0])
    ready.stage.pump()
    for number in numbers:
        change(ready, tables.cases, case_id(ready, number), step="decide", retry_at=ready.clock.now())
    rung: list[tuple[str, ...]] = []

    def ring(self: Any, actor: str, *args: str) -> None:
        if args[0] == first:
            broken()
        rung.append((actor, *args))

    monkeypatch.setattr(type(ready.app), "ring", ring)
    ready.stage.ring()
    assert ("decide", case_id(ready, numbers[1]), AGAIN) in rung


def test_first_ring_by_the_clock_of_the_home_is_no_repeat(ready: System) -> None:
    key = case_id(ready, submitted(ready))
    at(ready, row(ready, tables.cases, key).wake_at.isoformat())
    rung: list[tuple[str, ...]] = []
    for _ in range(2):
        ready.clock.tick(61)
        ready.stage.ring()
        ready.stage._collect()
        rung += [(one.actor_name, *one.args) for one in ready.stage.waiting]
        ready.stage.waiting.clear()
    assert [one for one in rung if key in one] == [("remind", key), ("remind", key, AGAIN)]


@pytest.mark.parametrize("trouble", [CASES[0], EVENT, LETTER], ids=lambda one: one.step)
def test_row_that_is_rung_and_not_taken_up_is_shown_with_since_when(ready: System, trouble: Trouble) -> None:
    trouble.make(ready)
    began = ready.clock.now() + timedelta(seconds=5)
    for rings in range(1, 7):
        ready.clock.at = began + timedelta(seconds=(0, 5, 15, 35, 75, 135)[rings - 1])
        assert look(ready) is None
        ready.stage.ring()
    found = look(ready)
    assert found is not None
    assert (found.rings, found.since) == (6, began)
    ready.stage.rest()
    assert look(ready) is None


def look(home: System) -> scanning.Unanswered | None:
    with home.app.database.reading() as connection:
        return ringing.unanswered(home.app, connection, mails=True)


def test_row_that_fails_was_taken_up(ready: System, monkeypatch: pytest.MonkeyPatch) -> None:
    _to_be_drawn(ready)
    monkeypatch.setattr(issuing, "draw", broken)
    scan(ready, 9)
    assert look(ready) is None


# An event of which the queue holds the sole copy


def test_event_that_comes_again_is_stored_before_anything_is_done_with_it(
    ready: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(intake, "process", deadly)
        with pytest.raises(Killed):
            receive.fn(json.dumps(_activity()))
        receive.fn(json.dumps(_activity()), AGAIN)
        scan(ready, MOST + 1)
        [found] = parked.all_parked(ready.app)
    assert (found.kind, found.attempts) == ("event", MOST + 1)
    parked.take_up(ready.app, found, BY)
    ready.stage.rest()
    assert [one["kind"] for one in overview.cases(ready.app)] == ["admission", "activity"]


def test_event_that_comes_again_though_it_was_taken_in_changes_nothing(ready: System) -> None:
    submitted(ready)
    receive.fn(json.dumps(_activity()), AGAIN)
    ready.stage.rest()
    scan(ready)
    ready.stage.rest()
    assert len(overview.cases(ready.app)) == 2
    assert overview.counts(ready.app)["events"] == {"accepted": 3, "known": 1}


# Parked in spite of everything


def test_case_is_parked_though_the_letter_about_it_cannot_be_written(
    ready: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = _to_be_drawn(ready)
    monkeypatch.setattr(issuing, "draw", broken)
    monkeypatch.setattr(correspondence, "tell_owner", broken)
    scan(ready, 14)
    [found] = parked.all_parked(ready.app)
    assert (found.id, found.attempts, tasks(ready)) == (key, 12, [f"{BY}: parked"])


@pytest.mark.parametrize("fault", [broken, deadly])
def test_row_is_parked_in_short_where_it_cannot_be_in_full(
    ready: System, monkeypatch: pytest.MonkeyPatch, fault: Callable[..., None]
) -> None:
    key = _to_be_drawn(ready)
    monkeypatch.setattr(issuing, "draw", deadly)
    monkeypatch.setattr(parking, "park", fault)
    scan(ready, MOST + 2)
    [found] = parked.all_parked(ready.app)
    assert (found.id, tasks(ready)) == (key, [f"{BY}: parked"])
    assert "task_waiting" in [one["kind"] for one in overview.letters(ready.app)]


def test_row_is_parked_without_a_letter_where_writing_any_ends_the_process(
    ready: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = _to_be_drawn(ready)
    monkeypatch.setattr(issuing, "draw", deadly)
    monkeypatch.setattr(parking, "park", deadly)
    monkeypatch.setattr(parking, "post", deadly)
    scan(ready, MOST + 3)
    [found] = parked.all_parked(ready.app)
    assert (found.id, tasks(ready)) == (key, [f"{BY}: parked"])


@pytest.mark.parametrize("trouble", [EVENT, LETTER], ids=lambda one: one.step)
def test_event_and_letter_are_parked_in_short_too(
    ready: System, monkeypatch: pytest.MonkeyPatch, trouble: Trouble
) -> None:
    key = trouble.make(ready)
    breaks(monkeypatch, trouble, key, deadly)
    monkeypatch.setattr(parking, "post", deadly)
    monkeypatch.setattr(dispatching, "give_up", deadly)
    ready.stage.pump()
    scan(ready, MOST + 3)
    [found] = parked.all_parked(ready.app)
    assert (found.id, len(tasks(ready))) == (key, 1)


def test_attempt_that_was_broken_off_and_cannot_be_written_as_such_is_unknown_in_the_end(
    ready: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = _to_be_sent(ready)
    ready.mailer.faults = [Killed()]
    ready.stage.pump()
    monkeypatch.setattr(dispatching, "_unknown", deadly)
    ready.clock.tick(200)
    scan(ready, MOST + 2)
    assert row(ready, tables.letters, key).state == "unknown"
    assert tasks(ready) == ["Tom de Wit: unknown_letter"]


# What goes on while something is parked


def test_reminders_that_fail_for_a_parked_case_end_in_the_end(
    ready: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = _to_be_drawn(ready)
    monkeypatch.setattr(issuing, "draw", broken)
    scan(ready, 14)
    monkeypatch.setattr(reminding, "_send", broken)
    at(ready, "2026-12-22T10:00:00+01:00")
    scan(ready, 40)
    found = row(ready, tables.cases, key)
    assert (found.wake_at, found.retry_at) == (None, None)
    assert ready.app.policy.machinery.attempts_before_silent == found.attempts


def test_reminders_of_a_parked_case_that_fail_now_and_then_go_on(
    ready: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = _to_be_drawn(ready)
    monkeypatch.setattr(issuing, "draw", broken)
    scan(ready, 14)
    for day in (14, 21, 28):
        at(ready, f"2026-12-{day}T10:00:00+01:00")
        with monkeypatch.context() as patch:
            patch.setattr(reminding, "_send", broken)
            scan(ready, 5)
        assert row(ready, tables.cases, key).attempts > 12
        scan(ready)
        found = row(ready, tables.cases, key)
        assert (found.attempts, found.unfinished, found.wake_at is None) == (12, 0, False)


def test_reminders_that_end_the_process_for_a_parked_case_end_in_the_end(
    ready: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = _to_be_drawn(ready)
    monkeypatch.setattr(issuing, "draw", broken)
    scan(ready, 14)
    monkeypatch.setattr(reminding, "_send", deadly)
    at(ready, "2026-12-22T10:00:00+01:00")
    scan(ready, MOST + 3)
    found = row(ready, tables.cases, key)
    assert (found.wake_at, found.retry_at, found.parked_at is not None) == (None, None, True)
    ready.stage.errors.clear()
    scan(ready, 5)
    assert ready.stage.errors == []


def test_set_aside_that_is_parked_does_not_keep_the_waker_busy(
    ready: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = event("act-02", {"provider_kvk": "90000102", "activity": {"goal": None}}, time=SUBMITTED)
    number = take_in(ready, made).case
    assert number is not None
    monkeypatch.setattr(walk, "_pass", broken)
    at(ready, "2026-11-04T00:00:01+01:00")
    scan(ready, 14)
    assert [one.key for one in parked.all_parked(ready.app)] == [number]
    found = row(ready, tables.cases, case_id(ready, number))
    assert (found.wake_at, found.retry_at) == (None, None)


def test_event_about_a_parked_case_does_not_begin_its_step(
    ready: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = submitted(ready)
    approve(ready, number, "6", "2026-10-21T10:00:00+02:00")
    change(ready, tables.cases, case_id(ready, number), step="decide", parked_at=ready.app.clock.now())
    monkeypatch.setattr(walk, "STEPS", {**walk.STEPS, "decide": deadly})
    assert follow(ready, "withdrawn", number, "2026-10-23T10:00:00+02:00", reason="Weg.") == ""
    assert case(ready, number)["state"] == "closed"
    assert parked.all_parked(ready.app) == []


def test_reminder_that_failed_once_is_forgotten_when_it_was_sent(
    ready: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = _to_be_reminded(ready)
    with monkeypatch.context() as patch:
        patch.setattr(reminding, "_send", broken)
        ready.stage.pump()
    assert row(ready, tables.cases, key).attempts == 1
    ready.stage.rest()
    found = row(ready, tables.cases, key)
    assert (found.step, found.retry_at, found.attempts, found.last_error) == (None, None, 0, None)


def test_step_counts_only_its_own_failures(ready: System, monkeypatch: pytest.MonkeyPatch) -> None:
    key = _to_be_drawn(ready)
    change(ready, tables.cases, key, step="decide", attempts=11)
    monkeypatch.setattr(issuing, "draw", broken)
    monkeypatch.setattr(walk, "STEPS", {**walk.STEPS, "decide": lambda draft: draft.set(step="draw_logo")})
    scan(ready)
    assert parked.all_parked(ready.app) == []


# Looking and taking up


def test_detail_shows_the_input_and_the_journal_around(
    ready: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = _to_be_drawn(ready)
    monkeypatch.setattr(issuing, "draw", broken)
    scan(ready, 14)
    [found] = parked.all_parked(ready.app)
    told = parked.detail(ready.app, found)
    assert told["input"]["submission"] == row(ready, tables.cases, key).data
    [entry] = [one for one in told["journal"] if one["event"] == "parked"]
    assert entry["facts"] == {"step": "draw_logo", "error": found.error, "attempts": 12}


def test_journal_is_shown_around_the_parking_though_much_has_happened_since(
    ready: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = _to_be_drawn(ready)
    monkeypatch.setattr(issuing, "draw", broken)
    scan(ready, 14)
    for month in ("2027-01", "2027-04"):
        at(ready, f"{month}-20T10:00:00+01:00")
        for _ in range(12):
            scan(ready)
            at(ready, (ready.app.clock.now() + timedelta(days=7)).isoformat())
    [found] = parked.all_parked(ready.app)
    told = [one["event"] for one in parked.detail(ready.app, found)["journal"]]
    assert (len(told), told.index("parked")) == (10, 5)
    assert row(ready, tables.cases, key).journal_length > 20


@pytest.mark.parametrize(
    ("raw", "shown"), [(b'{"id": "1"}', ('{"id": "1"}', None)), (b"\xff\x00", (None, "ff00"))]
)
def test_detail_of_an_event_shows_its_bytes(
    ready: System, monkeypatch: pytest.MonkeyPatch, raw: bytes, shown: tuple[str | None, str | None]
) -> None:
    stored = intake.store(ready.app, raw)
    with monkeypatch.context() as patch:
        patch.setattr(intake, "process", broken)
        scan(ready, 12)
        [found] = parked.all_parked(ready.app)
    told = parked.detail(ready.app, found)
    assert (told["input"]["text"], told["input"]["hex"]) == shown
    assert told["input"]["bytes"] == len(raw)
    assert [one["event"] for one in told["journal"]] == ["parked"]
    parked.take_up(ready.app, found, BY)
    ready.stage.rest()
    assert row(ready, tables.events, stored.id).state == "refused"


def test_detail_of_a_letter_shows_its_headers(ready: System, monkeypatch: pytest.MonkeyPatch) -> None:
    key = _to_be_sent(ready)
    with monkeypatch.context() as patch:
        patch.setattr(ready.mailer, "deliver", deadly)
        ready.stage.pump()
        scan(ready, MOST + 1)
        found = next(one for one in parked.all_parked(ready.app) if one.id == key)
    told = parked.detail(ready.app, found)
    assert dict(told["input"]["headers"])["Message-ID"] == row(ready, tables.letters, key).message_id


def test_event_parked_twice_tells_its_owner_twice(ready: System, monkeypatch: pytest.MonkeyPatch) -> None:
    _to_be_taken_in(ready)
    monkeypatch.setattr(intake, "process", broken)
    for _ in range(2):
        scan(ready, 13)
        [found] = parked.all_parked(ready.app)
        assert tasks(ready) == [f"{BY}: parked"]
        parked.take_up(ready.app, found, BY)
    told = [one for one in overview.letters(ready.app) if one["kind"] == "task_waiting"]
    assert [one["state"] for one in told] == ["sent", "sent"]


def test_taking_up_what_is_parked_no_more_changes_nothing(
    ready: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [_to_be_drawn(ready), _to_be_taken_in(ready), _to_be_sent(ready)]
    with monkeypatch.context() as patch:
        patch.setattr(issuing, "draw", deadly)
        patch.setattr(window, "check", deadly)
        patch.setattr(contents, "of", deadly)
        scan(ready, MOST + 1)
        found = [one for one in parked.all_parked(ready.app) if one.id in made]
    for one in found:
        parked.take_up(ready.app, one, BY)
    ready.stage.rest()
    before = [row(ready, parked.TABLES[one.kind], one.id) for one in found]
    for one in found:
        parked.take_up(ready.app, one, BY)
    assert [row(ready, parked.TABLES[one.kind], one.id) for one in found] == before


def test_all_that_is_not_parked_is_named_at_once(ready: System) -> None:
    with pytest.raises(NotFound, match="number or id A-1, A-2"):
        parked.find(ready.app, ["A-1", "A-2"])


def test_parked_letter_about_no_case_is_sent_when_it_is_taken_up(
    ready: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = event("act-02", {"provider_kvk": "90000102", "activity": {"type": "self_study"}}, time=SUBMITTED)
    raw = json.dumps(made).encode()
    with monkeypatch.context() as patch:
        patch.setattr(ready.mailer, "deliver", deadly)
        intake.process(ready.app, intake.arrival(ready.app, raw), raw)
        ready.stage.pump()
        scan(ready, MOST + 1)
        [found] = [one for one in parked.all_parked(ready.app) if "Niet verwerkt" in one.title]
    parked.take_up(ready.app, found, BY)
    ready.stage.rest()
    assert row(ready, tables.letters, found.id).state == "sent"
