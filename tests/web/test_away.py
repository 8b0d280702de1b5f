"""A part that is away, or a fault of ours, is told calmly; all else still shows."""

from __future__ import annotations

import pytest
import redis
from sqlalchemy.exc import TimeoutError as PoolTimeout

from pipeline.casework import dashboard
from pipeline.store import tables
from pipeline.web.site import build
from tests.stages import System
from tests.web.browser import Browser
from tests.web.conftest import QuietRedis
from tests.web.furnish import Furniture


def test_without_redis_the_page_shows_what_the_database_knows(
    browser: Browser, quiet: QuietRedis, furniture: Furniture
) -> None:
    furniture.case("A-2026-000001")
    quiet.fault = redis.ConnectionError("nobody listens")

    page, answer = browser.page(), browser.ask("/status.json")

    assert "Let op. Redis antwoordt niet." in page.text("notices")
    assert page.text("tile-workers") == "Werkprocessen ? niet te zien zonder Redis"
    assert page.text("queues") == "Wachtrijen Niet te zien zonder Redis."
    assert "A-2026-000001" in page.text("due")
    assert (answer.status_code, answer.json()["workers"], answer.json()["away"]) == (503, None, ["redis"])
    assert answer.json()["told"] == [
        "Redis antwoordt niet. Zaken blijven bewaard; zodra Redis er weer is, gaat het werk verder."
    ]


def test_home_without_redis_says_how_to_start_one(made: System) -> None:
    assert "start alles met ‘pipeline up’" in Browser(build(made.app)).page().text("notices")


@pytest.mark.parametrize("fault", ["no tables", "busy"])
def test_without_database_the_page_says_so_calmly(
    browser: Browser, made: System, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    if fault == "no tables":
        tables.metadata.drop_all(made.app.database.writers)
    else:
        monkeypatch.setattr(made.app.database.readers, "begin", _busy)

    answer, status = browser.ask("/"), browser.ask("/status.json")

    assert (answer.status_code, status.status_code) == (503, 503)
    assert "De database antwoordt niet. Er gaat niets verloren" in answer.text
    assert "Traceback" not in answer.text + status.text
    assert (status.json()["casework"], status.json()["clock"]) == (None, None)
    assert browser.ask("/healthz").text.startswith("De database antwoordt niet.")
    assert browser.ask("/logos/10000012.png").status_code == 503


def _busy() -> None:
    raise PoolTimeout("all connections are taken")


def test_health_is_a_sentence(browser: Browser) -> None:
    answer = browser.ask("/healthz")

    assert (answer.status_code, answer.text) == (200, "Alles antwoordt.\n")


def test_fault_of_ours_is_told_without_a_traceback(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dashboard, "look", _broken)
    browser.answered = True

    answer = browser.ask("/")

    assert answer.status_code == 500
    assert "Er ging iets mis" in answer.text
    assert "secret" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


def _broken(app: object) -> None:
    raise ZeroDivisionError("secret")


@pytest.mark.parametrize("path", ["/nothing", "/page.html", "/words.toml", "/logos/", "/pages/page.css"])
def test_page_that_is_not_there_is_told(browser: Browser, path: str) -> None:
    answer = browser.ask(path)

    assert answer.status_code == 404
    assert "Hier staat niets" in answer.text
