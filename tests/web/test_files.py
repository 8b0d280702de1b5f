"""Pictures and files are sent once and then only asked after."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from PIL import Image

from pipeline.store import tables
from tests.stages import System
from tests.web.browser import Browser
from tests.web.furnish import PNG, Furniture


def test_logo_is_sent_once_and_then_asked_after(browser: Browser, furniture: Furniture) -> None:
    furniture.registration("10000012")

    first = browser.ask("/logos/10000012.png")
    tag = first.headers["etag"]
    again = browser.ask("/logos/10000012.png", if_none_match=f'"other", W/{tag}')

    assert (first.status_code, first.headers["content-type"], first.content) == (200, "image/png", PNG)
    assert first.headers["cache-control"] == again.headers["cache-control"] == "no-cache"
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert browser.ask("/logos/10000012.png", if_none_match="*").status_code == 304
    assert browser.ask("/logos/10000012.png", if_none_match='"other"').status_code == 200


def test_print_size_is_drawn_when_first_asked_for(
    browser: Browser, furniture: Furniture, made: System
) -> None:
    furniture.registration("10000012")

    first = browser.ask("/logos/10000012-print.png").content
    with made.app.database.reading() as connection:
        kept = connection.execute(tables.logos.select().where(tables.logos.c.size == "print")).one()

    assert Image.open(BytesIO(first)).size == (1800, 900)
    assert browser.ask("/logos/10000012-print.png").content == first == kept.png


@pytest.mark.parametrize("number", ["10000020", "1000001", "１０００００１２", "10000012-", "..%2F..", "%00"])
@pytest.mark.parametrize("size", ["", "-print"])
def test_logo_of_nothing_in_effect_is_not_there(
    browser: Browser, furniture: Furniture, number: str, size: str
) -> None:
    furniture.registration("10000020", state="pending")

    assert browser.ask(f"/logos/{number}{size}.png").status_code == 404


@pytest.mark.parametrize(
    ("name", "kind"),
    [("page.css", "text/css"), ("page.js", "text/javascript"), ("icon.svg", "image/svg+xml")],
)
def test_files_of_the_page_are_kept_until_they_change(browser: Browser, name: str, kind: str) -> None:
    first = browser.ask(f"/{name}")

    assert first.headers["content-type"].startswith(kind)
    assert browser.ask(f"/{name}", if_none_match=first.headers["etag"]).status_code == 304


def test_script_finds_every_part_that_it_looks_for(browser: Browser) -> None:
    looked_for = re.findall(r'(?:at|say|getElementById)\("([a-z-]+)"', browser.ask("/page.js").text)
    there = {named["id"] for _, named in browser.page().elements if "id" in named}

    assert set(looked_for) == {"board", "connection", "looked-at", "now", "pause"}
    assert set(looked_for) <= there


def test_deadlines_are_a_calendar_that_is_only_asked_after(browser: Browser, furniture: Furniture) -> None:
    first = browser.ask("/deadlines.ics")
    tag = first.headers["etag"]

    assert first.headers["content-type"] == "text/calendar; charset=utf-8"
    assert first.content.startswith(b"BEGIN:VCALENDAR\r\n")
    assert (first.headers["cache-control"], first.headers["x-content-type-options"]) == (
        "no-cache",
        "nosniff",
    )
    assert browser.ask("/deadlines.ics", if_none_match=tag).status_code == 304
