"""What is made of outside text, since no picture comes from outside: logos and letters."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO
from typing import Final

from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pipeline.logo.draw import LogoFacts, draw
from tests.fuzz.inputs import fuzzed, texts

BYTES_AT_MOST: Final = 200_000
PIXELS: Final = {"normal": (600, 300), "print": (1800, 900)}
lengthy: Final = texts | st.builds(lambda text, times: text * times, texts, st.sampled_from([1, 100, 50_000]))
hours: Final = st.decimals(min_value=0, max_value=Decimal("1e12"), places=2) | st.sampled_from(
    [Decimal("1e-30"), Decimal("0.00"), Decimal("9" * 300), Decimal("-0")]
)


@fuzzed(25)
@given(
    st.tuples(lengthy, hours, texts, lengthy, lengthy),
    st.sampled_from(["normal", "normal", "normal", "print"]),
)
def test_any_text_is_drawn_within_the_same_bounds(
    told: tuple[str, Decimal, str, str, str], size: str
) -> None:
    png = draw(LogoFacts(*told), "print" if size == "print" else "normal")
    assert len(png) < BYTES_AT_MOST
    with Image.open(BytesIO(png)) as picture:
        assert (picture.format, picture.size) == ("PNG", PIXELS[size])
