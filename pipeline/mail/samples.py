"""Sample facts for every kind of letter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from pipeline.domain.terms import Run


@dataclass(frozen=True)
class Gap:
    """A sample of what a completeness check finds."""

    field: str
    rule: str
    minimum: int | None = None
    got: int | str | None = None
    sentence: str | None = None


def _hours(contact: str, self_study: str) -> dict[str, Decimal]:
    parts = Decimal(contact), Decimal(self_study)
    return {"contact": parts[0], "self_study": parts[1], "total": sum(parts, Decimal(0))}


def _case(number: str, kind: str, title: str, provider: str, received: date, due: date) -> dict[str, Any]:
    facts = {"number": number, "kind": kind, "title": title, "provider": provider}
    return facts | {"received_on": received, "due_on": due}


_SCHOOL: Final = "Stichting Klankkleur in de Klas"
_TITLE: Final = "Interne cultuurcoördinator"
_ACTIVITY: Final = _case("A-2026-000123", "activity", _TITLE, _SCHOOL, date(2026, 10, 19), date(2026, 12, 7))
_ADMISSION: Final = _case(
    "T-2026-000042", "admission", _SCHOOL, _SCHOOL, date(2026, 10, 5), date(2026, 10, 19)
)
_OBJECTION: Final = _case("B-2026-000007", "objection", _TITLE, _SCHOOL, date(2026, 12, 9), date(2027, 1, 20))
PEOPLE: Final[Mapping[str, Any]] = {
    "provider": {"name": _SCHOOL, "contact_name": "M. van ’t Hoff", "form_of_address": "mevrouw"},
    "reviewer": {"name": "Fenna Dijkstra"},
    "owner": {"name": "Hanneke Post"},
}
_GAPS: Final = (
    Gap("activity.sectors", "sectors_missing"),
    Gap("activity.goal", "missing", 40, 0),
    Gap("activity.programme", "too_short", 40, 24),
    Gap("activity.hours.justification", "self_study_justification", 80, 17),
    Gap("activity.closing_test.kind", "test_missing"),
)
_ADVICE: Final = (
    Gap("activity.planning", "hours_per_day", 10, 2),
    Gap("activity.type", "many_for_type", 12, "16"),
)
_MOTIVATION: Final = (
    "De koppeling met de lessen in de groep is sterk uitgewerkt. Voor de opdracht tussen de bijeenkomsten staat"
    " 14 uur; op grond van de beschrijving komen wij op 10 uur."
)
_CRITERIA: Final = (
    (
        "activity.goal",
        (
            (1, "Er is geen doel, of het gaat niet over de leraar."),
            (2, "Het doel is vaag: na afloop is niet vast te stellen of het is bereikt."),
            (3, "Het doel is duidelijk en na afloop vast te stellen."),
            (4, "Het doel is duidelijk, vast te stellen en past bij wie eraan meedoet."),
        ),
    ),
    (
        "activity.hours",
        (
            (1, "De uren zijn niet onderbouwd of veel te hoog."),
            (2, "De uren zijn voor een deel onderbouwd, of hoger dan het programma rechtvaardigt."),
            (3, "De contacturen en de uren zelfstudie volgen uit het programma."),
            (4, "De contacturen en de uren zelfstudie volgen per onderdeel uit het programma."),
        ),
    ),
)
_DOSSIER: Final = (
    (
        "activity.goal",
        "Leraren stellen een cultuurplan op voor hun school en begeleiden collega’s bij de uitvoering.",
    ),
    ("activity.relevance", "Cultuuronderwijs vraagt om iemand in het team die lijn brengt in het aanbod."),
    (
        "activity.programme",
        "Zes bijeenkomsten van zes uur.\n1. Visie en beginsituatie\n2. Leerlijnen\n3. Samenwerken met instellingen"
        "\n4. Draagvlak in het team\n5. Begroting en planning\n6. Presentatie van het cultuurplan",
    ),
    ("activity.planning", "Woensdagen van 3 februari 2027 t/m 16 juni 2027, in Utrecht."),
    (
        "activity.hours.justification",
        "Zes bijeenkomsten van 6 uur. Zelfstudie: literatuur (4 uur) en cultuurplan (10 uur).",
    ),
)

_AUTUMN: Final = Run("school_holiday", date(2026, 10, 20), date(2026, 10, 25), ("Herfstvakantie 2026",))
_WAITED: Final = Run("paused", date(2026, 10, 20), date(2026, 10, 27))
_SUNDAY: Final = Run("rolled_over", date(2026, 12, 7), date(2026, 12, 7), ("Sunday",))


def _term(*runs: Run, region: str = "midden") -> dict[str, Any]:
    """How a term was counted, without the days that simply counted."""
    return {"days": 42, "region": region, "runs": runs}


_STEP: Final = "Aletta Hoekstra: registercommissie moet beslissen"


def _near(number: str, title: str, provider: str, days_left: int, waits_for: str) -> dict[str, Any]:
    due_on = date(2026, 11, 27) + timedelta(days=days_left)
    told = {"number": number, "title": title, "provider": provider, "waits_for": waits_for}
    return told | {"due_on": due_on, "days_left": days_left}


# Per kind: the day it is written, its case and its own facts.
SAMPLES: Final[Mapping[str, tuple[date, Mapping[str, Any] | None, Mapping[str, Any]]]] = {
    "confirmation": (date(2026, 10, 19), _ACTIVITY, {"term": _term(_AUTUMN, _SUNDAY)}),
    "supplement_asked": (
        date(2026, 10, 19),
        _ACTIVITY,
        {"findings": _GAPS, "advised": _ADVICE, "answer_by": date(2026, 11, 2), "first": True},
    ),
    "supplement_reminder": (
        date(2026, 10, 30),
        _ACTIVITY,
        {"findings": _GAPS[1:3], "answer_by": date(2026, 11, 2)},
    ),
    "supplement_received": (
        date(2026, 10, 28),
        _ACTIVITY | {"due_on": date(2026, 12, 8)},
        {"supplement_on": date(2026, 10, 28), "term": _term(_WAITED), "is_complete": True},
    ),
    "set_aside": (
        date(2026, 11, 3),
        _ACTIVITY,
        {
            "asked_on": date(2026, 10, 19),
            "answer_by": date(2026, 11, 2),
            "findings": _GAPS[1:3],
            "times": 1,
            "by_hand": False,
            "objection_until": date(2026, 12, 15),
        },
    ),
    "granted": (
        date(2026, 12, 7),
        _ACTIVITY,
        {
            "hours": _hours("36", "10"),
            "hours_asked": _hours("36", "14"),
            "motivations": [_MOTIVATION],
            "number": "10000012",
            "objection_until": date(2027, 1, 18),
        },
    ),
    "admitted": (date(2026, 10, 14), _ADMISSION, {"valid_until": date(2030, 10, 14), "renews": False}),
    "not_admitted": (
        date(2026, 10, 16),
        _ADMISSION,
        {
            "motivations": [
                "Uit de stukken blijkt niet dat de uitvoerenden ten minste op hbo-niveau gekwalificeerd zijn."
            ],
            "objection_until": date(2026, 11, 27),
        },
    ),
    "deferred": (
        date(2026, 12, 4),
        _ACTIVITY,
        {
            "motivations": [
                "Het programma beschrijft de onderwerpen, maar niet wat leraren doen. Werk per bijeenkomst uit"
                " welke werkvormen u gebruikt.",
                "De evaluatie ontbreekt bijna geheel. Beschrijf hoe u nagaat wat leraren in hun lessen toepassen.",
            ],
            "repair_by": date(2027, 3, 1),
            "objection_until": date(2027, 1, 15),
        },
    ),
    "rejected": (
        date(2026, 12, 7),
        _ACTIVITY,
        {
            "motivations": [
                "De dag gaat over het rooster, het toezicht en de jaarplanning. Dat hoort bij het gewone werk op school"
                " en is geen professionalisering."
            ],
            "objection_until": date(2027, 1, 18),
        },
    ),
    "admission_renewal": (
        date(2030, 7, 21),
        _ADMISSION,
        {"valid_until": date(2030, 10, 19), "decision_days": 14},
    ),
    "admission_suspended": (
        date(2027, 3, 1),
        _ADMISSION,
        {
            "reason": "Wij kregen drie klachten over trainers zonder opleiding en op onze vragen kwam geen antwoord."
        },
    ),
    "admission_withdrawn": (
        date(2027, 4, 12),
        _ADMISSION,
        {"reason": "De trainers voldoen niet aan de eisen. Dat hebt u in het gesprek van 6 april bevestigd."},
    ),
    "admission_reinstated": (
        date(2027, 3, 22),
        _ADMISSION,
        {"reason": "U hebt aangetoond dat alle trainers ten minste een opleiding op hbo-niveau hebben."},
    ),
    "renewal_reminder": (
        date(2030, 9, 9),
        _ACTIVITY,
        {
            "hours": _hours("36", "10"),
            "number": "10000012",
            "valid_until": date(2030, 12, 7),
            "decision_days": 42,
        },
    ),
    "adjusted": (
        date(2027, 1, 11),
        _ACTIVITY,
        {
            "hours": _hours("36", "10"),
            "number": "10000012",
            "fields": ["activity.runs"],
            "runs": [
                {"starts_on": "2027-02-10", "ends_on": "2027-06-23", "city": "Utrecht"},
                {"starts_on": "2027-09-15", "ends_on": "2027-09-15", "city": None},
            ],
            "website": None,
        },
    ),
    "rectified": (
        date(2026, 12, 15),
        _ACTIVITY,
        {
            "hours": _hours("36", "14"),
            "number": "10000012",
            "reason": "In ons besluit namen wij de uren zelfstudie niet over zoals de beoordelaars die vaststelden.",
            "put_right": {
                "title": {"old": "Interne cultuurcoordinator", "new": _TITLE},
                "hours": {"old": _hours("36", "10"), "new": _hours("36", "14")},
            },
            "objection_until": date(2027, 1, 26),
        },
    ),
    "revoked": (
        date(2027, 3, 1),
        _ACTIVITY,
        {
            "hours": _hours("36", "10"),
            "number": "10000012",
            "ground": "De activiteit wordt niet meer gegeven zoals die is goedgekeurd.",
            "reason": "Op uw website zagen wij dat de zes bijeenkomsten zijn vervangen door een online module van een"
            " dag. Wij vroegen u op 8 februari om uitleg en kregen geen antwoord.",
            "from_": date(2027, 3, 15),
            "objection_until": date(2027, 4, 12),
        },
    ),
    "withdrawn": (date(2026, 11, 25), _ACTIVITY, {"reason": "De opleiding gaat dit schooljaar niet door."}),
    "extended": (
        date(2026, 12, 3),
        _ACTIVITY | {"due_on": date(2026, 12, 21)},
        {
            "reason": "De twee beoordelaars zijn het niet eens. Een derde beoordelaar kijkt mee.",
            "former_due_on": date(2026, 12, 7),
            "term": _term(_AUTUMN, _SUNDAY, Run("extended", date(2026, 12, 8), date(2026, 12, 21))),
        },
    ),
    "term_changed": (
        date(2026, 11, 23),
        _ACTIVITY,
        {"former_due_on": date(2026, 11, 30), "is_past": False, "term": _term(_AUTUMN, _SUNDAY)},
    ),
    "deadline_missed": (date(2026, 12, 8), _ACTIVITY, {"missed_on": date(2026, 12, 7)}),
    "objection_received": (
        date(2026, 12, 9),
        _OBJECTION,
        {"subject": "A-2026-000123", "about": "hours", "term": _term(region="none")},
    ),
    "objection_decided": (
        date(2027, 1, 14),
        _OBJECTION,
        {
            "subject": "A-2026-000123",
            "about": "hours",
            "result": "partly_founded",
            "motivations": [
                "De presentatie van het cultuurplan vraagt voorbereiding. Daarvoor kennen wij 2 uur toe."
            ],
            "hours": _hours("36", "12"),
            "number": "10000012",
        },
    ),
    "event_refused": (
        date(2026, 11, 6),
        None,
        {
            "event_id": "act-13",
            "event_type": "nl.registerleraar.activity.submitted.v1",
            "received_at": datetime(2026, 11, 6, 9, 12, tzinfo=UTC),
            "rule": "hours_format",
            "field": "activity.hours.contact",
            "expected": "hours as text such as 7.5",
            "got": "7,5",
            "case_number": None,
        },
    ),
    "review_asked": (
        date(2026, 10, 20),
        _ACTIVITY,
        {
            "title": _TITLE,
            "sectors": ["po"],
            "category": "didactic",
            "hours_asked": _hours("36", "14"),
            "review_by": date(2026, 11, 2),
            "flags": [],
            "noticed": _ADVICE[:1],
            "accepted": "De aanbieder belde: meer dan een formulier na afloop is er niet.",
            "confirm": ["bij wie u eerder werkte", "of u een belang hebt bij aanbieders"],
            "why": "u beoordeelt activiteiten voor het primair onderwijs in de categorie didactisch.",
            "dossier": _DOSSIER,
            "criteria": _CRITERIA,
        },
    ),
    "verdict_annulled": (
        date(2026, 11, 3),
        _ACTIVITY,
        {
            "reason": "U liet weten dat u uw oordeel bij de verkeerde activiteit had ingevuld.",
            "review_by": date(2026, 11, 24),
        },
    ),
    "review_reminder": (date(2026, 10, 30), _ACTIVITY, {"review_by": date(2026, 11, 2)}),
    "sent_again": (
        date(2026, 12, 14),
        _ACTIVITY,
        {
            "preface": "Onze mailserver viel uit toen wij u deze brief stuurden. Wij weten niet of u die kreeg.",
            "former_subject": "Goedgekeurd: A-2026-000123: Interne cultuurcoördinator",
            "former_written_on": date(2026, 12, 7),
        },
    ),
    "review_not_needed": (date(2026, 11, 25), _ACTIVITY, {"reason": "withdrawn"}),
    "deadline_digest": (
        date(2026, 11, 27),
        None,
        {
            "cases": [
                _near("A-2026-000123", _TITLE, _SCHOOL, 10, "het oordeel van Fenna Dijkstra (r003)"),
                _near(
                    "A-2026-000131",
                    "Rekenen met de rekenhoek: van tellen naar getalbegrip in groep 1 en 2",
                    "De Rekentuin",
                    10,
                    "het oordeel van Bram de Boer (r011) (gevraagd uiterlijk maandag 30 november 2026); het oordeel"
                    " van Fenna Dijkstra (r003)",
                ),
                _near("B-2026-000007", "Startende leraren begeleiden", "Hogeschool Rijnoever", 11, _STEP),
            ]
        },
    ),
    "deadline_warning": (
        date(2026, 12, 4),
        _ACTIVITY,
        {"due_on": date(2026, 12, 7), "days_left": 3, "waits_for": "het oordeel van Fenna Dijkstra (r003)"},
    ),
    "task_waiting": (
        date(2026, 11, 30),
        _ACTIVITY,
        {
            "task": "escalated",
            "detail": "Drie oordelen: goedkeuren (36 + 14 uur), tijdelijk afkeuren, afkeuren.",
        },
    ),
}
