"""Where a provider is, and so which school holidays are theirs."""

from __future__ import annotations

from sqlalchemy import Connection

from pipeline.domain.calendar_files import SchoolRegion
from pipeline.domain.lifecycle import Kind
from pipeline.domain.regions import region_of
from pipeline.store import rows
from pipeline.store.reading import by_id
from pipeline.wiring import App


def city(connection: Connection, provider: rows.Provider) -> str | None:
    """Return the place of the address in the application by which a provider was admitted."""
    admission = _case(connection, provider.admitted_by)
    if admission is not None and admission.kind is Kind.OBJECTION:
        admission = _case(connection, admission.subject_id)
    found = (admission.data.get("provider") or {}).get("city") if admission else None
    return found if isinstance(found, str) and found.strip() else None


def region(app: App, provider: rows.Provider) -> SchoolRegion | None:
    """Return the region of the school holidays in which a provider is; None where that is not known."""
    with app.database.reading() as connection:
        return region_of(city(connection, provider), app.regions)


def _case(connection: Connection, case_id: str | None) -> rows.Case | None:
    return by_id(connection, rows.Case, case_id)
