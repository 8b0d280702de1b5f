"""`pipeline assignment explain`: why a case has its reviewers, or why it has none, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import typer

from pipeline.casework import choosing
from pipeline.cli import moments, output
from pipeline.cli.options import AsJson, CaseNumber
from pipeline.cli.session import opened

group = typer.Typer(no_args_is_help=True, help="Why reviewers are asked, and others are not.")

NAMED: Final = 12  # of the reviewers in one row; `--json` names them all
REASONS: Final[Mapping[str, str]] = {
    "load": "their load",
    "sector": "sectors that they do not know",
    "other_category": "other categories that they judge",
    "leave": "leave in the review time",
    "continuity": "did not judge the round before",
    "same_provider": "asked about this provider before",
    "unconfirmed": "facts that are not known",
}
# Each rule in words, and what would change that it stands in the way.
RULES: Final[Mapping[str, tuple[str, str]]] = {
    "first_round": ("judged what the objection is about", "nothing: an objection needs other people"),
    "asked_before": ("was asked about this case before", "nothing: everybody is asked once"),
    "employer": ("works for the provider", "another employer on the list"),
    "earlier_employer": ("worked for the provider", "nothing, if the list is right"),
    "interest": ("has an interest in the provider", "an interest less on the list"),
    "mail_domain": (
        "has a mail address at the provider's domain",
        "an address elsewhere, if nothing ties them",
    ),
    "unconfirmed": ("not all is known that may tie them to a provider", "the facts on the list"),
    "sector": ("judges none of its sectors", "one of its sectors on the list"),
    "category": ("does not judge its category", "its category on the list"),
    "away": ("is away", "the end of their leave"),
    "capacity": ("has no capacity left", "a higher capacity, or the day on which a case leaves the window"),
    "taken": ("their last places went to more urgent or dearer cases", "a higher capacity, or a case less"),
}
CONFIRM: Final[Mapping[str, str]] = {
    "employer": "for whom they work",
    "earlier_employers": "for whom they worked",
    "interests": "whether they have an interest in providers",
}

Told = Mapping[str, Any]


@group.callback()
def assignment() -> None:
    """Why reviewers are asked, and others are not."""


@group.command()
def explain(
    case: CaseNumber,
    json: AsJson = False,
) -> None:
    """Show why its reviewers were asked and others not; if it lacks some, whom it would get now (nobody is asked)."""
    with opened() as app:
        found = choosing.explain(app, case.strip().upper())
    if json:
        output.as_json({name: value for name, value in found.items() if name != "names"})
        return
    output.line(f"{found['case']}: {output.cell(found['title'])}", "bold")
    for one in found["rounds"]:
        _show(f"On {moments.local(one['at'])}", one, found["names"])
    if found["now"] is not None:
        _show("Now, if reviewers were assigned", found["now"], found["names"])
    elif not found["rounds"]:
        output.line("No reviewers were chosen for it.")


def _show(when: str, one: Told, names: Mapping[str, str]) -> None:
    chosen = ", ".join(_named(key, names) for key in one["reviewers"])
    output.heading(f"{when}: {chosen or 'nobody, since too few may'}")
    for key, price in (one["why"] or {}).items():
        output.line(f"{_named(key, names)} costs {_price(price)}.")
    for key, facts in (one["confirm"] or {}).items():
        output.line(f"{_named(key, names)} is asked {_listed([CONFIRM[fact] for fact in facts])}.")
    if one["in_the_way"]:
        output.line(_standing(one, names))
    if one["nearest"]:
        output.table(
            ("might have been", "more", "than", "for", "asked if cheaper by"), _nearest(one["nearest"], names)
        )
    if one["others"]:
        output.line(f"{_others(one)}: {_some(one['others'])}.")
    if one["why_not"]:
        output.table(("rule", "who may not", "since", "what would change it"), _rows(one["why_not"]))


def _named(key: str, names: Mapping[str, str]) -> str:
    return f"{names[key]} ({key})" if names.get(key) else key


def _price(price: Mapping[str, int] | str) -> str:
    """Return what somebody costs; homes of before this release hold a sentence."""
    if isinstance(price, str):
        return price
    return f"{sum(price.values())} points: {_reasons(price)}" if price else "nothing"


def _reasons(price: Mapping[str, int]) -> str:
    return ", ".join(f"{REASONS[name]} {points}" for name, points in price.items())


def _listed(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _standing(one: Told, names: Mapping[str, str]) -> str:
    """Return the rule that most stands in the way, and what its end would bring."""
    rule = one["in_the_way"]
    since, change = RULES[rule]
    gained = (one["gains"] or {}).get(rule, [])
    told = (
        f"Most in the way: {since} ({len(one['why_not'][rule])} reviewers). What would change it: {change}."
    )
    if not gained:
        return f"{told} That alone would bring nobody: others stand in their way too."
    days = one.get("gains_from") or {}
    return f"{told} That alone would bring {_listed([_gained(key, names, days) for key in gained[:NAMED]])}."


def _gained(key: str, names: Mapping[str, str], days: Mapping[str, str | None]) -> str:
    return f"{_named(key, names)}{f' from {days[key]}' if days.get(key) else ''}"


def _nearest(nearest: Mapping[str, Told], names: Mapping[str, str]) -> list[tuple[object, ...]]:
    return [
        (
            _named(key, names),
            sum(one["more"].values()),
            one["instead_of"],
            _reasons(one["more"]) or "equal: the first by id is asked",
            sum(one["more"].values()) + 1,
        )
        for key, one in nearest.items()
    ]


def _others(one: Told) -> str:
    return "Others who would have cost more" if one["reviewers"] else "Who may, but are too few"


def _rows(why_not: Mapping[str, Any]) -> list[tuple[object, ...]]:
    return [_row(rule, found) for rule, found in why_not.items()]


def _row(rule: str, found: list[str] | str) -> tuple[object, ...]:
    """Return a rule with whom it keeps away; homes of before this release hold a sentence for each reviewer."""
    if isinstance(found, str):
        return "", rule, found, ""
    return rule, _some(found), *RULES[rule]


def _some(ids: Sequence[str]) -> str:
    more = len(ids) - NAMED
    return ", ".join(ids[:NAMED]) + (f" and {more} more" if more > 0 else "")
