"""The logo as a picture: its size, its weight, and what it does with whatever people type."""

from __future__ import annotations

import zlib
from dataclasses import replace
from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pipeline.logo import faces
from pipeline.logo.artwork import PANEL
from pipeline.logo.draw import LEFT, LogoFacts, Size, draw, grouped, hours, told
from pipeline.logo.faces import line, shrunk, wrapped
from pipeline.logo.legible import legible

FACTS = LogoFacts(
    "Registerleraar", Decimal("15.5"), "10000012", "Stichting Klankkleur", "Interne cultuurcoördinator"
)
LONG = (
    "Van leerdoel tot toets en weer terug: een cursus voor docenten die hun eigen toetsen willen onderzoeken "
    * 3
)
ODD = [
    LONG,
    "Zing 🎵 beweeg 💃 speel 🥁 — muziek voor het jonge kind",
    "Nieuwkomers leren lezen: van العربية en עברית naar het Nederlandse schrift",
    "עברית לכיתה א (12 uur)",
    "poe\u0308zie, ĳzersterk, ﬁjn, 𝐀, Ǻ, ½, → ✓",
    "<script>alert(1)</script> {{ 7*7 }}",
    "x" * 300,
    "W" * 300,
    "\u202enoot\u202c \u200b\x07 a\nb\tc \ud800",
    "中文",
    "",
    " ",
]


def picture(facts: LogoFacts, size: Size = "normal") -> Image.Image:
    return Image.open(BytesIO(draw(facts, size)))


def pixels(facts: LogoFacts, box: tuple[int, int, int, int]) -> bytes:
    """What is drawn inside a box, in colours."""
    return picture(facts).convert("RGBA").crop(box).tobytes()


@pytest.mark.parametrize(("size", "expected"), [("normal", (600, 300)), ("print", (1800, 900))])
def test_picture_is_a_png_of_the_promised_size(size: Size, expected: tuple[int, int]) -> None:
    made = picture(FACTS, size)
    assert (made.format, made.size) == ("PNG", expected)


def test_both_sizes_are_equally_large_on_paper() -> None:
    inches = [made.size[0] / made.info["dpi"][0] for made in (picture(FACTS), picture(FACTS, "print"))]
    assert inches == pytest.approx([6, 6], rel=0.001)


@pytest.mark.parametrize("title", ODD)
@pytest.mark.parametrize(("size", "most"), [("normal", 10 * 1024), ("print", 40 * 1024)])
def test_picture_stays_light_whatever_the_title(title: str, size: Size, most: int) -> None:
    assert len(draw(replace(FACTS, title=title, provider=title), size)) <= most


@pytest.mark.parametrize("text", ODD)
def test_no_text_reaches_the_border_the_panel_or_the_number(text: str) -> None:
    """The margins of a logo with odd texts are those of a logo without any."""
    full = replace(FACTS, title=text, provider=text)
    bare = replace(FACTS, title="", provider="")
    for box in ((0, 0, LEFT - 3, 300), (577, 0, 600, 300), (0, 0, 600, 190), (0, 285, 600, 300)):
        assert pixels(full, box) == pixels(bare, box)


@pytest.mark.parametrize("amount", ["0.5", "15.5", "120.25", "123456789.125", "1" * 60, "1E+3"])
def test_hours_stay_on_their_panel(amount: str) -> None:
    made, other = (replace(FACTS, total_hours=Decimal(hours)) for hours in (amount, "7"))
    assert pixels(made, (PANEL, 0, 600, 300)) == pixels(other, (PANEL, 0, 600, 300))
    assert pixels(made, (0, 0, 14, 300)) == pixels(other, (0, 0, 14, 300))


def test_same_facts_give_the_same_bytes() -> None:
    assert draw(FACTS) == draw(replace(FACTS))
    assert draw(FACTS, "print") == draw(replace(FACTS), "print")


@pytest.mark.parametrize(
    "other",
    [{"total_hours": Decimal("15.6")}, {"number": "10000013"}, {"title": "Anders"}, {"provider": "Anders"}],
)
def test_other_facts_give_another_picture(other: dict[str, str]) -> None:
    assert picture(replace(FACTS, **other)).tobytes() != picture(FACTS).tobytes()  # type: ignore[arg-type]


def test_edges_are_smooth() -> None:
    """Text is more than ink and paper: the greys between are what makes it smooth."""
    assert len(picture(FACTS).crop((LEFT, 125, 460, 170)).getcolors() or []) > 8


def test_corners_are_see_through_and_the_rest_is_not() -> None:
    made = picture(FACTS).convert("RGBA")
    assert [made.getpixel(place)[3] for place in ((0, 0), (599, 299), (300, 150))] == [0, 0, 255]  # type: ignore[index]


def test_picture_says_in_words_what_it_shows() -> None:
    assert picture(FACTS).info["Description"] == told(FACTS)
    assert told(FACTS) == (
        "Registerleraar: gevalideerde activiteit, 15,5 RU, activiteitnummer 1000 0012. "
        "Interne cultuurcoördinator (Stichting Klankkleur)"
    )


def test_long_name_of_a_register_stands_on_two_lines_above_its_caption() -> None:
    long = replace(FACTS, register_name="Register van leraren en schoolleiders in Nederland")
    assert pixels(long, (0, 65, 600, 300)) == pixels(FACTS, (0, 65, 600, 300))


def test_hours_that_are_no_number_are_refused() -> None:
    with pytest.raises(ValueError, match="no amount of hours"):
        draw(replace(FACTS, total_hours=Decimal("NaN")))


@pytest.mark.parametrize(
    ("amount", "shown"), [("15.50", "15,5"), ("46", "46"), ("1E+1", "10"), ("0.25", "0,25"), ("100", "100")]
)
def test_hours_have_a_decimal_comma_and_no_idle_zeros(amount: str, shown: str) -> None:
    assert hours(Decimal(amount)) == shown


@pytest.mark.parametrize(
    ("number", "shown"), [("10000012", "1000 0012"), ("1234", "1234"), ("123456", "1234 56"), ("", "")]
)
def test_number_is_grouped_by_four(number: str, shown: str) -> None:
    assert grouped(number) == shown


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("  twee   woorden\n\tregel ", "twee woorden regel"),
        ("poe\u0308zie", "poëzie"),
        ("ĳzer ½ →", "ĳzer ½ →"),
        ("𝐀cademie", "Academie"),
        ("\u202eteksT\u202c\u200d\ufeff", "teksT"),
        ("👍🏽 ok ❤\ufe0f", "👍 ok ❤"),
        ("les 中文 drie", "les drie"),
        ("a\ud800b\x00c", "abc"),
        ("עברית", "עברית"),
    ],
)
def test_what_cannot_be_seen_or_drawn_is_left_out(typed: str, shown: str) -> None:
    assert legible(typed) == shown


@given(st.text(max_size=400))
@settings(max_examples=150)
def test_any_text_fits_on_its_lines(text: str) -> None:
    for part in wrapped(legible(text), "small-print", 17, 348, 2):
        assert part.width <= 348


@given(st.text(st.characters(codec="utf-8"), max_size=60), st.booleans())
@settings(max_examples=80)
def test_any_text_is_laid_out_with_and_without_fribidi(text: str, turned: bool) -> None:
    for raqm in (True, False):
        assert line(legible(text), "small-print", 14, right_to_left=turned, raqm=raqm).width >= 0


def test_text_is_broken_between_words_and_ends_in_an_ellipsis() -> None:
    lines = wrapped(LONG.strip(), "small-print", 17, 348, 2)
    first, second = (part.text for part in lines)
    assert LONG.startswith(f"{first} ")
    assert second.endswith("…")
    assert LONG.startswith(f"{first} {second[:-1]}")


def test_word_too_long_for_a_line_is_broken() -> None:
    assert "".join(part.text for part in wrapped("x" * 60, "small-print", 17, 348, 3)) == "x" * 60


def test_mark_stays_with_its_sign_where_a_text_is_cut() -> None:
    cut = wrapped("q\u0307" * 200, "small-print", 17, 348, 1)[0].text
    assert cut.removesuffix("…").endswith("\u0307")
    assert faces._longest("abq\u0307", lambda text: len(text) <= 3, "") == 2


def test_shrunk_text_is_as_large_as_it_fits() -> None:
    small = shrunk("1234567,5", "display", 80, 160, 9)
    assert 9 < small.size < 80
    assert 150 < small.width <= 160


def test_data_of_the_png_is_packed_well() -> None:
    """Under one bit a pixel: a picture of few shades."""
    raw = picture(FACTS).tobytes()
    assert len(zlib.compress(raw)) < 600 * 300 / 8
