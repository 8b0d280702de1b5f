"""What the table has no row for is refused when a sender asks for it, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import select, update

from pipeline.domain.lifecycle import INBOUND, TABLES, Event, Kind, State
from pipeline.store import tables
from tests.casework.events import admitted, at, event, take_in
from tests.stages import System, system

NOON: Final = "2026-10-20T12:00:00+02:00"
SOMEONE: Final = "r001"  # a reviewer of the sample list
REACHED: Final = {kind: {State.RECEIVED, *(row.to for row in TABLES[kind].values())} for kind in Kind}
ABSENT: Final = [
    (kind, state, sent)
    for kind in Kind
    for state in State
    for sent in INBOUND
    if state in REACHED[kind] and (state, sent) not in TABLES[kind]
]
ABOUT: Final[dict[Event, dict[str, Any]]] = {
    Event.SUPPLEMENTED: {"changes": {"activity": {"website": "https://elders.example"}}},
    Event.WITHDRAWN: {"reason": "Wij zien ervan af."},
    Event.VERDICT_GIVEN: {
        "reviewer": SOMEONE,
        "verdict": "approve",
        "motivation": None,
        "hours": None,
        "scores": {},
    },
    Event.RECUSED: {
        "reviewer": SOMEONE,
        "verdict": "recuse",
        "motivation": None,
        "hours": None,
        "scores": {},
    },
}
TYPES: Final = {
    Event.SUPPLEMENTED: ("/portal", "nl.registerleraar.case.supplemented.v1"),
    Event.WITHDRAWN: ("/portal", "nl.registerleraar.case.withdrawn.v1"),
    Event.VERDICT_GIVEN: ("/reviewers-desk", "nl.registerleraar.review.given.v1"),
    Event.RECUSED: ("/reviewers-desk", "nl.registerleraar.review.given.v1"),
}


@pytest.fixture(scope="module")
def one_of_each(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[System, dict[Kind, str]]]:
    """A home with one case of each kind; the tests put them in any state."""
    folder: Path = tmp_path_factory.mktemp("moves")
    home = system(folder)
    admission = admitted(home)
    at(home, NOON)
    submitted = event("act-02", {"provider_kvk": "90000102"}, time=NOON)
    objected = event("obj-02", {"case": admission}, time=NOON)
    cases = {
        Kind.ADMISSION: admission,
        Kind.ACTIVITY: take_in(home, submitted).case or "",
        Kind.OBJECTION: take_in(home, objected).case or "",
    }
    yield home, cases
    home.app.database.close()


def put(home: System, number: str, state: State) -> None:
    values = {"state": state, "step": None, "retry_at": None}
    with home.app.database.writing() as connection:
        connection.execute(update(tables.cases).where(tables.cases.c.number == number).values(values))


def state_of(home: System, number: str) -> State:
    with home.app.database.reading() as connection:
        query = select(tables.cases.c.state).where(tables.cases.c.number == number)
        return State(connection.execute(query).scalar_one())


@pytest.mark.parametrize(("kind", "state", "sent"), ABSENT)
def test_event_without_a_row_is_refused_by_name(
    one_of_each: tuple[System, dict[Kind, str]], kind: Kind, state: State, sent: Event
) -> None:
    home, cases = one_of_each
    number = cases[kind]
    put(home, number, state)
    source, name = TYPES[sent]
    made = event("wd-01", id=f"{kind}-{state}-{sent}", source=source, type=name, time=NOON)
    made["data"] = {"case": number, **ABOUT[sent]}

    refusal = take_in(home, made).refusal

    assert refusal is not None
    assert refusal.rule == ("not_asked" if sent is Event.SUPPLEMENTED else "wrong_state")
    assert (refusal.field, refusal.got) == ("case", state.value)
    assert state_of(home, number) is state
