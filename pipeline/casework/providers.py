"""Who a provider is: found by KvK number, kept from the application, compared with others."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection, and_, or_, select

from pipeline.casework import correspondence, effects
from pipeline.casework.draft import Draft
from pipeline.contract import is_kvk, normalise_kvk
from pipeline.domain.lifecycle import OPEN, Kind
from pipeline.store import rows, tables
from pipeline.store.prepared import Listed
from pipeline.store.reading import all_of
from pipeline.store.unit import Insert

_KVKS: Final = tables.provider_kvks.c
_NUMBERS: Final = Listed(lambda ids: select(_KVKS.provider_id, _KVKS.kvk).where(_KVKS.provider_id.in_(ids)))
KEY_LENGTH: Final = 32  # of a postcode, for comparing; a real one has 6 characters


def of_application(data: Mapping[str, Any], key: str) -> rows.Provider:
    """Return the provider that an application describes."""
    given = data["provider"]
    contact = given.get("contact") or {}
    number = given.get("kvk_number") or ""
    return rows.Provider(
        id=key,
        name=given["name"],
        name_key=_compared(given["name"]),
        postcode_key="".join((given.get("postcode") or "").upper().split())[:KEY_LENGTH],
        kvk=normalise_kvk(number) if is_kvk(number) else None,
        contact_name=contact.get("name"),
        form_of_address=contact.get("form_of_address"),
        email=contact.get("email"),
    )


def _compared(name: str) -> str:
    return " ".join(name.casefold().split())


def renamed(provider: rows.Provider, name: str) -> rows.Provider:
    """Return a provider of which the name was wrong."""
    return replace(provider, name=name, name_key=_compared(name))


def remember_number(draft: Draft) -> None:
    """Add the provider's KvK number to the history of its numbers."""
    provider = draft.dossier.provider
    if provider.kvk:
        values = {"provider_id": provider.id, "kvk": provider.kvk, "since": draft.now}
        draft.op(Insert(tables.provider_kvks, values, or_ignore=True))


def describe_anew(draft: Draft) -> None:
    """Let a supplemented application change what is known of its provider."""
    known = draft.dossier.provider
    anew = of_application(draft.case.data, known.id)
    effects.change_provider(
        draft, replace(anew, admitted_by=known.admitted_by, admitted_at=known.admitted_at)
    )
    draft.set(title=anew.name)
    remember_number(draft)


def flag_duplicates(draft: Draft) -> None:
    """Flag an application that looks like another one; it stops nothing, a person decides."""
    with draft.app.database.reading() as connection:
        numbers = lookalikes(connection, draft.dossier.provider)
    new = [number for number in numbers if f"duplicate of {number}" not in draft.case.flags]
    if new:
        draft.set(flags=[*draft.case.flags, *(f"duplicate of {number}" for number in new)])
        correspondence.to_owner(draft, "duplicate", f"Lijkt op {', '.join(new)}.")


def lookalikes(connection: Connection, provider: rows.Provider) -> list[str]:
    """Return the numbers of applications with the same postcode and the same KvK number or name."""
    table, cases = tables.providers, tables.cases
    same_number = and_(table.c.kvk == provider.kvk, table.c.kvk.is_not(None))
    same = or_(table.c.name_key == provider.name_key, same_number)
    query = (
        select(cases.c.number)
        .join(table, cases.c.provider_id == table.c.id)
        .where(cases.c.kind == Kind.ADMISSION, table.c.id != provider.id, same)
        .where(table.c.postcode_key == provider.postcode_key, table.c.postcode_key != "")
        .order_by(cases.c.number)
    )
    return list(connection.execute(query).scalars())


def admitted(connection: Connection, kvk: str) -> rows.Provider | None:
    """Return the provider with this KvK number whose admission is in effect; of several the earliest."""
    table, history = tables.providers, tables.provider_kvks
    query = select(history.c.provider_id).where(history.c.kvk == normalise_kvk(kvk))
    found = all_of(
        connection,
        rows.Provider,
        table.c.id.in_(query),
        table.c.admitted_at.is_not(None),
        order=[table.c.admitted_at],
    )
    return found[0] if found else None


def applying(connection: Connection, kvk: str) -> rows.Provider | None:
    """Return the provider with this KvK number whose application is open; of several the latest."""
    table, cases, history = tables.providers, tables.cases, tables.provider_kvks
    numbers = select(history.c.provider_id).where(history.c.kvk == normalise_kvk(kvk))
    running = select(cases.c.provider_id).where(cases.c.kind == Kind.ADMISSION, cases.c.state.in_(OPEN))
    found = all_of(
        connection, rows.Provider, table.c.id.in_(numbers), table.c.id.in_(running), order=[table.c.id]
    )
    return found[-1] if found else None


def numbers_of(connection: Connection, provider_id: str) -> frozenset[str]:
    """Return every KvK number that the provider has had."""
    return numbers_of_each(connection, [provider_id])[provider_id]


def numbers_of_each(connection: Connection, ids: Collection[str]) -> dict[str, frozenset[str]]:
    """Return every KvK number that each of these providers has had."""
    found: dict[str, frozenset[str]] = dict.fromkeys(ids, frozenset())
    for provider_id, kvk in _NUMBERS.rows(connection, list(found)):
        found[provider_id] |= {kvk}
    return found
