"""What a season came to, as figures: for the page, for JSON, and for whoever compares two replays."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median, quantiles
from typing import Any, Final

from sqlalchemy import select

from pipeline.contract import received_on
from pipeline.domain.lifecycle import Kind, Result
from pipeline.domain.policy import Rung
from pipeline.store import rows, tables
from pipeline.store.reading import all_of
from pipeline.wiring import App

# What held a late case up, the first that applies.
WHY: Final = ("no_reviewers", "escalated", "disagreed", "recused", "slow_review", "other")


@dataclass(frozen=True)
class Story:
    """One case with what there is to tell of it."""

    case: rows.Case
    assignments: tuple[rows.Assignment, ...]
    verdicts: tuple[rows.Verdict, ...]
    tasks: frozenset[str]

    @property
    def ended_on(self) -> date | None:
        """The day on which the term ended, met or not."""
        return self.case.in_effect_on or self.case.closed_on

    @property
    def is_late(self) -> bool:
        """Say whether its decision was sent after the last day of its term, or never was: all terms are over."""
        due_on = self.case.due_on
        return due_on is not None and (self.ended_on is None or self.ended_on > due_on)


def stories(app: App) -> list[Story]:
    """Return every case, by number."""
    with app.database.reading() as connection:
        cases = all_of(connection, rows.Case, order=[tables.cases.c.number])
        assignments = _by_case(all_of(connection, rows.Assignment, order=[tables.assignments.c.place]))
        verdicts = _by_case(all_of(connection, rows.Verdict, order=[tables.verdicts.c.place]))
        tasks: dict[str, set[str]] = defaultdict(set)
        for case_id, kind in connection.execute(select(tables.tasks.c.case_id, tables.tasks.c.kind)):
            tasks[case_id].add(kind)
    return [
        Story(case, tuple(assignments[case.id]), tuple(verdicts[case.id]), frozenset(tasks[case.id]))
        for case in cases
    ]


def _by_case(found: Iterable[Any]) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = defaultdict(list)
    for one in found:
        groups[one.case_id].append(one)
    return groups


def of(app: App) -> dict[str, Any]:
    """Return the figures of a home in which a season was replayed."""
    told = stories(app)
    return {
        "counts": _counts(told),
        "weeks": _weeks(told),
        "terms": _terms(told),
        "days_left": sorted(_left(told)),
        "late": _late(told),
        "reviewers": _reviewers(told),
        "reminders": _reminders(app),
        "refused": _refused(app),
        "letters": _letters(app),
    }


def _counts(told: list[Story]) -> list[dict[str, Any]]:
    """Count the cases by kind, state and result."""
    found = Counter(
        (one.case.kind.value, one.case.state.value, one.case.result and one.case.result.value) for one in told
    )
    ordered = sorted(found.items(), key=lambda item: tuple(str(part) for part in item[0]))
    return [
        dict(zip(("kind", "state", "result", "cases"), (*key, count), strict=True)) for key, count in ordered
    ]


def _weeks(told: list[Story]) -> list[dict[str, Any]]:
    """Count by the Monday of each week what came in, what ended, and what was open at its end."""
    came = Counter(_monday(one.case.received_on) for one in told)
    ended = Counter(_monday(one.ended_on) for one in told if one.ended_on)
    found, open_cases = [], 0
    week, last = min(came, default=None), max([*came, *ended], default=None)
    while week is not None and last is not None and week <= last:
        open_cases += came[week] - ended[week]
        found.append(
            {"week": week.isoformat(), "received": came[week], "ended": ended[week], "open": open_cases}
        )
        week += timedelta(days=7)
    return found


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _terms(told: list[Story]) -> list[dict[str, Any]]:
    """Tell by kind how many days from receipt to decision, and how many were left of the term."""
    found = []
    for kind in Kind:
        ended = [
            one
            for one in told
            if one.case.kind is kind and one.ended_on and one.case.result is not Result.WITHDRAWN
        ]
        took = [(one.ended_on - one.case.received_on).days for one in ended if one.ended_on]
        left = [(one.case.due_on - one.ended_on).days for one in ended if one.ended_on and one.case.due_on]
        if took:
            found.append(
                {"kind": kind.value, "cases": len(took), **_spread("days", took), **_spread("left", left)}
            )
    return found


def _spread(name: str, values: list[int]) -> dict[str, float]:
    deciles = quantiles(values, n=10, method="inclusive") if len(values) > 1 else values * 9
    return {
        f"{name}_p10": round(deciles[0], 1),
        f"{name}_median": median(values),
        f"{name}_p90": round(deciles[8], 1),
    }


def _left(told: list[Story]) -> list[int]:
    """Return for each activity that was decided how many days were left; below zero it was late."""
    return [
        (one.case.due_on - one.ended_on).days
        for one in told
        if one.case.kind is Kind.ACTIVITY
        and one.case.due_on
        and one.ended_on
        and one.case.result is not Result.WITHDRAWN
    ]


def _late(told: list[Story]) -> dict[str, Any]:
    """Tell how many missed their term, of each kind, and what held them up; what was never decided too."""
    late = [one for one in told if one.is_late]
    kinds = [
        {
            "kind": kind.value,
            "cases": sum(one.case.kind is kind for one in told),
            "late": sum(one.case.kind is kind for one in late),
        }
        for kind in Kind
    ]
    why = Counter(_why(one) for one in late)
    return {
        "cases": len(late),
        "share": round(len(late) / len(told), 4) if told else 0.0,
        "by_kind": kinds,
        "why": [{"why": name, "cases": why[name]} for name in WHY if why[name]],
    }


def _why(one: Story) -> str:
    """Return what held a late case up most."""
    waited = max((one.assignments[0].asked_on - one.case.received_on).days if one.assignments else 0, 0)
    due = one.case.due_on
    if "no_reviewers" in one.tasks and (not one.assignments or waited > 7):
        return "no_reviewers"
    if "escalated" in one.tasks:
        return "escalated"
    if len([each for each in one.verdicts if each.verdict != "recuse"]) > 2:
        return "disagreed"
    if any(each.verdict == "recuse" for each in one.verdicts):
        return "recused"
    overdue = {each.reviewer_id: each.review_by for each in one.assignments}
    if due and any(received_on(each.given_at) > overdue[each.reviewer_id] for each in one.verdicts):
        return "slow_review"
    return "other"


def _reviewers(told: list[Story]) -> list[dict[str, Any]]:
    """Tell for each reviewer what was asked, answered and recused, and how long answers took."""
    days: dict[str, list[int]] = defaultdict(list)
    for one in told:
        since = {each.reviewer_id: each.asked_on for each in one.assignments}
        for each in one.verdicts:
            days[each.reviewer_id].append((received_on(each.given_at) - since[each.reviewer_id]).days)
    counted = Counter(each.reviewer_id for one in told for each in one.assignments)
    return [
        {
            "reviewer": who,
            "asked": counted[who],
            "answered": len(days[who]),
            "days_median": median(days[who]) if days[who] else None,
        }
        for who in sorted(counted)
    ]


def _reminders(app: App) -> list[dict[str, Any]]:
    """Count by rung of the ladder, in its order: letters, those of them that came back, and what one overtook."""
    ladder = {one.key: one for one in app.policy.reminders.rungs}
    sent: Counter[str] = Counter()
    again: Counter[str] = Counter()
    overtaken: Counter[str] = Counter()
    table = tables.rungs
    with app.database.reading() as connection:
        for key, superseded in connection.execute(select(table.c.key, table.c.superseded_by)):
            rung = (
                key if key in ladder else key.rpartition("_")[0]
            )  # what comes back has its number behind it
            (overtaken if superseded else sent)[rung] += 1
            again[rung] += rung != key and not superseded
    return [
        {
            **_rung(ladder[key]),
            "sent": sent[key],
            "sent_again": again[key],
            "superseded": overtaken[key],
        }
        for key in ladder
        if sent[key] or overtaken[key]
    ]


def _rung(rung: Rung) -> dict[str, Any]:
    """Tell which rung it is; days before the deadline are less than zero."""
    days = rung.days_after if rung.days_before is None else -rung.days_before
    return {
        "rung": rung.key,
        "deadline": rung.deadline,
        "kinds": list(rung.kinds),
        "days": days,
        "to": rung.to,
    }


def _refused(app: App) -> list[dict[str, Any]]:
    with app.database.reading() as connection:
        query = select(tables.events.c.rule).where(tables.events.c.state == "refused")
        found = Counter(connection.execute(query).scalars())
    return [{"rule": rule, "events": count} for rule, count in sorted(found.items())]


def _letters(app: App) -> list[dict[str, Any]]:
    table = tables.letters
    with app.database.reading() as connection:
        found = Counter(tuple(row) for row in connection.execute(select(table.c.kind, table.c.state)))
    return [
        {"kind": kind, "state": state, "letters": count} for (kind, state), count in sorted(found.items())
    ]
