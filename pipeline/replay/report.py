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
    rungs = [("\n".join(_rung(one)), one["sent"]) for one in made["reminders"]]
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
        "weeks": [[_unbroken(one["week"]), *list(one.values())[1:]] for one in made["weeks"]],
        "kinds": [kind[one["kind"]] for one in made["terms"]],
        "terms": _terms(made["terms"]),
        "why": [[why[one["why"]], one["cases"]] for one in made["late"]["why"]],
        "late_kinds": [[kind[one["kind"]], one["cases"], one["late"]] for one in made["late"]["by_kind"]],
        "reviewers": _cells(made["reviewers"]),
        "reminders": [[", ".join(_rung(one)), one["sent"], one["superseded"]] for one in made["reminders"]],
        "forecast": _forecast(made["forecast"]),
        "calibration": _calibration(made["forecast"]),
    }


def _cells(found: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    return [list(one.values()) for one in found]


def _unbroken(day: str) -> str:
    return day.replace("-", "\N{NON-BREAKING HYPHEN}")


def _terms(found: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    """Make a row of each figure: the kinds stand side by side, and a narrow screen holds them."""
    return [[label, *(one[name] for one in found)] for name, label in words()["terms"].items()]


def _rung(one: Mapping[str, Any]) -> tuple[str, str]:
    """Tell of a reminder when it is sent, and to whom about what."""
    told, days, deadline = words()["rung"], one["days"], words()["deadline"][one["deadline"]]
    pattern = told["before"] if days < 0 else told["after"] if days else told["on"]
    when = pattern.format(days=dutch.amount(abs(days), "dag", "dagen"), deadline=deadline)
    kinds = ", ".join(words()["kinds"][kind] for kind in one["kinds"])
    whom = words()["to"][one["to"]]
    about = whom if len(one["kinds"]) == len(words()["kinds"]) else f"{whom}: {kinds}"
    return f"{when}, {told['again']}" if one["sent_again"] else when, about


def _forecast(found: Mapping[str, Any] | None) -> list[list[Any]]:
    """Return the figures of the forecast, of its watch and of the calendar alone, side by side."""
    if found is None:
        return []
    sides = (found, found["watch"], found["baseline"])
    told = words()["forecast"]
    counts = [[told[name], *(one[name] for one in sides)] for name in ("hits", "misses", "false_alarms")]
    shares = [[told[name], *(percent(one[name]) for one in sides)] for name in ("recall", "precision")]
    return counts + shares


def _calibration(found: Mapping[str, Any] | None) -> list[list[Any]]:
    """Return by chance how many were to come late, and how many did."""
    return [
        [
            f"{100 * one['from']:.0f}–{_share(one['to'])}",
            one["forecasts"],
            one["expected"],
            one["late"],
        ]
        for one in (found["calibration"] if found else [])
        if one["forecasts"]
    ]


def _share(share: float) -> str:
    """Return a round share: ``50 %``."""
    return f"{share:.0%}".replace("%", "\N{NO-BREAK SPACE}%")


def _figure(cell: Any) -> Any:
    """Return what stands in a cell of a table: ``12,5``, ``−3``, a dash for what is not known."""
    if cell is None:
        return "–"
    if isinstance(cell, int | float):
        return f"{cell:.1f}".removesuffix(".0").replace(".", ",").replace("-", "\N{MINUS SIGN}")
    return cell


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
        "share": _share,
        "figure": _figure,
        "days": lambda days: dutch.amount(round(days), "dag", "dagen"),
        "day": lambda text: dutch.day(date.fromisoformat(text)),
        "moment": lambda text: dutch.moment(datetime.fromisoformat(text)),
    }
    return made
