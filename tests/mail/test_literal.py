"""What people type stands in a letter as they typed it, and moves nothing around it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.mail.literal import literal, one_line, shortened


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("regel\r\ntwee\rdrie\u2028vier", "regel\ntwee\ndrie\nvier"),
        ("tab\tblijft", "tab\tblijft"),
        ("bel\x07 en \x1b[31m", "bel\ufffd en \ufffd[31m"),
        ("half \ud83d teken", "half \ufffd teken"),
        ("Zing 🎵", "Zing 🎵"),
        ("van עברית naar", "\u2068van עברית naar\u2069"),
        ("\u202eomgekeerd", "\u2068\u202eomgekeerd\u202c\u2069"),
        ("los\u202c\u2069", "\u2068los\u2069"),
        ("\u2066een\u202c twee", "\u2068\u2066een twee\u2069\u2069"),
        ("één\nעברית", "één\n\u2068עברית\u2069"),
    ],
)
def test_text_shows_and_does_not_act(typed: str, shown: str) -> None:
    assert literal(typed) == shown


@given(st.text(st.characters()))
def test_no_text_leaves_a_direction_open(text: str) -> None:
    for line in literal(text).split("\n"):
        open_ends: list[str] = []
        for sign in line:
            if sign in "\u202a\u202b\u202d\u202e":
                open_ends.append("\u202c")
            elif sign in "\u2066\u2067\u2068":
                open_ends.append("\u2069")
            elif sign in "\u202c\u2069":
                assert open_ends.pop() == sign
        assert open_ends == []


def test_line_has_single_spaces() -> None:
    assert one_line("  een\r\n twee\t\tdrie ") == "een twee drie"


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("kort", 10, "kort"),
        ("een heel lange titel", 12, "een heel…"),
        ("x" * 20, 10, "x" * 9 + "…"),
        ("aaaaaaaae\u0301bbbb", 10, "aaaaaaaa…"),
    ],
)
def test_long_text_is_cut_between_words_and_never_inside_a_sign(text: str, limit: int, shown: str) -> None:
    assert shortened(text, limit) == shown


@given(st.text(st.characters()), st.integers(2, 100))
def test_shortened_text_is_one_line_within_its_limit(text: str, limit: int) -> None:
    line = shortened(text, limit)
    assert len(line) <= limit
    assert "\n" not in line


def test_shortened_a_text_without_end_is_read_at_its_beginning_only() -> None:
    assert shortened("ab " * 100_000, 10) == "ab ab ab…"
    assert shortened(" " * 100_000 + "ab", 10) == "…"
    assert shortened("ab" + " " * 100_000 + "cd", 10) == "ab…"
