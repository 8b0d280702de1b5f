"""The lifecycle table holds together."""

from __future__ import annotations

import pytest

from pipeline.domain.lifecycle import ON_SENT, RECIPIENTS, TABLES, Event, Kind, Result, State, events, step
from pipeline.errors import IllegalMove

ROWS = [(kind, state, event) for kind, table in TABLES.items() for state, event in table]


def reachable(kind: Kind) -> set[State]:
    """Return the states that a case of this kind can come to from its receipt."""
    found, edge = {State.RECEIVED}, [State.RECEIVED]
    while edge:
        state = edge.pop()
        for event in events(kind, state):
            to = step(kind, state, event).to
            if to not in found:
                found.add(to)
                edge.append(to)
    return found


@pytest.mark.parametrize("kind", [Kind.ADMISSION, Kind.ACTIVITY])
def test_every_state_is_reachable(kind: Kind) -> None:
    assert reachable(kind) == set(State)


def test_objection_never_asks_for_a_supplement() -> None:
    assert reachable(Kind.OBJECTION) == set(State) - {State.INCOMPLETE}


@pytest.mark.parametrize(("kind", "state", "event"), ROWS)
def test_letters_of_a_row_have_a_recipient(kind: Kind, state: State, event: Event) -> None:
    letters = step(kind, state, event).letters.split()
    assert [letter for letter in letters if letter not in RECIPIENTS] == []


@pytest.mark.parametrize(("kind", "state", "event"), ROWS)
def test_result_comes_with_the_state_that_ends_the_judging(kind: Kind, state: State, event: Event) -> None:
    row = step(kind, state, event)
    if row.result is not None:
        assert row.to in (State.DECIDED, State.CLOSED)


def test_closed_case_takes_no_event() -> None:
    assert [events(kind, State.CLOSED) for kind in Kind] == [(), (), ()]


def test_every_result_is_given_by_some_row() -> None:
    assert {step(*row).result for row in ROWS} == {None, *Result}


def test_letters_that_move_a_case_when_sent_go_to_the_provider() -> None:
    assert {RECIPIENTS[letter] for letter in ON_SENT} == {"provider"}


def test_move_without_a_row_is_illegal() -> None:
    with pytest.raises(IllegalMove, match="in state closed cannot take the event supplemented"):
        step(Kind.ACTIVITY, State.CLOSED, Event.SUPPLEMENTED)
