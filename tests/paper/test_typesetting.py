"""Whatever people wrote is set as they wrote it, and the same document is the same bytes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.logo.legible import shown
from pipeline.paper import typesetting
from pipeline.paper.blocks import (
    Block,
    Chapter,
    Facts,
    Heading,
    Note,
    Paper,
    Quote,
    Square,
    Table,
    Week,
    Weeks,
)

AT = datetime(2026, 11, 25, 18, 10, tzinfo=UTC)


def paper(text: str, *more: Chapter) -> Paper:
    """Return a document that has a text wherever people's own text may stand."""
    text = shown(text)
    week = Week("nov 2026", [Square(str(day), "counted", "w") for day in range(7)], "7")
    blocks: list[Block] = [
        Heading(f"Naam: {text[:100]}"),
        Note(text),
        Quote(text, text),
        Facts([("naam", text)]),
        Table(("hoofd", "hoofd"), [(text, "")], (1, 2)),
        Weeks([week], [("counted", "w", "telt mee")]),
    ]
    facts = Facts([("naam", text)])
    chapters = [Chapter("Deel", blocks), *more]
    return Paper("Dossier", "A-2026-000001", text, text, "Voor u.", "Intern", "vandaag", facts, chapters)


def test_same_document_and_moment_are_the_same_bytes() -> None:
    assert typesetting.pdf(paper("tekst"), AT) == typesetting.pdf(paper("tekst"), AT)


def test_moment_stands_in_the_file() -> None:
    assert b"2026-11-25T18:10:00" in typesetting.pdf(paper("tekst"), AT)


def test_it_is_an_archive_document() -> None:
    made = typesetting.pdf(paper("tekst"), AT)
    assert made.startswith(b"%PDF-1.7")
    assert b"pdfaid:part>2<" in made
    assert b"pdfuaid:part>1<" in made


@pytest.mark.parametrize(
    "text",
    [
        '#panic("no")',
        '#read("/etc/passwd")',
        '#import "@preview/cetz:0.4.0"',
        "@nobody <label> $ x * _ ` \\ / // [ ] { }",
        '"); #panic("no',
        "",
        "a\nb\n\n\nc",
        "woord" * 400,
    ],
)
def test_markup_of_others_does_nothing(text: str) -> None:
    assert typesetting.pdf(paper(text), AT)


def test_long_story_goes_on_over_pages() -> None:
    story = Chapter("Verhaal", [Quote("Programma", "een lang verhaal " * 2000)])
    assert len(typesetting.pdf(paper("", story), AT)) > 2 * len(typesetting.pdf(paper(""), AT))


@settings(max_examples=15)
@given(st.text(max_size=80))
def test_whatever_can_be_typed_can_be_set(text: str) -> None:
    assert typesetting.pdf(paper(text), AT)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("poëzie 😀 العربية", "poëzie 😀 العربية"),
        ("中", "[U+4E2D]"),
        ("ส\u0e31", "[U+0E2A][U+0E31]"),
        ("a\u202eb\x00c\u200d", "abc"),
        ("een\r\ntwee\tdrie\n", "een\ntwee    drie\n"),
    ],
)
def test_sign_that_no_font_has_is_spelled_out(text: str, expected: str) -> None:
    assert shown(text) == expected
