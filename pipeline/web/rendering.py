"""A page from its facts: everything in them shows as typed, nothing in them acts."""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined, UndefinedError
from markupsafe import Markup

from pipeline.contract.moments import AMSTERDAM
from pipeline.domain.lifecycle import Kind, Result, State
from pipeline.mail import dutch, words
from pipeline.mail.literal import literal, shortened

FOLDER: Final = "templates/pages"

# Letters in the order in which they want attention.
LETTERS: Final = ("failed", "unknown", "held", "queued", "sending", "sent", "posted", "cancelled", "replaced")


@cache
def tables() -> dict[str, dict[str, str]]:
    """Return the Dutch words of the pages, by the code that the system uses."""
    return tomllib.loads(content("words.toml").decode())


def content(name: str) -> bytes:
    """Return a file of the pages' folder."""
    return resources.files("pipeline").joinpath(FOLDER, name).read_bytes()


def page(name: str, **facts: Any) -> str:
    """Return a page as HTML.

    Raises:
        jinja2.UndefinedError: a fact that the page needs is missing or None.
    """
    return _templates().get_template(name).render(facts)


def word(code: str, table: str) -> str:
    """Return the Dutch for a code; one without a word stands for itself."""
    return tables()[table].get(code, code)


def time_of_day(moment: datetime, *, seconds: bool = False) -> str:
    """Return an aware moment in Dutch time as ``9.30 uur``, or ``9.30.05 uur``."""
    local = moment.astimezone(AMSTERDAM)
    return f"{local.hour}.{local:%M.%S} uur" if seconds else f"{local.hour}.{local:%M} uur"


def grouped(number: str) -> str:
    """Return a registration's number as it stands on the logo: ``1000 0012``."""
    return f"{number[:4]} {number[4:]}"


@cache
def _templates() -> Environment:
    made = Environment(
        loader=PackageLoader("pipeline", FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "came": words.came,
        "capital": dutch.capital,
        "days_left": dutch.days_left,
        "grouped": grouped,
        "label": words.label,
        "local_day": dutch.local_day,
        "shortened": shortened,
        "time_of_day": time_of_day,
        "word": word,
    }
    made.globals |= {"amount": dutch.amount, "kinds": Kind, "states": State, "results": Result}
    made.globals["letter_states"] = LETTERS
    return made


def _shown(fact: object) -> object:
    """Return a fact as a page prints it; what is no markup is escaped afterwards."""
    match fact:
        case Markup():
            return fact
        case None:
            raise UndefinedError("a fact of this page is None")
        case datetime():
            return dutch.moment(fact)
        case date():
            return dutch.dated(fact)
    return literal(str(fact))
