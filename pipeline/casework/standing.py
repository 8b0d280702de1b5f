"""What the office does to an admission: it is suspended, withdrawn or given back; running cases go on.

The journal of the case that admitted the provider tells of it, and the provider gets a letter.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from pipeline.casework import correspondence, providers, walk
from pipeline.casework.draft import Draft
from pipeline.domain import admissions
from pipeline.domain.admissions import ACTS, LEADS_TO, Act, Standing
from pipeline.errors import UsageError
from pipeline.store import rows, tables
from pipeline.store.unit import Change, changed
from pipeline.wiring import App


def of(provider: rows.Provider, on: date) -> Standing:
    """Return where a provider stands on a day."""
    return admissions.standing(
        is_admitted=provider.admitted_at is not None,
        kept=provider.standing,
        until=provider.admitted_until,
        is_taken_over=provider.merged_into is not None,
        on=on,
    )


def change(app: App, word: str, act: Act, reason: str, by: str) -> tuple[rows.Provider, bool]:
    """Suspend, withdraw or reinstate an admission; says too whether that changed anything.

    Args:
        word: id, KvK number or case number of the provider.
        reason: in Dutch, for the letter to the provider.

    Raises:
        NotFound: there is no such provider.
        UsageError: it stands where this cannot be done.
    """
    with app.database.reading() as connection:
        provider = providers.resolved(connection, providers.named(connection, word))
    if provider.admitted_by is None:
        raise UsageError(f"{provider.name} is not admitted: there is nothing to {act}.")
    done: list[bool] = []
    walk.advance(app, provider.admitted_by, by, lambda draft: done.append(_change(draft, act, reason)))
    return provider, done[-1]


def _change(draft: Draft, act: Act, reason: str) -> bool:
    known = draft.dossier.provider
    now = of(known, draft.today)
    if now is LEADS_TO[act]:
        return False
    if (step := ACTS.get((now, act))) is None:
        raise UsageError(f"The admission of {known.name} is {now}: there is nothing to {act}.")
    anew = replace(known, standing=step.kept, standing_at=draft.now, version=known.version + 1)
    as_read = {"id": known.id, "version": known.version}
    draft.op(Change(tables.providers, as_read, changed(known, anew)))
    draft.dossier = replace(draft.dossier, provider=anew)
    draft.note(step.letter, provider=known.id, reason=reason)
    correspondence.to_provider(draft, step.letter, {"reason": reason})
    return True
