"""What an application makes known of its provider, as long as that is not admitted."""

from __future__ import annotations

from pipeline.casework import effects, providers
from pipeline.casework.draft import Draft
from pipeline.store import tables
from pipeline.store.unit import Insert


def remember_number(draft: Draft) -> None:
    """Add the provider's KvK number to the history of its numbers."""
    provider = draft.dossier.provider
    if provider.kvk:
        values = {"provider_id": provider.id, "kvk": provider.kvk, "since": draft.now}
        draft.op(Insert(tables.provider_kvks, values, or_ignore=True))


def describe_anew(draft: Draft) -> None:
    """Let a supplemented application change what is known of its provider; who is admitted stays who it is."""
    known = draft.dossier.provider
    anew = providers.of_application(draft.case.data, known.id)
    draft.set(title=anew.name)
    if known.admitted_by is None:
        effects.change_provider(draft, providers.described(known, anew))
        remember_number(draft)
