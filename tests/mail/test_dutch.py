"""Dutch as letters write it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from pipeline.mail import dutch


def test_day_is_written_out() -> None:
    assert dutch.day(date(2026, 12, 7)) == "maandag 7 december 2026"
    assert dutch.dated(date(2027, 3, 1)) == "1 maart 2027"


@pytest.mark.parametrize(
    ("parts", "written"), [(["a"], "a"), (["a", "b"], "a en b"), (["a", "b", "c"], "a, b en c")]
)
def test_parts_of_a_sentence_are_listed(parts: list[str], written: str) -> None:
    assert dutch.listed(parts) == written


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (datetime(2026, 11, 6, 9, 12, tzinfo=UTC), "vrijdag 6 november 2026 om 10.12 uur"),
        (datetime(2026, 7, 31, 22, 5, tzinfo=UTC), "zaterdag 1 augustus 2026 om 0.05 uur"),
    ],
)
def test_moment_is_told_in_dutch_time(moment: datetime, written: str) -> None:
    assert dutch.moment(moment) == written


@pytest.mark.parametrize(
    ("amount", "written"), [("15.50", "15,5"), ("12", "12"), ("1E+2", "100"), ("0.25", "0,25")]
)
def test_hours_have_a_comma(amount: str, written: str) -> None:
    assert dutch.hours(Decimal(amount)) == written


@pytest.mark.parametrize(
    ("days", "written"),
    [(-1, "1 dag geleden"), (-3, "3 dagen geleden"), (0, "vandaag"), (1, "morgen"), (5, "over 5 dagen")],
)
def test_days_left_are_told_as_people_say_them(days: int, written: str) -> None:
    assert dutch.days_left(days) == written


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("J. van der Aa", "Van der Aa"),
        ("M. van ’t Hoff", "Van ’t Hoff"),
        ("Fenna Dijkstra", "Dijkstra"),
        ("Anna de Vries-Jansen", "De Vries-Jansen"),
        ("drs. P.J. Bakker", "Bakker"),
        ("prof. dr. A. El Idrissi", "El Idrissi"),
        ("d'Artagnan", "D'Artagnan"),
        ("Mohammed Ali Hassan", "Mohammed Ali Hassan"),
        ("Bakker, J.", "Bakker, J."),
        ("Bakker", "Bakker"),
        ("", ""),
    ],
)
def test_surname_is_what_stands_after_a_title_and_is_never_guessed(name: str, family: str) -> None:
    assert dutch.surname(name) == family


@pytest.mark.parametrize(
    ("name", "form", "written"),
    [
        ("J. de Boer", "heer", "Geachte heer De Boer,"),
        ("J. de Boer", "mevrouw", "Geachte mevrouw De Boer,"),
        ("J. de Boer", None, "Geachte heer of mevrouw De Boer,"),
        (None, None, "Geachte heer of mevrouw,"),
        ("<b>\nBcc: x", "heer", "Geachte heer <b> Bcc: x,"),
    ],
)
def test_salutation_addresses_people_as_they_asked(name: str | None, form: str | None, written: str) -> None:
    assert dutch.salutation(name, form) == written
