"""What a document says holds after a line, looked up in the home: each name with how it is read there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from pipeline.casework import choosing, overview
from pipeline.domain import completeness
from pipeline.domain.lifecycle import RECIPIENTS, Kind
from pipeline.mail import words
from tests.worked.acts import Play
from tests.worked.documents import NOTHING, dated

Json = dict[str, Any]
_STATES: Final = {
    "received": "ontvangen",
    "incomplete": "wacht op aanvulling",
    "complete": "wacht op beoordelaars",
    "in_review": "in beoordeling",
    "to_sign": "ter ondertekening",
    "escalated": "bij de commissie",
    "decided": "besloten",
    "closed": "afgesloten",
}
_RESULTS: Final = {
    "granted": "toegekend",
    "deferred": "tijdelijk afgekeurd",
    "rejected": "afgekeurd",
    "set_aside": "buiten behandeling",
    "withdrawn": "ingetrokken",
    "founded": "gegrond",
    "partly_founded": "gedeeltelijk gegrond",
    "unfounded": "ongegrond",
    "inadmissible": "niet-ontvankelijk",
}
_LETTERS: Final = {  # to the provider
    "confirmation": "ontvangstbevestiging",
    "supplement_asked": "verzoek om aanvulling",
    "supplement_received": "bevestiging van de aanvulling",
    "set_aside": "buitenbehandelingstelling",
    "granted": "toekenning",
    "admitted": "toelating",
    "deferred": "tijdelijke afkeuring",
    "rejected": "afwijzing",
    "extended": "verlenging",
    "objection_received": "ontvangstbevestiging van het bezwaar",
    "objection_decided": "besluit op bezwaar",
    "event_refused": "weigering",
}
_TRIED: Final = {  # rules of the weighing, as the trail of a decision names them
    "count": "tellen",
    "equal": "gelijk?",
    "within_margin": "binnen de marge?",
    "one_more": "nog een beoordelaar",
    "commission": "naar de commissie",
    "sign_off": "niet getekend",
    "by_hand": "commissie beslist",
    "hours": "uren",
    "outcome": "uitkomst",
}
_AWAY: Final = {  # hard rules of the assignment
    "first_round": "eerste ronde",
    "asked_before": "al gevraagd",
    "employer": "werkgever",
    "earlier_employer": "vroegere werkgever",
    "interest": "belang",
    "mail_domain": "e-maildomein",
    "sector": "sector",
    "category": "categorie",
    "away": "afwezig",
    "capacity": "capaciteit",
}
_COSTS: Final = {
    "load": "belasting",
    "sector": "sector",
    "other_category": "andere categorieën",
    "leave": "verlof",
    "continuity": "continuïteit",
    "same_provider": "zelfde aanbieder",
    "unconfirmed": "niet bekend",
}
_REFUSED: Final = {  # rules by which an event is refused
    "not_asked": "niet om gevraagd",
    "second_verdict": "tweede oordeel",
    "interest": "belang",
    "wrong_state": "kan nu niet",
    "motivation": "motivering ontbreekt",
    "about": "geen uren om bezwaar tegen te maken",
    "no_defer": "bezwaar kan niet tijdelijk worden afgekeurd",
}


def state(play: Play) -> str:
    return _STATES[_case(play)["state"]]


def result(play: Play) -> str:
    return _RESULTS.get(_case(play)["result"] or "", NOTHING)


def asked(play: Play) -> str:
    found = [one["name"] for one in _case(play)["assignments"] if one["state"] == "asked"]
    return ", ".join(found) or NOTHING


def due(play: Play) -> str:
    return _day(_case(play)["due_on"])


def review_due(play: Play) -> str:
    return _day(_case(play)["assignments"][-1]["review_by"])


def answer_due(play: Play) -> str:
    return _day(_case(play)["requests"][-1]["answer_by"])


def hours(play: Play) -> str:
    found = _case(play)["hours_granted"]
    return _hours(found) if found else NOTHING


def _hours(found: Json) -> str:
    return f"{found['contact']} + {found['self_study']} = {found['total']}".replace(".", ",")


def difference(play: Play) -> str:
    """Return by how much the hours granted differ from those asked."""
    found = _case(play)["decision"]["differs"]
    told = {"contacturen": found["contact"], "zelfstudie": found["self_study"]} if found else {}
    return (
        ", ".join(f"{name} {each}" for name, each in told.items() if each != "0").replace("-", "−") or NOTHING
    )


def number(play: Play) -> str:
    found = _case(play)["activity_number"]
    return _number(found) if found else NOTHING


def _number(digits: str) -> str:
    return f"{digits[:4]} {digits[4:]}"


def registered(play: Play) -> str:
    """Return what stands in the register now, for everybody to see."""
    return "; ".join(map(_registered, overview.registrations(play.home.app))) or NOTHING


def _registered(one: Json) -> str:
    return f"{_number(one['number'])}, versie {one['version']}, {_hours(one['hours'])}"


def missing(play: Play) -> str:
    return ", ".join(words.label(field) for field in _case(play)["requests"][-1]["fields"])


def advice(play: Play) -> str:
    found = completeness.findings(Kind.ACTIVITY, _case(play)["submission"], play.home.app.policy.completeness)
    return ", ".join(words.label(one.field) for one in completeness.shoulds(found)) or NOTHING


def waits_for(play: Play) -> str:
    return (_case(play)["waits_for"] or NOTHING).partition(":")[0]


def letters(play: Play) -> str:
    """Return which letters the provider got since the last line."""
    new = [one["kind"] for one in _letters(play) if RECIPIENTS[one["kind"]] == "provider"]
    return ", ".join(_LETTERS[kind] for kind in new) or NOTHING


def trail(play: Play) -> str:
    return " → ".join(_TRIED[one["rule"]] for one in _case(play)["decision"]["trail"])


def score(play: Play) -> str:
    return str(_case(play)["decision"]["score"]).replace(".", ",")


def costs(play: Play) -> str:
    """Return what each reviewer who was asked last cost."""
    why = _round(play)["why"]
    return ", ".join(f"{key.capitalize()} {sum(parts.values())}" for key, parts in why.items())


def nearest(play: Play) -> str:
    """Return what each of those who came next would have cost more."""
    found = _round(play)["nearest"] or {}
    return ", ".join(f"{key.capitalize()} +{sum(one['more'].values())}" for key, one in found.items())


def not_asked(play: Play) -> str:
    found = _round(play)["why_not"] or {}
    told = (f"{key.capitalize()} ({_AWAY[rule]})" for rule, keys in found.items() for key in keys)
    return ", ".join(sorted(told)) or NOTHING


def in_the_way(play: Play) -> str:
    return _AWAY[choosing.explain(play.home.app, play.number)["now"]["in_the_way"]]


def free_from(play: Play) -> str:
    """Return whom the case would gain if the rule in the way did not hold, and from when."""
    found = choosing.explain(play.home.app, play.number)["now"]["gains_from"]
    return ", ".join(f"{key.capitalize()} {_day(day)}" for key, day in found.items())


def refused(play: Play) -> str:
    return _REFUSED[play.refused] if play.refused else NOTHING


def _case(play: Play) -> Json:
    return play.case


def _round(play: Play) -> Json:
    rounds: list[Json] = choosing.explain(play.home.app, play.number)["rounds"]
    return rounds[-1]


def _letters(play: Play) -> list[Json]:
    new = {str(letter["Message-ID"]) for letter in play.home.mailer.letters()[play.seen :]}
    return [one for one in _case(play)["letters"] if one["message_id"] in new]


def _day(text: str | None) -> str:
    return dated(date.fromisoformat(text)) if text else NOTHING


VIEWS: Final[Mapping[str, Callable[[Play], str]]] = {
    "toestand": state,
    "resultaat": result,
    "gevraagd": asked,
    "uiterlijk beslissen": due,
    "uiterlijk beoordelen": review_due,
    "uiterlijk antwoorden": answer_due,
    "toegekend": hours,
    "verschil": difference,
    "nummer": number,
    "in het register": registered,
    "ontbreekt": missing,
    "advies over": advice,
    "wacht op": waits_for,
    "brieven": letters,
    "regels": trail,
    "score": score,
    "punten": costs,
    "daarna kwamen": nearest,
    "niet gevraagd": not_asked,
    "staat in de weg": in_the_way,
    "komt vrij": free_from,
    "geweigerd": refused,
}
