"""What the first page asks of the database: the rows that matter now, at a cost that does not grow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from pipeline.casework import dashboard
from pipeline.casework.dashboard import CaseCount, TaskCount, WaitsFor
from pipeline.domain.lifecycle import Kind, Result, State
from tests.stages import System
from tests.web.furnish import AT, Furniture


@pytest.fixture
def made(home: System) -> System:
    """A new home, in each kind of database."""
    home.app.clock.make(AT)
    return home


@pytest.fixture
def furniture(made: System) -> Furniture:
    return Furniture(made.app)


def test_home_without_anything_has_nothing_to_show(made: System) -> None:
    seen = dashboard.look(made.app)

    assert seen.mailing.mails
    assert seen == dashboard.Dashboard(seen.mailing, [], 0, None, 0, [], {}, 0, [], 0, 0, [], 0, [])


def test_cases_that_are_due_come_by_day_and_number_and_closed_ones_never(
    made: System, furniture: Furniture
) -> None:
    furniture.case("A-2026-000003", due_on=date(2026, 12, 7))
    furniture.case("A-2026-000002", due_on=date(2026, 12, 7))
    furniture.case("A-2026-000001", due_on=date(2026, 12, 8))
    furniture.case("A-2026-000004", State.CLOSED, Result.GRANTED, due_on=date(2026, 11, 1))
    furniture.case("A-2026-000005", due_on=None)
    furniture.case("T-2026-000001", State.DECIDED, Result.SET_ASIDE, due_on=date(2026, 11, 23))

    seen = dashboard.look(made.app)

    assert [(row.case, row.days_left) for row in seen.due] == [
        ("T-2026-000001", -1),
        ("A-2026-000002", 13),
        ("A-2026-000003", 13),
        ("A-2026-000001", 14),
    ]
    assert seen.late == 1


def test_case_is_late_only_after_its_last_day_in_amsterdam(made: System, furniture: Furniture) -> None:
    furniture.case("A-2026-000001", due_on=AT.date())
    assert dashboard.look(made.app).late == 0

    made.app.clock.set(AT + timedelta(hours=11), hold=timedelta())  # midnight in Amsterdam, 23.00 in UTC
    seen = dashboard.look(made.app)

    assert (seen.late, seen.due[0].days_left) == (1, -1)


def test_same_task_waits_once_and_is_counted(made: System, furniture: Furniture) -> None:
    case = furniture.case("A-2026-000001")
    for _ in range(3):
        furniture.task("unmailable", "Tom de Wit", case=case)

    seen = dashboard.look(made.app)

    assert seen.due[0].waits_for == [WaitsFor("unmailable", "Tom de Wit", None, 3)]
    assert seen.tasks == [TaskCount("Tom de Wit", "unmailable", 3, AT)]


def test_counts_are_by_kind_state_and_result(made: System, furniture: Furniture) -> None:
    furniture.case("A-2026-000001")
    furniture.case("A-2026-000002")
    furniture.case("B-2026-000001", State.CLOSED, Result.UNFOUNDED, kind=Kind.OBJECTION)
    for state in ("sent", "sent", "failed"):
        furniture.letter(state)
    furniture.event("stored")
    furniture.event("stored", parked_at=AT)
    furniture.refused()

    seen = dashboard.look(made.app)

    assert seen.cases == [
        CaseCount("activity", "in_review", None, 2),
        CaseCount("objection", "closed", "unfounded", 1),
    ]
    assert seen.letters == {"failed": 1, "sent": 2}
    assert (seen.not_taken_in, seen.parked, seen.refused) == (2, 1, 1)


def test_newest_refusals_and_registrations_come_first(made: System, furniture: Furniture) -> None:
    for place in range(dashboard.REFUSALS + 3):
        furniture.refused(event_id=f"e-{place}", received_at=AT + timedelta(minutes=place))
        furniture.registration(f"{10_000_000 + place}", valid_from=AT.date() + timedelta(days=place))

    seen = dashboard.look(made.app)

    assert [row.event_id for row in seen.last_refused] == [f"e-{place}" for place in range(12, 2, -1)]
    assert [row.number for row in seen.last_registered] == [
        f"{10_000_000 + place}" for place in range(12, 6, -1)
    ]
    assert (seen.refused, seen.registered) == (13, 13)
    assert seen.last_registered[0].hours == "15.5"


def test_full_home_costs_as_many_queries_as_one_with_a_case(made: System, furniture: Furniture) -> None:
    furniture.asked(furniture.case("A-2026-000001"), "r001", "A", date(2026, 12, 1))
    with counted(made) as few:
        dashboard.look(made.app)
    for place in range(2, 40):
        case = furniture.case(f"A-2026-{place:06}")
        furniture.asked(case, f"r{place:03}", "B", date(2026, 12, 1))
        furniture.refused()
        furniture.registration(f"{10_000_000 + place}")
    with counted(made) as many:
        seen = dashboard.look(made.app)

    assert len(many) == len(few) < 30
    assert [len(each) for each in (seen.due, seen.last_refused, seen.last_registered)] == [15, 10, 6]


@contextmanager
def counted(made: System) -> Iterator[list[str]]:
    """Collect every query that is asked meanwhile."""
    asked: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        asked.append(statement)

    event.listen(made.app.database.readers, "before_cursor_execute", note)
    yield asked
    event.remove(made.app.database.readers, "before_cursor_execute", note)
