"""No line of the log shows whom a letter goes to, or a password."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.logs.masking import Mask, masked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("to jan.de.vries@school.example now", "to j…@school.example now"),
        ("<jan@school.example>: rejected", "<j…@school.example>: rejected"),
        ("j@school.example", "j…@school.example"),
        ("{'to': 'o'brien@school.example'}", "{'to': 'o'b…@school.example'}"),
        ("jérôme+les@bücher.example", "j…@bücher.example"),
        ('"jan de vries"@school.example', '"…"@school.example'),
        (r"\"jan de vries\"@school.example", '"…"@school.example'),
        ("jan'@school.example", "jan…@school.example"),
        ("/letters?to=jan%40school.example", "/letters?to=j…@school.example"),
        ("mailto:jan@[192.0.2.1]", "mailto:j…@[192.0.2.1]"),
        ("a@b.example,c@d.example", "a…@b.example,c…@d.example"),
        ("redis://:hunter22@cache.example:6379/0", "redis://:***@cache.example:6379/0"),
        ("postgresql+psycopg://p:p@ss/w:rd@db.example/x", "postgresql+psycopg://p:***@db.example/x"),
        ("smtp://jan%40school.example:hunter22@relay", "smtp://j…@school.example:***@relay"),
        ("redis://cache/0?password=hunter22&db=1", "redis://cache/0?password=***&db=1"),
        ("at 3 @ 4, or @here, or a@ b", "at 3 @ 4, or @here, or a@ b"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/"),
    ],
)
def test_masked_hides_the_local_part_and_the_password(text: str, shown: str) -> None:
    assert masked(text) == shown


local_parts = st.text(
    st.characters(categories=["L", "N"]) | st.sampled_from("!#$%&'*+-/=?^_`{|}~."), min_size=1
)


@given(st.text(), local_parts, st.text())
def test_masked_no_address_survives_whatever_stands_around_it(before: str, local: str, after: str) -> None:
    address = f"{local}@school.example"
    assert address not in masked(f"{before}{address}{after}")


def test_masked_a_long_text_is_looked_at_once() -> None:
    for sign in ("a", '"', "@", "a@", "://", "a://:", "%40", "password="):
        assert len(masked(sign * 100_000 + "@")) <= 600_000


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"to": ["jan@school.example"]}, {"to": ["j…@school.example"]}),
        (("jan@school.example", 3, None, True, 1.5), ["j…@school.example", 3, None, True, 1.5]),
        (ValueError("no jan@school.example"), "ValueError('no j…@school.example')"),
        (b"jan@school.example", "b'j…@school.example'"),
        ("login with hunter22!", "login with ***!"),
        ({"hunter22": 1}, {"***": 1}),
    ],
)
def test_mask_hides_it_however_deep(value: object, shown: object) -> None:
    assert Mask({"hunter22", "abc"})(None, "info", {"event": value}) == {"event": shown}


def test_mask_a_secret_within_another_is_hidden_whole() -> None:
    assert Mask({"hunter22", "hunter22plus"})(None, "info", {"event": "hunter22plus"}) == {"event": "***"}


def test_mask_a_secret_that_is_half_a_word_hides_no_words() -> None:
    assert Mask({"abc"})(None, "info", {"event": "abcdef"}) == {"event": "abcdef"}
