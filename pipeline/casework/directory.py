"""Providers as operators see them: plain JSON with stable keys, as docs/json.md names them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, func, select

from pipeline.casework import chronicle, providers, registered, standing
from pipeline.contract import received_on
from pipeline.domain.lifecycle import Kind
from pipeline.store import rows, tables
from pipeline.store.reading import all_of
from pipeline.wiring import App

Json = dict[str, Any]
# What the journals of its applications tell of a provider rather than of a case.
TOLD_OF: Final = (
    "looks_alike",
    "likeness_settled",
    "renewal",
    "admission_suspended",
    "admission_withdrawn",
    "admission_reinstated",
    "taken_over",
)


def every(app: App) -> list[Json]:
    """Return every provider, by name, without those that were taken over."""
    table, cases, on = tables.providers, tables.cases, received_on(app.clock.now())
    with app.database.reading() as connection:
        known = all_of(
            connection, rows.Provider, table.c.merged_into.is_(None), order=[table.c.name_key, table.c.id]
        )
        counted = select(cases.c.provider_id, func.count()).group_by(cases.c.provider_id)
        count: dict[str, int] = dict(connection.execute(counted).all())
        numbers = providers.case_of_each(connection, known)
    return [{**_row(one, numbers, on), "cases": count.get(one.id, 0)} for one in known]


def one(app: App, word: str) -> Json:
    """Return all about a provider; of one that was taken over its own row, and who took it over.

    Raises:
        NotFound: there is no such provider.
        UsageError: several have or had that KvK number.
    """
    on = received_on(app.clock.now())
    with app.database.reading() as connection:
        found = providers.named(connection, word)
        return {
            **_row(found, providers.case_of_each(connection, [found]), on),
            "contact_name": found.contact_name,
            "email": found.email,
            "kvks": _kvks(connection, found.id),
            "took_over": _taken_over(connection, found.id),
            "cases": [_case(case) for case in _cases(connection, found.id)],
            "registrations": _registrations(connection, found.id, on),
            "history": _history(connection, found),
        }


def _row(found: rows.Provider, numbers: Mapping[str, str], on: date) -> Json:
    return {
        "provider": found.id,
        "name": found.name,
        "kvk": found.kvk,
        "application": numbers.get(found.id),
        "admitted_at": found.admitted_at and found.admitted_at.isoformat(),
        "admitted_until": found.admitted_until and found.admitted_until.isoformat(),
        "standing": standing.of(found, on).value,
        "since": found.standing_at and found.standing_at.isoformat(),
        "merged_into": found.merged_into,
    }


def _kvks(connection: Connection, provider_id: str) -> list[Json]:
    table = tables.provider_kvks
    query = select(table.c.kvk, table.c.since).where(table.c.provider_id == provider_id)
    found = connection.execute(query.order_by(table.c.since, table.c.kvk))
    return [{"kvk": row.kvk, "since": row.since.isoformat()} for row in found]


def _taken_over(connection: Connection, provider_id: str) -> list[Json]:
    table = tables.providers
    found = all_of(connection, rows.Provider, table.c.merged_into == provider_id, order=[table.c.id])
    return [{"provider": former.id, "name": former.name, "kvk": former.kvk} for former in found]


def _cases(connection: Connection, provider_id: str) -> list[rows.Case]:
    table = tables.cases
    return all_of(
        connection, rows.Case, table.c.provider_id == provider_id, order=[table.c.received_on, table.c.number]
    )


def _case(case: rows.Case) -> Json:
    return {
        "case": case.number,
        "kind": case.kind.value,
        "title": case.title,
        "state": case.state.value,
        "result": case.result and case.result.value,
        "received_on": case.received_on.isoformat(),
    }


def _registrations(connection: Connection, provider_id: str, on: date) -> list[Json]:
    table = tables.registrations
    order = [table.c.number, table.c.version]
    found = all_of(connection, rows.Registration, table.c.provider_id == provider_id, order=order)
    return [
        {
            "number": version.number,
            "version": version.version,
            "title": version.title,
            "state": registered.stands(version, on).value,
        }
        for version in found
    ]


def _history(connection: Connection, found: rows.Provider) -> list[Json]:
    """Return what happened to the provider itself, oldest first; what two journals tell is told once."""
    table = tables.cases
    theirs = (table.c.provider_id == found.id, table.c.kind == Kind.ADMISSION)
    chains = {*connection.execute(select(table.c.id).where(*theirs)).scalars(), found.admitted_by} - {None}
    rows_of = [each for chain in sorted(chains) for each in chronicle.of(connection, chain)]
    told = {_key(*each): _told(*each) for each in rows_of if each[0].event in TOLD_OF}
    return [told[key] for key in sorted(told)]


def _key(entry: rows.Entry, content: rows.Content | None) -> tuple[str, str, str]:
    return entry.at.isoformat(), entry.event, json.dumps(content and content.facts, sort_keys=True)


def _told(entry: rows.Entry, content: rows.Content | None) -> Json:
    by, facts = (content.by, content.facts) if content else (None, None)
    return {"at": entry.at.isoformat(), "event": entry.event, "by": by, "facts": facts}
