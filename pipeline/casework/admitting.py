"""What a decision does to the admission of its provider: from when, until when, and who the provider then is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from pipeline.casework import providers
from pipeline.casework.draft import Draft
from pipeline.domain import admissions
from pipeline.domain.admissions import Standing
from pipeline.store import rows


def promised(draft: Draft) -> dict[str, Any]:
    """Return what a decision to admit gives, in JSON: its last day, and whether it renews an admission."""
    known = draft.dossier.provider
    months, former = draft.policy.admissions.valid_months, known.admitted_until
    until = admissions.last_day(draft.today, months, former)
    return {"until": until and until.isoformat(), "renews": known.admitted_by is not None}


def told(case: rows.Case) -> tuple[date | None, bool]:
    """Return the last day that a decision gave, None without end, and whether it renewed an admission."""
    kept = (case.decision or {}).get("admission") or {}
    return (date.fromisoformat(kept["until"]) if kept.get("until") else None), bool(kept.get("renews"))


def admitted_anew(draft: Draft) -> rows.Provider:
    """Return the provider as it is once the decision is in effect.

    A renewal brings what the application says of it by now, if that is about the same organisation. Who was
    suspended stays so; who had lost the admission has it again.
    """
    case, known = draft.case, draft.dossier.provider
    until, _ = told(case)
    lasts = known.standing != Standing.WITHDRAWN
    return replace(
        _described(draft),
        admitted_by=case.id,
        admitted_at=known.admitted_at or draft.now,
        admitted_until=until,
        standing=known.standing if lasts else None,
        standing_at=known.standing_at if lasts else None,
    )


def _described(draft: Draft) -> rows.Provider:
    known = draft.dossier.provider
    if known.admitted_by is None or draft.dossier.activity.erased_on is not None:
        return known
    anew = providers.of_application(draft.dossier.activity.data, known.id)
    return providers.described(known, anew) if anew.kvk == known.kvk else known
