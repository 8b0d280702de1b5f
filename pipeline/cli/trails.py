"""A decision as a person reads it: what it came to, rule by rule, and whether it comes to the same again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.cli import output

Json = Mapping[str, Any]


def show_explained(found: Json) -> None:
    """Print a decision, what it rests on, and what became of making it again."""
    decision = found["decision"] or {}
    output.line(f"{found['case']}: {found['result'] or 'held for a signature'}", "bold")
    output.facts(_facts(found, decision))
    trail = decision.get("trail") or (found["again"] or {}).get("trail")
    if trail:
        output.heading("How it was weighed" if decision.get("trail") else "How it is weighed now")
        show_trail(trail)
    if decision.get("motivations"):
        output.heading("Motivation, as the letter has it")
        for motivation in decision["motivations"]:
            output.block(f"  {motivation}")
    output.heading("Made again from the record")
    for line in (*_decided_again(found), *_drawn_again(found["letter"])):
        output.line(line)


def _facts(found: Json, decision: Json) -> dict[str, object]:
    asked, granted, differs = decision.get("asked"), decision.get("hours"), decision.get("differs")
    amended = decision.get("amended")
    return {
        "decided on": found["decided_on"],
        "under policy": found["policy"],
        "rule": decision.get("rule"),
        "decided by": decision.get("by"),
        "signed by": decision.get("signed_by"),
        "motivation amended": amended and f"by {amended['by']}; the reviewers' own stays on record",
        "hours asked": asked and hours(asked),
        "hours granted": granted and hours(granted),
        "differ since": differs and differs["because"],
        "weighted score": decision.get("score") and f"{decision['score']} of 4",
        "verdicts": decision.get("verdicts"),
    }


def hours(told: Json) -> str:
    """Return hours as one line, contact first."""
    return f"{told['contact']} + {told['self_study']} = {told['total']} RU"


def show_trail(trail: list[Json]) -> None:
    """Print every rule that was tried, in order."""
    rows = [
        (place, one["rule"], "; ".join(one["compared"]), _policy(one["policy"]), one["follows"])
        for place, one in enumerate(trail, start=1)
    ]
    output.table(("", "rule", "compared", "policy", "what followed"), rows)


def _policy(values: Json) -> str:
    return ", ".join(f"{name} = {value}" for name, value in values.items())


def _decided_again(found: Json) -> list[str]:
    if found["again"] is None:
        return ["Decision: no verdicts were weighed and nobody decided by hand; nothing to weigh again."]
    if not found["same"]:
        return ["Decision: NOT the same. This is what the record comes to:", f"  {_in_short(found['again'])}"]
    if (found["decision"] or {}).get("trail") is None:
        return ["Decision: the same, as far as was kept; it was taken before trails were."]
    trail = "" if found["same_trail"] else ", though this release words its trail otherwise"
    return [f"Decision: the same{trail}."]


def _in_short(decision: Json) -> str:
    granted = decision["hours"]
    return f"{decision['event']}{f', {hours(granted)}' if granted else ''} ({decision['rule']})"


def _drawn_again(letter: Json | None) -> list[str]:
    if letter is None:
        return ["Letter: none was written yet."]
    if letter["same"] is None:
        return [f"Letter {letter['letter']}: its bytes were erased on {letter['erased_on']}."]
    if letter["same"]:
        return [f"Letter {letter['letter']} ({letter['kind']}): the same bytes, SHA-256 {letter['sha256']}."]
    return [
        f"Letter {letter['letter']} ({letter['kind']}): NOT the same bytes.",
        f"  as it was stored  {letter['sha256']}",
        f"  from the record   {letter['sha256_again']}",
    ]


def show_rejudged(found: Json) -> None:
    """Print a case under its own rules and under others, side by side."""
    own, other = found["own"], found["other"]
    stands = ", ".join(found[key] for key in ("state", "result") if found[key])
    output.line(f"{found['case']}: {stands}", "bold")
    differs = found["differs"]
    output.table(
        ("", f"policy {own['policy']}", f"policy {other['policy']}", "differs"),
        [(name, text(own), text(other), key in differs) for key, (name, text) in _SIDE_BY_SIDE.items()],
    )
    output.heading(f"How policy {other['policy']} weighs it")
    show_trail(other["trail"])
    same = f"Policy {other['policy']} comes to the same."
    output.line(f"It would differ in: {', '.join(differs)}." if differs else same)


def _found(one: Json) -> str:
    told = (
        finding["field"] + ("" if finding["severity"] == "must" else " (advice)")
        for finding in one["findings"]
    )
    return ", ".join(told) or "nothing"


_SIDE_BY_SIDE: Any = {
    "findings": ("incomplete", _found),
    "reviewers": ("reviewers needed", lambda one: one["reviewers"]),
    "outcome": ("verdicts come to", lambda one: one["outcome"]),
    "result": ("result", lambda one: one["result"]),
    "rule": ("rule", lambda one: one["rule"]),
    "hours": ("hours granted", lambda one: one["hours"] and hours(one["hours"])),
    "score": ("weighted score", lambda one: one["score"]),
    "by": ("decided by", lambda one: one["by"]),
}
