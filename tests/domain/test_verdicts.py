"""So many equal verdicts decide; else one more reviewer; else a named human, never a guess."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.hours import Hours
from pipeline.domain.lifecycle import Event, Kind, State, step
from pipeline.domain.verdicts import Verdict, places, weigh

E = Event
ASKED = Hours(Decimal("10"), Decimal("2"))


def given_verdicts(text: str) -> list[Verdict]:
    """Read ``approve:10+2 reject`` as the verdicts of r1 and r2."""
    found = []
    for number, word in enumerate(text.split(), start=1):
        verdict, _, amount = word.partition(":")
        contact, _, self_study = amount.partition("+")
        hours = Hours(Decimal(contact), Decimal(self_study)) if amount else None
        found.append(Verdict(f"r{number}", verdict, hours, None))
    return found


@pytest.mark.parametrize(
    ("said", "event", "in_all"),
    [
        ("", None, 2),
        ("approve:10+2", None, 2),
        ("approve:10+2 approve:10+2", E.AGREED_TO_GRANT, 2),
        ("approve:10+2 approve:10.0+2.00", E.AGREED_TO_GRANT, 2),
        ("approve:8+2 approve:8+2", E.AGREED_TO_GRANT, 2),
        ("approve:10+2 approve:8+4", E.DISAGREED, 3),  # the same total is not the same hours
        ("approve:10+2 reject", E.DISAGREED, 3),
        ("defer defer", E.AGREED_TO_DEFER, 2),
        ("reject reject", E.AGREED_TO_REJECT, 2),
        ("approve:10+2 reject reject", E.AGREED_TO_REJECT, 2),
        ("reject approve:10+2 approve:10+2", E.AGREED_TO_GRANT, 2),
        ("approve:10+2 reject defer", E.UNDECIDED, 3),
        ("approve:10+2 approve:9+2 approve:8+2", E.UNDECIDED, 3),
    ],
)
def test_two_equal_verdicts_decide_an_activity(said: str, event: Event | None, in_all: int) -> None:
    weighed = weigh(Kind.ACTIVITY, given_verdicts(said), 2, ASKED)
    assert (weighed.event, weighed.places) == (event, in_all)


@pytest.mark.parametrize(
    ("said", "agreed"),
    [("approve:10+2 reject reject", ("r2", "r3")), ("defer approve:10+2", ()), ("", ())],
)
def test_those_who_agreed_are_named(said: str, agreed: tuple[str, ...]) -> None:
    weighed = weigh(Kind.ACTIVITY, given_verdicts(said), 2, ASKED)
    assert tuple(verdict.reviewer for verdict in weighed.agreed) == agreed


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ("approve", "1 equal verdicts"),
        ("", ""),
    ],
)
def test_one_verdict_decides_an_admission(said: str, rule: str) -> None:
    weighed = weigh(Kind.ADMISSION, given_verdicts(said), 1)
    assert (weighed.event, weighed.rule) == (E.AGREED_TO_GRANT if said else None, rule)


@pytest.mark.parametrize(
    ("said", "event"),
    [
        ("approve", E.AGREED_TO_GRANT),
        ("approve:10+2", E.AGREED_TO_GRANT),
        ("approve:12+0", E.AGREED_TO_GRANT),
        ("approve:10+1.5", E.AGREED_TO_GRANT_IN_PART),
        ("reject", E.AGREED_TO_REJECT),
    ],
)
def test_objection_is_founded_in_part_below_the_hours_asked(said: str, event: Event) -> None:
    assert weigh(Kind.OBJECTION, given_verdicts(said), 1, ASKED).event is event


def test_objection_about_an_admission_has_no_hours_to_be_below() -> None:
    assert weigh(Kind.OBJECTION, given_verdicts("approve"), 1).event is E.AGREED_TO_GRANT


@pytest.mark.parametrize(("said", "in_all"), [("", 2), ("defer", 2), ("defer defer", 2), ("defer reject", 3)])
def test_one_more_place_only_when_verdicts_differ(said: str, in_all: int) -> None:
    assert places(given_verdicts(said), 2) == in_all


words = st.sampled_from(["approve:10+2", "approve:9+2", "defer", "reject"])


@given(st.sampled_from([Kind.ADMISSION, Kind.ACTIVITY]), st.integers(1, 3), st.lists(words, max_size=4))
def test_every_outcome_is_a_move_that_the_table_knows(kind: Kind, needed: int, said: list[str]) -> None:
    weighed = weigh(kind, given_verdicts(" ".join(said[: needed + 1])), needed, ASKED)
    if weighed.event is not None:
        assert step(kind, State.IN_REVIEW, weighed.event)


@given(st.integers(2, 3), st.lists(words, max_size=4), st.data())
def test_order_of_the_verdicts_does_not_matter(needed: int, said: list[str], data: st.DataObject) -> None:
    verdicts = given_verdicts(" ".join(said[: needed + 1]))
    mixed = data.draw(st.permutations(verdicts))
    one, other = weigh(Kind.ACTIVITY, verdicts, needed), weigh(Kind.ACTIVITY, mixed, needed)
    assert (one.event, one.places, set(one.agreed)) == (other.event, other.places, set(other.agreed))
