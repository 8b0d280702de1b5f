"""The lifecycle table holds together."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.broker.queues import ACTORS
from pipeline.domain.lifecycle import (
    INBOUND,
    ON_SENT,
    RECIPIENTS,
    TABLES,
    Event,
    Kind,
    Result,
    State,
    events,
    step,
)
from pipeline.errors import IllegalMove

LETTERS = Path(__file__).parents[2] / "pipeline" / "templates" / "mail"
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


def test_founded_objection_is_told_whether_or_not_it_brings_a_logo() -> None:
    told = [step(Kind.OBJECTION, State.DECIDED, event) for event in (Event.LOGO_DRAWN, Event.NO_LOGO_NEEDED)]
    assert {(row.to, row.letters) for row in told} == {(State.DECIDED, "objection_decided")}


def test_every_event_is_taken_in_some_state() -> None:
    assert {event for _, _, event in ROWS} == set(Event)


@pytest.mark.parametrize(("kind", "state", "event"), [(k, s, e) for k in Kind for s in State for e in Event])
def test_event_is_handled_or_refused_in_every_state(kind: Kind, state: State, event: Event) -> None:
    if event in events(kind, state):
        assert step(kind, state, event) is TABLES[kind][state, event]
    else:
        with pytest.raises(IllegalMove):
            step(kind, state, event)


def test_reviewer_may_recuse_wherever_a_verdict_may_be_given() -> None:
    taken = {event: {(k, s) for k, s, e in ROWS if e is event} for event in INBOUND}
    assert taken[Event.VERDICT_GIVEN] == taken[Event.RECUSED]


@pytest.mark.parametrize(("kind", "state", "event"), ROWS)
def test_wake_of_a_row_names_an_actor(kind: Kind, state: State, event: Event) -> None:
    wake = step(kind, state, event).wake
    assert wake in ("", *ACTORS)


@pytest.mark.parametrize("letter", RECIPIENTS)
def test_letter_has_its_three_files(letter: str) -> None:
    assert {path.name for path in (LETTERS / letter).iterdir()} == {"subject.txt", "body.txt", "body.html"}


def test_every_folder_of_templates_is_a_letter() -> None:
    assert {path.name for path in LETTERS.iterdir()} - {"_base"} == set(RECIPIENTS)


def test_every_effect_on_the_term_is_one_that_is_known() -> None:
    assert {step(*row).term for row in ROWS} == {"", "pause", "resume", "extend", "meet"}


@pytest.mark.parametrize(("kind", "state", "event"), ROWS)
def test_case_is_closed_as_its_term_is_met(kind: Kind, state: State, event: Event) -> None:
    row = step(kind, state, event)
    assert (row.to is State.CLOSED) == (row.term == "meet")


@pytest.mark.parametrize(("kind", "state", "event"), ROWS)
def test_decision_is_told_by_a_letter_or_waits_for_its_logo(kind: Kind, state: State, event: Event) -> None:
    row = step(kind, state, event)
    tells = [letter for letter in row.letters.split() if ON_SENT.get(letter) is Event.DECISION_SENT]
    if row.to is State.DECIDED and row.result is not None:
        assert len(tells) == (0 if row.wake == "draw_logo" else 1)
