"""What other rules would have made of a case: findings, weighing, decision and hours; nothing changes."""

from __future__ import annotations

from typing import Any

from pipeline.casework import dossier, explaining, judging
from pipeline.casework.dossier import Dossier
from pipeline.domain import completeness, decisions
from pipeline.domain.lifecycle import Kind
from pipeline.domain.policy import Policy
from pipeline.store.reading import case_by_number
from pipeline.wiring import App

Json = dict[str, Any]


def rejudge(app: App, number: str, other: Policy) -> Json:
    """Return a case under its own rules and under others, side by side.

    What stands in the submission now is judged, supplements included, and all verdicts on record are weighed.

    Raises:
        NotFound: no case has this number.
    """
    with app.database.reading() as connection:
        known = dossier.read_with(connection, case_by_number(connection, number))
    own = app.policy_of(known.case.policy_version)
    was, would = _under(known, own), _under(known, other)
    return {
        "case": number,
        "state": known.case.state.value,
        "result": known.case.result and known.case.result.value,
        "own": {"policy": own.version, **was},
        "other": {"policy": other.version, **would},
        "differs": [name for name in was if name != "trail" and was[name] != would[name]],
    }


def _under(known: Dossier, policy: Policy) -> Json:
    weighed = judging.weighed_under(known, policy)
    decision = explaining.decided_again(known, policy)
    result = decision and explaining.result_of(known, decision)
    return {
        "findings": _findings(known, policy),
        "reviewers": weighed.places,
        "outcome": _outcome(known, policy),
        "result": result and result.value,
        "rule": decision["rule"] if decision else weighed.rule or None,
        "hours": decision and decision["hours"],
        "score": decision and decision["score"],
        "by": decision and decision["by"],
        "trail": decision["trail"] if decision else decisions.trail(weighed.trail),
    }


def _findings(known: Dossier, policy: Policy) -> list[Json]:
    case = known.case
    if case.kind is Kind.OBJECTION:
        return []
    found = completeness.findings(case.kind, case.data, policy.completeness)
    return [
        {
            "field": one.field,
            "id": one.by and one.by.id,
            "rule": one.rule,
            "severity": "must" if one.is_must else "should",
        }
        for one in found
    ]


def _outcome(known: Dossier, policy: Policy) -> str:
    """Return what the verdicts on record bring a case to, whatever a human then decided."""
    weighed = judging.weighed_under(known, policy)
    if weighed.event is None:
        return "waits"
    if weighed.agreed and policy.judging.sign_off == "human":
        return "proposed"
    return weighed.event.value
