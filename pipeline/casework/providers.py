"""Who a provider is: found by KvK number, kept from the application, compared with others."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, select

from pipeline.contract import is_kvk, normalise_kvk
from pipeline.domain import admissions
from pipeline.domain.admissions import Standing
from pipeline.domain.eligibility import domain_of
from pipeline.domain.lifecycle import OPEN, Kind
from pipeline.errors import NotFound, UsageError
from pipeline.store import rows, tables
from pipeline.store.prepared import Listed
from pipeline.store.reading import all_of, by_id, by_number

_KVKS: Final = tables.provider_kvks.c
_NUMBERS: Final = Listed(lambda ids: select(_KVKS.provider_id, _KVKS.kvk).where(_KVKS.provider_id.in_(ids)))
DOMAIN_LENGTH: Final = 253  # of a mail domain; no real one is longer, and no index takes any length
KEY_LENGTH: Final = 32  # of a postcode, for comparing; a real one has 6 characters


def of_application(data: Mapping[str, Any], key: str) -> rows.Provider:
    """Return the provider that an application describes."""
    given = data["provider"]
    contact = given.get("contact") or {}
    number, domain = given.get("kvk_number") or "", domain_of(contact.get("email"))
    return rows.Provider(
        id=key,
        name=given["name"],
        name_key=_compared(given["name"]),
        postcode_key="".join((given.get("postcode") or "").upper().split())[:KEY_LENGTH],
        kvk=normalise_kvk(number) if is_kvk(number) else None,
        contact_name=contact.get("name"),
        form_of_address=contact.get("form_of_address"),
        email=contact.get("email"),
        mail_domain=domain if 0 < len(domain) <= DOMAIN_LENGTH else None,
    )


def _compared(name: str) -> str:
    return " ".join(name.casefold().split())


def renamed(provider: rows.Provider, name: str) -> rows.Provider:
    """Return a provider of which the name was wrong."""
    return replace(provider, name=name, name_key=_compared(name))


def described(known: rows.Provider, anew: rows.Provider) -> rows.Provider:
    """Return a provider as another application of its describes it; where it stands stays as it is."""
    names = (
        "name",
        "name_key",
        "postcode_key",
        "kvk",
        "contact_name",
        "form_of_address",
        "email",
        "mail_domain",
    )
    return replace(known, **{name: getattr(anew, name) for name in names})


def admitted(connection: Connection, kvk: str) -> rows.Provider | None:
    """Return the provider with this KvK number whose admission is in effect; of several the earliest."""
    table = tables.providers
    is_admitted = table.c.admitted_at.is_not(None)
    found = all_of(connection, rows.Provider, *_of_number(kvk), is_admitted, order=[table.c.admitted_at])
    return found[0] if found else None


def to_renew(connection: Connection, kvk: str | None, on: date, days: int) -> rows.Provider | None:
    """Return the provider whose admission an application under this number renews; None where it is another's.

    Whose admission was withdrawn applies anew, and so does whoever has an application open: a person looks.

    Args:
        days: from how many days before the end of an admission on that is so.
    """
    known = None if kvk is None else admitted(connection, kvk)
    if kvk is None or known is None or known.kvk != kvk or known.standing == Standing.WITHDRAWN:
        return None
    is_due = admissions.is_renewal(on, known.admitted_until, days)
    return known if is_due and applying(connection, kvk) is None else None


def applying(connection: Connection, kvk: str) -> rows.Provider | None:
    """Return the provider with this KvK number whose application is open; of several the latest."""
    table, cases = tables.providers, tables.cases
    running = select(cases.c.provider_id).where(cases.c.kind == Kind.ADMISSION, cases.c.state.in_(OPEN))
    found = all_of(connection, rows.Provider, *_of_number(kvk), table.c.id.in_(running), order=[table.c.id])
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


def case_of_each(connection: Connection, known: Collection[rows.Provider]) -> dict[str, str]:
    """Return for each provider the number of the case that admitted it, else of its latest application."""
    cases = tables.cases
    query = select(cases.c.id, cases.c.provider_id, cases.c.number).where(
        cases.c.kind == Kind.ADMISSION, cases.c.provider_id.in_([one.id for one in known])
    )
    by, found = {one.admitted_by for one in known}, dict[str, str]()
    for case in sorted(connection.execute(query), key=lambda case: (case.id in by, case.number)):
        found[case.provider_id] = case.number
    return found


def named(connection: Connection, word: str) -> rows.Provider:
    """Return the provider with this id, with a case of this number, or with this KvK number.

    By its id one that was taken over is itself; else ``resolved`` says who it is now.

    Raises:
        NotFound: there is none.
        UsageError: several that were admitted have or had that KvK number, or several of which none was.
    """
    case = by_number(connection, word.strip().upper())
    found = by_id(connection, rows.Provider, case.provider_id if case else word.strip())
    if found is not None:
        return found
    several = all_of(connection, rows.Provider, *_of_number(word), order=[tables.providers.c.id])
    several = [one for one in several if one.admitted_at is not None] or several
    if not several:
        raise NotFound(f"There is no provider with the id, KvK number or case number {word.strip()}.")
    if len(several) > 1:
        ids = ", ".join(one.id for one in several)
        raise UsageError(
            f"Several providers have or had KvK number {word.strip()}: name one by its id, {ids}."
        )
    return several[0]


def _of_number(kvk: str) -> tuple[ColumnElement[bool], ...]:
    """Find who has or had a KvK number; one that was taken over has it no more, its taker does."""
    table, history = tables.providers, tables.provider_kvks
    theirs = select(history.c.provider_id).where(history.c.kvk == normalise_kvk(kvk))
    return table.c.id.in_(theirs), table.c.merged_into.is_(None)


def resolved(connection: Connection, provider: rows.Provider) -> rows.Provider:
    """Return who a provider is now: itself, or the one that took it over."""
    return by_id(connection, rows.Provider, provider.merged_into) or provider
