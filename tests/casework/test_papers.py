"""The dossier of a case tells what its record holds, and to a provider nothing of who judged."""

from __future__ import annotations

import json
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from pipeline.casework import erasing, overview, papers, rectifying, retelling, revoking
from pipeline.casework.rectifying import Right
from pipeline.contract import received_on
from pipeline.domain import decisions
from pipeline.domain.hours import Hours
from pipeline.domain.judging import Agreement, Judging
from pipeline.domain.lifecycle import RECIPIENTS, Kind, Result, State
from pipeline.domain.verdicts import Verdict, tried_by_hand, weigh
from pipeline.paper import typesetting
from pipeline.paper.words import tables as words
from pipeline.store import rows, tables
from tests.casework.events import at
from tests.casework.registers import NUMBER, granted, home_with
from tests.casework.test_cases import submitted
from tests.stages import System


def told(home: System, number: str, *, for_provider: bool = False) -> dict[str, Any]:
    """Return the dossier as data, its chapters by title."""
    now = home.app.clock.now()
    with home.app.database.reading() as connection:
        record = papers.read(home.app, connection, number, received_on(now))
    made = papers.paper(record, now, for_provider=for_provider).as_json()
    return {**made, "chapters": {one["title"]: one["blocks"] for one in made["chapters"]}}


def cells(blocks: list[dict[str, Any]]) -> list[list[str]]:
    return [list(row) for block in blocks if block["type"] == "table" for row in block["rows"]]


@pytest.mark.parametrize(
    "number",
    [
        "A-2026-000003",  # a recusal, fewer hours, an objection
        "A-2026-000007",  # set aside
        "A-2026-000018",  # four versions
        "A-2026-000021",  # Arabic and Hebrew
        "B-2026-000001",
        "T-2026-000007",  # nobody judged it
    ],
)
def test_case_of_any_kind_can_be_printed(season: System, number: str) -> None:
    now = season.app.clock.now()
    with season.app.database.reading() as connection:
        record = papers.read(season.app, connection, number, received_on(now))
    assert typesetting.pdf(papers.paper(record, now, for_provider=False), now)


def test_dossier_for_a_provider_names_nobody(season: System) -> None:
    with season.app.database.reading() as connection:
        known = connection.execute(select(tables.reviewers.c.id, tables.reviewers.c.name)).all()
    duties = season.app.policy.tasks.values()
    names = [
        *(one.name for one in known),
        *(one.name for duty in duties for one in (duty.owner, duty.deputy)),
    ]
    ids = [one.id for one in known]
    for case in overview.cases(season.app):
        made = told(season, case["case"], for_provider=True)
        said = json.dumps(made, ensure_ascii=False)
        assert [name for name in names if name in said] == []
        assert [key for key in ids if f"{key}:" in said or f"({key})" in said or f'"{key}"' in said] == []
        assert made["meant_for_short"] == "Voor de aanbieder"


def test_versions_tell_field_by_field_what_changed(season: System) -> None:
    made = told(season, "A-2026-000018")["chapters"]
    assert ["sectoren", "", "po"] in cells(made["Versies van de aanvraag"])
    assert [row[1] for row in cells(made["Gevraagd"])][-1] == "planning"


def test_decision_is_told_with_its_rules_in_dutch(season: System) -> None:
    made = told(season, "A-2026-000003")["chapters"]
    assert cells(made["Besluit"])[1:] == [
        [
            "Zijn er genoeg gelijk?",
            "Tom Verschuren (r005): goedkeuren, 10 + 0 uur\nJeroen Pinas (r018): goedkeuren, 10 + 0 uur",
            "oordelen die gelijk moeten zijn (activiteit): 2",
            "2 zijn gelijk: zij beslissen",
        ],
        [
            "Wat is gevraagd en wat is toegekend?",
            "gevraagd 12 + 0 uur\ntoegekend 10 + 0 uur",
            "",
            "contacturen 2 uur minder",
        ],
        ["Uitkomst", "goedkeuren", "", "toekennen"],
    ]


def test_objection_tells_its_grounds_and_what_it_is_about(season: System) -> None:
    [facts, grounds] = told(season, "B-2026-000001")["chapters"]["Bezwaar"]
    assert facts["rows"] == [("Tegen zaak", "A-2026-000003"), ("Waartegen", "alleen de uren")]
    assert grounds["text"].startswith("De leermiddelenmarkt is een inhoudelijk onderdeel")


def test_term_is_told_day_by_day_without_english(season: System) -> None:
    blocks = told(season, "A-2026-000018")["chapters"]["Termijn, dag voor dag"]
    assert [row[3] for row in cells(blocks) if row[3]] == [
        "gevraagd op 18 november 2026, te beantwoorden t/m 2 december 2026",
        "gevraagd op 20 november 2026, te beantwoorden t/m 4 december 2026",
        "gevraagd op 26 november 2026, te beantwoorden t/m 10 december 2026",
        "Kerstvakantie 2026",
        "zondag",
    ]


def test_whoever_has_it_made_stands_in_the_journal(ready: System) -> None:
    number, now = submitted(ready), ready.app.clock.now()
    made = [papers.printed(ready.app, number, now, "Ineke Vermeer") for _ in range(2)]
    assert made[0] == made[1]
    table = tables.journal_contents
    with ready.app.database.reading() as connection:
        found = connection.execute(
            select(table.c.by, table.c.facts).where(table.c.by == "Ineke Vermeer")
        ).all()
    assert [tuple(one) for one in found] == [("Ineke Vermeer", {"case": number, "for_provider": False})] * 2


def test_case_that_has_only_begun_has_a_dossier(ready: System) -> None:
    made = told(ready, submitted(ready))["chapters"]
    assert [block["text"] for block in made["Besluit"]] == ["Er is nog geen besluit."]
    assert "Versies van de aanvraag" not in made


def test_of_an_erased_case_is_left_what_the_register_keeps(ready: System) -> None:
    [number] = [one["case"] for one in overview.cases(ready.app)]
    at(ready, "2033-10-21T09:00:00+02:00")
    erasing.erase_all(ready.app, "Ineke Vermeer")
    made = told(ready, number)
    assert [block["text"] for block in made["chapters"]["Aanvraag"]] == [
        "Wat er stond, is gewist op 21 oktober 2033."
    ]
    assert ("Uitkomst", "toegekend") in [tuple(row) for row in made["facts"]["rows"]]
    assert "Bouzid" not in json.dumps(made)
    assert papers.printed(ready.app, number, ready.app.clock.now(), "Ineke Vermeer")


def test_what_became_of_a_registration_is_told_with_who_and_why(tmp_path: Path) -> None:
    home = home_with(tmp_path)
    number = granted(home)
    at(home, "2026-11-02T10:00:00+01:00")
    rectifying.rectify(home.app, NUMBER, Right(hours=hours(7, 0)), "Een uur vergeten.", "Tom de Wit")
    revoking.revoke(home.app, NUMBER, "asked", "Zoals u vroeg.", "Tom de Wit")
    home.stage.rest()
    blocks = told(home, number)["chapters"]["Registratie en bezwaar"]
    assert [row[1:4] for row in cells(blocks)[:2]] == [
        ["1", "vervangen", "6 + 0 = 6 RU"],
        ["2", "ingetrokken", "7 + 0 = 7 RU"],
    ]
    assert [one["text"] for one in blocks if one["type"] != "table"] == [
        "Rechtgezet, 2 november 2026, Tom de Wit",
        "Een uur vergeten.",
        "Ingetrokken, 2 november 2026, Tom de Wit",
        "Met ingang van 2 november 2026.",
        "Zoals u vroeg.",
    ]
    assert cells(blocks)[2] == ["register-uren (RU)", "6 + 0 = 6 RU", "7 + 0 = 7 RU"]
    home.app.database.close()


def hours(contact: int, self_study: int) -> Hours:
    return Hours(Decimal(contact), Decimal(self_study))


def test_every_sentence_of_a_trail_is_known_in_dutch() -> None:
    judging = Judging(agreement=Agreement(contact_margin=Decimal(1), self_study_margin=Decimal(1)))
    some = [
        Verdict("r 1", "approve", hours(6, 0), None),
        Verdict("r 1", "approve", hours(5, 1), None),
        Verdict("r 1", "reject", None, None),
        Verdict("r 1", "defer", None, None),
        Verdict("r 1", "recuse", None, None),
        Verdict("r 1", "approve", hours(6, 0), None, annulled=True),
    ]
    tried = [
        one
        for given in product(some, repeat=3)
        for one in weigh(Kind.ACTIVITY, given, judging, hours(6, 2)).trail
    ]
    tried += tried_by_hand(Kind.ACTIVITY, Verdict("A", "approve", hours(6, 2), None), hours(6, 2))
    for one in retelling.rows(decisions.trail(tried), str):
        assert not {"verdicts", "decide", "they", "asked", "approve", "RU", "commission"} & set(
            " ".join(one).split()
        )


@pytest.mark.parametrize(
    ("table", "codes"),
    [
        ("letter", RECIPIENTS),
        ("state", State),
        ("result", Result),
        ("kind", Kind),
        ("assignment", (rows.ASKED, rows.ANSWERED, "recused", "released", "not_needed")),
    ],
)
def test_every_code_has_a_dutch_word(table: str, codes: Any) -> None:
    assert {str(code) for code in codes} - words()[table].keys() == set()
