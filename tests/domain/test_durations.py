"""How long work takes: learned from what is over and from what is not, and presumed while that is little."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.durations import AGES, Durations, Spell, ratio, share

SPELLS = st.lists(st.builds(Spell, st.floats(0, 200), st.booleans()), max_size=20)


def _over(*days: float) -> tuple[Spell, ...]:
    return tuple(Spell(each, is_over=True) for each in days)


@given(SPELLS, st.floats(0, 60), st.floats(0, 2 * AGES), st.floats(0.2, 5))
def test_chance_is_one_and_grows_with_time(
    spells: list[Spell], more: float, elapsed: float, speed: float
) -> None:
    durations = Durations(tuple(spells), 12)
    assert 0 <= durations.within(more, elapsed, speed) <= durations.within(more + 1, elapsed, speed) <= 1


def test_nothing_ends_in_no_time() -> None:
    assert Durations(_over(3, 5), 12).within(0, 4) == 0


def test_without_a_past_half_is_over_after_what_is_presumed() -> None:
    assert Durations((), 10).within(7) == pytest.approx(0.5, abs=0.01)


def test_many_observations_outweigh_what_is_presumed() -> None:
    assert Durations(_over(*[30] * 200), 5).within(20) < 0.1 < 0.9 < Durations((), 5).within(20)


def test_work_that_goes_on_makes_all_work_slower() -> None:
    over = _over(*[4.0] * 20)
    goes_on = (Spell(30.0, is_over=False),) * 20
    assert Durations((*over, *goes_on), 12).within(10) < Durations(over, 12).within(10) - 0.2


def test_share_that_is_over_within_some_days_is_told_back() -> None:
    durations = Durations(_over(*[float(day) for day in range(1, 11)] * 40), 12)
    assert durations.within(5) == pytest.approx(0.5, abs=0.05)


def test_work_that_has_passed_the_usual_time_is_judged_by_what_was_as_old() -> None:
    late = Durations(_over(*[3.0] * 100, *[40.0] * 30), 12)
    assert late.within(5, elapsed=0) > 0.6 > 0.2 > late.within(5, elapsed=20)


def test_as_many_ends_are_expected_as_there_were() -> None:
    durations = Durations(_over(*[float(day) for day in range(1, 21)] * 30), 12)
    assert sum(durations.expected(one) for one in durations.spells) == pytest.approx(600, rel=0.05)


def test_ratio_of_few_is_close_to_what_is_usual_and_of_many_to_what_was_seen() -> None:
    assert 1 < ratio(2, 1) < 1.2 < 1.9 < ratio(200, 100) < 2


def test_share_of_few_is_close_to_what_is_usual_and_of_many_to_what_was_seen() -> None:
    assert 0.1 < share(1, 1, 0.1) < 0.25
    assert share(300, 1000, 0.1) == pytest.approx(0.3, abs=0.01)
