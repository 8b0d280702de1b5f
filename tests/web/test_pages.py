"""The first page says in Dutch how everything stands."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from pipeline.casework import dashboard
from pipeline.domain.lifecycle import Kind, Result, State
from pipeline.web.site import build
from tests.stages import System, system
from tests.web.browser import Browser
from tests.web.conftest import QuietRedis
from tests.web.furnish import AT, Furniture


def test_new_home_says_that_there_is_nothing_yet(browser: Browser) -> None:
    page = browser.page()

    assert page.text("due") == "Termijnen die het eerst aflopen Er lopen geen termijnen."
    assert page.text("tasks") == "Wacht op een mens Niemand hoeft iets te doen."
    assert page.text("letters") == "Brieven Er is nog geen brief geschreven."
    assert page.text("registrations") == "Laatst geregistreerd Er is nog geen activiteit geregistreerd."
    assert page.text("refused") == "Laatst geweigerd Er is niets geweigerd."
    assert page.text("tile-late") == "Te laat 0 alles binnen de termijn"


def test_page_counts_workers_and_what_waits_in_each_queue(browser: Browser, quiet: QuietRedis) -> None:
    quiet.workers, quiet.lengths = 2, {"intake": (3, 1), "letters": (0, 4)}

    page = browser.page()

    assert page.text("tile-workers") == "Werkprocessen 2 aan het werk"
    assert page.text("tile-queues") == "Berichten in de rij 3 5 berichten in behandeling"
    assert page.text("queues") == (
        "Wachtrijen Wacht In behandeling Inname 3 1 Zaken 0 0 Beeldmerken 0 0 Brieven 0 4"
    )


def test_page_says_in_words_that_nobody_works(browser: Browser, quiet: QuietRedis) -> None:
    quiet.workers = 0

    assert browser.page().text("tile-workers") == "Werkprocessen 0 er werkt niemand: alles wacht"


def test_cases_are_counted_by_state_and_result_per_kind(browser: Browser, furniture: Furniture) -> None:
    furniture.case("A-2026-000001")
    furniture.case("A-2026-000002", State.CLOSED, Result.GRANTED)
    furniture.case("T-2026-000001", State.CLOSED, Result.GRANTED, kind=Kind.ADMISSION)
    furniture.case("B-2026-000001", State.DECIDED, Result.FOUNDED, kind=Kind.OBJECTION)

    page = browser.page()

    assert "In beoordeling 0 1 0 1" in page.text("cases")
    assert "Besloten 0 0 1 1 Gesloten 1 1 0 2" in page.text("cases")
    assert "Toegekend 1 1 0 2" in page.text("cases")
    assert "Gegrond 0 0 1 1" in page.text("cases")
    assert page.text("tile-cases") == "Lopende zaken 2 van 4 zaken in totaal"


def test_term_tells_what_it_waits_for_and_how_long_is_left(browser: Browser, furniture: Furniture) -> None:
    case = furniture.case("A-2026-000001", due_on=date(2026, 12, 7))
    furniture.asked(case, "r017", "Hilde van Loon", date(2026, 12, 3))
    furniture.task("escalated", "Aletta Hoekstra", case=case)
    furniture.task("escalated", "Aletta Hoekstra", case=case)

    assert browser.page().text("due-A-2026-000001") == (
        "7 december 2026 over 13 dagen Interne cultuurcoördinator In beoordeling A-2026-000001 · Activiteit"
        " · Stichting Klankkleur Wacht op het oordeel van Hilde van Loon (r017), gevraagd uiterlijk"
        " 3 december 2026 Wacht op Aletta Hoekstra: registercommissie moet beslissen (2×)"
    )


def test_term_that_is_past_says_so_in_words(browser: Browser, furniture: Furniture) -> None:
    who = furniture.provider("Rekenrijk")
    case = furniture.case(
        "T-2026-000001",
        State.INCOMPLETE,
        kind=Kind.ADMISSION,
        provider=who,
        title="Rekenrijk",
        due_on=date(2026, 11, 20),
    )
    furniture.request(case, date(2026, 12, 1))

    page = browser.page()

    assert page.text("due-T-2026-000001") == (
        "20 november 2026 4 dagen te laat Rekenrijk Wacht op aanvulling T-2026-000001 · Toelating"
        " Wacht op een aanvulling van Rekenrijk, uiterlijk 1 december 2026"
    )
    assert page.text("tile-late") == "Te laat 1 na het einde van de termijn"


def test_case_that_waits_for_nobody_waits_for_the_system(browser: Browser, furniture: Furniture) -> None:
    furniture.case("A-2026-000001", State.RECEIVED)

    assert "Wacht op de volgende stap van het systeem." in browser.page().text("due")


def test_tasks_are_listed_by_person(browser: Browser, furniture: Furniture) -> None:
    furniture.task("late", "Ineke Vermeer", opened_at=datetime(2026, 11, 20, 23, 30, tzinfo=UTC))
    furniture.task("late", "Ineke Vermeer")
    furniture.task("unmailable", "Tom de Wit")
    furniture.task("duplicate", "Tom de Wit", closed_at=AT)

    page = browser.page()

    assert page.text("tasks") == (
        "Wacht op een mens Ineke Vermeer 2 Beslistermijn verstreken: 2, sinds 21 november 2026"
        " Tom de Wit 1 Brief kan niet per e-mail: 1, sinds 24 november 2026"
    )
    assert page.text("tile-tasks") == "Wacht op een mens 3 bij 2 personen"


def test_letters_that_want_attention_come_first(browser: Browser, furniture: Furniture) -> None:
    for state in ("sent", "sent", "unknown", "failed", "queued"):
        furniture.letter(state)

    page = browser.page()

    assert page.text("letters") == (
        "Brieven Niet te mailen 1 Onzeker of aangekomen 1 Wacht op verzending 1 Verzonden 2"
    )
    assert page.text("tile-letters") == "Brieven verzonden 2 2 brieven vragen aandacht"


def test_refused_event_shows_field_and_reason(browser: Browser, furniture: Furniture) -> None:
    kind = "nl.registerleraar.activity.submitted.v1"
    furniture.refused(event_id="act-11", type=kind, times=3)

    assert browser.page().text("refused") == (
        "Laatst geweigerd 24 november 2026 13.00 uur 3 keer Activiteit act-11 van /portal"
        " Type activiteit: zelfstudie dient een leraar zelf in activity.type · “self_study”"
    )


def test_refused_bytes_that_are_no_event_show_as_such(browser: Browser, furniture: Furniture) -> None:
    furniture.refused("(whole)", "encoding", source=None, event_id=None, got="byte 0xFF at position 3")

    assert "Bericht zonder kenmerk afzender onbekend Het hele bericht: geen UTF-8" in browser.page().text(
        "refused"
    )


def test_registration_shows_with_its_logo(browser: Browser, furniture: Furniture) -> None:
    furniture.registration("10000012")
    furniture.registration("10000020", state="pending")

    page = browser.page()

    assert page.text("registrations") == (
        "Laatst geregistreerd Interne cultuurcoördinator 1000 0012 · 15,5 RU · Stichting Klankkleur"
        " · sinds 20 november 2026"
    )
    assert page.all("img", "src") == ["/logos/10000012.png?v=1"]
    assert "/logos/10000012-print.png" in page.all("a", "href")


def test_long_lists_say_how_much_they_leave_out(browser: Browser, furniture: Furniture) -> None:
    for place in range(dashboard.REFUSALS + 2):
        furniture.refused()
        furniture.registration(f"{10_000_000 + place}", valid_from=None)

    page = browser.page()

    assert page.text("refused").endswith("De laatste 10 van 12.")
    assert page.text("registrations").endswith("De laatste 6 van 12.")


def test_events_that_are_not_taken_in_yet_are_told(browser: Browser, furniture: Furniture) -> None:
    furniture.event("stored")

    assert browser.page().text("tile-refused") == "Geweigerde berichten 0 1 bericht nog in te nemen"


def test_what_is_parked_asks_for_attention(browser: Browser, furniture: Furniture) -> None:
    furniture.event("stored", parked_at=AT)
    furniture.case("A-2026-000001", parked_at=AT)

    assert "Let op. 2 zaken, berichten of brieven staan vast" in browser.page().text("notices")


def test_what_no_worker_takes_up_asks_for_attention(browser: Browser, furniture: Furniture) -> None:
    furniture.case("A-2026-000001", retry_at=AT, rings=7)

    told = browser.page().text("notices")
    assert "Let op. 1 zaak, bericht of brief is sinds" in told
    assert "tot 7 keer aangekondigd zonder dat een werker er iets mee deed." in told


def test_simulated_home_tells_what_its_clock_says(browser: Browser, made: System) -> None:
    assert browser.page().text("notices") == (
        "Nagespeeld. In deze omgeving is het dinsdag 24 november 2026 om 13.00 uur."
    )

    made.app.clock.set(AT, hold=timedelta(minutes=5))
    made.clock.tick(2)

    assert browser.page().text("notices").endswith("de klok staat stil zolang er wordt gespeeld.")


def test_real_home_says_nothing_of_its_clock(tmp_path: Path) -> None:
    real = system(tmp_path)
    real.app.clock.make(None)

    assert "Nagespeeld" not in Browser(build(real.app)).page().text()
    real.app.database.close()


def test_hours_are_shown_as_the_register_writes_them(browser: Browser, furniture: Furniture) -> None:
    furniture.registration("10000012", hours={"contact": "1E+1", "self_study": str(Decimal("0.50"))})

    assert "10,5 RU" in browser.page().text("registrations")
    assert json.dumps(browser.status()["casework"]["last_registered"][0]["hours"]) == '"10.5"'
