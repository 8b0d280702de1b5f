"""A line's signs from left to right, as Unicode's algorithm (and FriBiDi) orders them."""

from __future__ import annotations

import pytest

from pipeline.logo.direction import is_right_to_left, visual
from pipeline.logo.letterforms import joined


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Lezen", "Lezen"),
        ("van אבג naar", "van גבא naar"),
        ("van אבג דה naar", "van הד גבא naar"),
        ("van (אבג) naar", "van (גבא) naar"),
        ("van אבג 3,5 דה", "van הד 3,5 גבא"),
        ("1 - 2 (3)", "1 - 2 (3)"),
        ("", ""),
    ],
)
def test_dutch_line_keeps_its_order_around_what_runs_the_other_way(text: str, shown: str) -> None:
    assert visual(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("אבג (12)", "(12) גבא"),
        ("אבג (12 uur) met", "met (uur 12) גבא"),
        ("אבג: 3,5 RU", "RU 3,5 :גבא"),
        ("אבג in het PO", "in het PO גבא"),
        ("(אבג", "גבא)"),
    ],
)
def test_line_from_right_to_left_keeps_dutch_and_numbers_readable(text: str, shown: str) -> None:
    assert visual(text, right_to_left=True) == shown


def test_mark_of_a_turned_letter_is_drawn_before_it() -> None:
    assert visual("אָב", right_to_left=True) == "ב" + "ָ" + "א"


@pytest.mark.parametrize(
    ("text", "turned"),
    [("אבג Dutch", True), ("12 (אבג)", True), ("Les אבג", False), ("12 - ;", False), ("", False)],
)
def test_direction_is_that_of_the_first_letter(text: str, turned: bool) -> None:
    assert is_right_to_left(text) is turned


def test_arabic_letters_join_in_the_form_their_neighbours_ask_for() -> None:
    assert joined("ببب") == "\ufe91\ufe92\ufe90"  # initial, medial, final
    assert joined("ب") == "\ufe8f"  # isolated
    assert joined("دب") == "\ufea9\ufe8f"  # dal joins nothing after it


def test_mark_does_not_part_two_letters() -> None:
    assert joined("بَب") == "\ufe91\u064e\ufe90"


def test_lam_and_alef_are_one_sign() -> None:
    assert joined("لا") == "\ufefb"
    assert joined("بلا") == "\ufe91\ufefc"


def test_other_scripts_are_left_alone() -> None:
    assert joined("Les 1 עב") == "Les 1 עב"
