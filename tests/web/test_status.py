"""The page as JSON, for its script and for whoever watches: looked up once a second."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.store import tables
from tests.stages import System
from tests.web.browser import Browser
from tests.web.conftest import QuietRedis
from tests.web.furnish import Furniture


def test_status_tells_the_same_as_plain_facts(browser: Browser, furniture: Furniture) -> None:
    case = furniture.case("A-2026-000001")
    furniture.asked(case, "r017", "Hilde van Loon", date(2026, 12, 3))

    told = browser.status()

    assert told["clock"] == {"now": "2026-11-24T12:00:00Z", "simulated": True, "held": False}
    assert told["shown"] == {"now": "dinsdag 24 november 2026 om 13.00 uur", "looked_at": "13.00.00 uur"}
    assert (told["workers"], told["away"], told["told"]) == (1, [], [])
    assert told["queues"][0] == {"queue": "intake", "waiting": 0, "unacked": 0}
    assert told["casework"]["due"] == [
        {
            "case": "A-2026-000001",
            "kind": "activity",
            "state": "in_review",
            "title": "Interne cultuurcoördinator",
            "provider": "Stichting Klankkleur",
            "due_on": "2026-12-07",
            "days_left": 13,
            "waits_for": [
                {"what": "verdict", "who": "Hilde van Loon (r017)", "by": "2026-12-03", "times": 1}
            ],
        }
    ]


def test_digest_changes_with_the_page_and_not_with_the_clock(
    browser: Browser, made: System, furniture: Furniture
) -> None:
    before = browser.status()
    made.clock.tick(2)
    later = browser.status()
    furniture.letter("sent")
    made.clock.tick(2)
    changed = browser.status()

    assert later["looked_at"] > before["looked_at"]
    assert later["digest"] == before["digest"] != changed["digest"]
    assert browser.page().all("main", "data-digest") == [changed["digest"]]


def test_however_many_watch_there_is_one_look_a_second(
    browser: Browser, made: System, quiet: QuietRedis
) -> None:
    for path in ("/", "/status.json", "/healthz", "/"):
        browser.ask(path)
    assert quiet.asked == 1

    made.clock.tick(1)
    browser.ask("/")
    assert quiet.asked == 2

    made.clock.tick(-5)  # the machine's clock was put right
    browser.ask("/")
    assert quiet.asked == 3


@pytest.mark.parametrize("path", ["/", "/status.json", "/healthz"])
def test_how_things_stand_is_kept_by_nobody(browser: Browser, path: str) -> None:
    assert browser.ask(path).headers["cache-control"] == "no-store"


def test_page_says_first_that_nothing_is_mailed_and_how_much_waits(
    browser: Browser, made: System, furniture: Furniture
) -> None:
    assert browser.page().text("not-mailed") == ""
    furniture.letter("held")
    with made.app.database.writing() as connection:
        connection.execute(tables.home.update().values(held_at=made.app.clock.now()))
    made.clock.tick(2)

    assert "wordt vastgehouden" in browser.page().text("not-mailed")
    assert browser.page().text("not-mailed").endswith("Nu wacht 1 brief.")
    assert browser.status()["casework"]["mailing"]["why_not"] == "held"
