"""The report of a replay: one page that needs nothing but itself."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from pipeline.mail import dutch
from pipeline.replay import plots

FOLDER: Final = "templates/replay"
GRANTED: Final = "granted"


@cache
def words() -> Mapping[str, Mapping[str, str]]:
    """Return the Dutch words of the report."""
    return tomllib.loads(
        resources.files("pipeline").joinpath(FOLDER, "words.toml").read_text(encoding="utf-8")
    )


def page(made: Mapping[str, Any]) -> str:
    """Return the report of a replay, from what ``running.run`` returns."""
    facts = {"forecast": None, **made}
    template = _templates().get_template("report.html")
    return template.render(made=facts, plots=_plots(made), **_tables(facts), **_summary(made))


def _summary(made: Mapping[str, Any]) -> dict[str, Any]:
    total = sum(one["cases"] for one in made["counts"])
    granted = sum(one["cases"] for one in made["counts"] if one["result"] == GRANTED)
    return {
        "total": total,
        "granted": granted / total,
        "busiest": max(one["received"] for one in made["weeks"]),
    }


def _plots(made: Mapping[str, Any]) -> dict[str, Markup]:
    told = words()["plot"]
    why = [(words()["why"][one["why"]], one["cases"]) for one in made["late"]["why"]]
    rungs = [(one["rung"], one["sent"]) for one in made["reminders"]]
    drawn = {
        "weeks": plots.weeks(made["weeks"], made["closes_after"], told),
        "terms": plots.left(made["days_left"], told),
        "late": plots.bars("late", why, told["cases"]) if why else "",
        "reviewers": plots.load(made["reviewers"], told),
        "reminders": plots.bars("reminders", rungs, told["sent"]) if rungs else "",
    }
    return {name: Markup(svg) for name, svg in drawn.items()}  # noqa: S704 -- ours, its texts escaped


def _tables(made: Mapping[str, Any]) -> dict[str, Any]:
    kind, why = words()["kind"], words()["why"]
    return {
        "weeks": _cells(made["weeks"]),
        "terms": [[kind[one["kind"]], *list(one.values())[1:]] for one in made["terms"]],
        "why": [[why[one["why"]], one["cases"]] for one in made["late"]["why"]],
        "late_kinds": [[kind[one["kind"]], one["ended"], one["late"]] for one in made["late"]["by_kind"]],
        "reviewers": _cells(made["reviewers"]),
        "reminders": _cells(made["reminders"]),
        "forecast": _forecast(made["forecast"]),
    }


def _cells(found: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    return [list(one.values()) for one in found]


def _forecast(found: Mapping[str, Any] | None) -> list[list[Any]]:
    if found is None:
        return []
    rows = (("Voorspelling", found), ("Tien dagen vooraf", found["baseline"]))
    names = ("hits", "misses", "false_alarms")
    return [
        [label, *(one[name] for name in names), percent(one["recall"]), percent(one["precision"])]
        for label, one in rows
    ]


def percent(share: float | None) -> str:
    """Return a share as people write it: ``12,5 %``."""
    return "–" if share is None else f"{share:.1%}".replace(".", ",").replace("%", " %")


@cache
def _templates() -> Environment:
    made = Environment(
        loader=PackageLoader("pipeline", FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "percent": percent,
        "day": lambda text: dutch.day(date.fromisoformat(text)),
        "moment": lambda text: dutch.moment(datetime.fromisoformat(text)),
    }
    return made
