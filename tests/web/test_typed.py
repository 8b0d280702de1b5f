"""Whatever people typed shows on the page as text, and acts nowhere."""

from __future__ import annotations

from tests.web.browser import Browser
from tests.web.furnish import Furniture

HOSTILE = "<script>alert(1)</script> {{ 7*7 }} {% if x %}</h3>\"'&amp; \u202egnitset\x07"


def test_nothing_that_people_typed_acts(browser: Browser, furniture: Furniture) -> None:
    furniture.case("A-2026-000001", title=HOSTILE, provider=furniture.provider(HOSTILE + "2"))
    furniture.registration("10000012", title=HOSTILE, provider=HOSTILE)
    furniture.task("late", HOSTILE)
    furniture.refused(HOSTILE, got=HOSTILE, event_id=HOSTILE, source=HOSTILE, type=HOSTILE)

    page = browser.page()

    assert page.all("script", "src") == ["/page.js"]
    assert [tag for tag, _ in page.elements].count("script") == 1
    for part in ("due", "registrations", "tasks", "refused"):
        assert "<script>alert(1)</script> {{ 7*7 }} {% if x %}</h3>\"'&amp;" in page.text(part)
        assert "\x07" not in page.text(part)


def test_text_that_turns_the_direction_of_writing_turns_only_itself(
    browser: Browser, furniture: Furniture
) -> None:
    furniture.case("A-2026-000001", title="Lezen \u202eraak")

    title = browser.page().text("due-A-2026-000001")

    assert "\u2068Lezen \u202eraak\u202c\u2069" in title


def test_title_of_300_characters_is_shortened(browser: Browser, furniture: Furniture) -> None:
    furniture.case("A-2026-000001", title="woord " * 50)

    assert "woord woord…" in browser.page().text("due")
    assert browser.page().text("due").count("woord") == 15


def test_page_has_no_inline_script_or_style(browser: Browser, furniture: Furniture) -> None:
    furniture.case("A-2026-000001")
    page = browser.page()

    handlers = [
        name for _, named in page.elements for name in named if name.startswith("on") or name == "style"
    ]
    assert handlers == []
    assert [tag for tag, _ in page.elements if tag == "style"] == []


def test_everything_that_has_an_id_has_its_own(browser: Browser, furniture: Furniture) -> None:
    furniture.case("A-2026-000001")
    ids = [str(named["id"]) for _, named in browser.page().elements if "id" in named]

    assert sorted(ids) == sorted(set(ids))


def test_every_link_within_the_page_leads_somewhere(browser: Browser) -> None:
    page = browser.page()
    ids = [f"#{named['id']}" for _, named in page.elements if "id" in named]

    assert [link for link in page.all("a", "href") if str(link).startswith("#") and link not in ids] == []
