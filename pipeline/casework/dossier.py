"""All that is known of one case, as it was read at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from pipeline.domain.hours import Hours
from pipeline.domain.lifecycle import Kind
from pipeline.store import rows, tables
from pipeline.store.reading import Row, all_of, one_of
from pipeline.store.unit import TABLES


@dataclass(frozen=True)
class Dossier:
    """One case and what belongs to it.

    Attributes:
        registration: the latest version under its activity number, pending or in effect.
        subject: for an objection the case that it is about.
        subject_reviewers: whoever was ever assigned to that case.
        reviewers: those assigned to this case, by id.
        tasks: those still open.
    """

    case: rows.Case
    provider: rows.Provider
    requests: list[rows.Request] = field(default_factory=list)
    extensions: list[rows.Extension] = field(default_factory=list)
    assignments: list[rows.Assignment] = field(default_factory=list)
    verdicts: list[rows.Verdict] = field(default_factory=list)
    rungs: list[rows.Rung] = field(default_factory=list)
    tasks: list[rows.Task] = field(default_factory=list)
    registration: rows.Registration | None = None
    subject: rows.Case | None = None
    subject_reviewers: frozenset[str] = frozenset()
    reviewers: Mapping[str, rows.Reviewer] = field(default_factory=dict)

    @property
    def activity(self) -> rows.Case:
        """Return the case that holds the submission: this one, or an objection's subject."""
        return self.subject or self.case


def read(connection: Connection, case_id: str) -> Dossier:
    """Return what is known of a case.

    Raises:
        LookupError: there is no such case.
    """
    case = one_of(connection, rows.Case, tables.cases.c.id == case_id)
    if case is None:
        raise LookupError(f"no case has the id {case_id}")
    return read_with(connection, case)


def read_with(connection: Connection, case: rows.Case) -> Dossier:
    """Return what is known of a case that was read in the same transaction."""
    provider = one_of(connection, rows.Provider, tables.providers.c.id == case.provider_id)
    assert provider is not None  # a foreign key
    assignments = _of_case(connection, rows.Assignment, case.id, tables.assignments.c.place)
    subject, subject_reviewers = _subject(connection, case)
    return Dossier(
        case=case,
        provider=provider,
        requests=_of_case(connection, rows.Request, case.id, tables.requests.c.place),
        extensions=_of_case(connection, rows.Extension, case.id, tables.extensions.c.until),
        assignments=assignments,
        verdicts=_of_case(connection, rows.Verdict, case.id, tables.verdicts.c.place),
        rungs=_of_case(connection, rows.Rung, case.id, tables.rungs.c.at),
        tasks=all_of(
            connection,
            rows.Task,
            tables.tasks.c.case_id == case.id,
            tables.tasks.c.closed_at.is_(None),
            order=[tables.tasks.c.opened_at],
        ),
        registration=_registration(connection, case, subject),
        subject=subject,
        subject_reviewers=subject_reviewers,
        reviewers=reviewers_by_id(connection, [assignment.reviewer_id for assignment in assignments]),
    )


def reviewers_by_id(connection: Connection, ids: list[str]) -> dict[str, rows.Reviewer]:
    """Return these reviewers."""
    if not ids:
        return {}
    found = all_of(connection, rows.Reviewer, tables.reviewers.c.id.in_(ids))
    return {reviewer.id: reviewer for reviewer in found}


def hours_asked(case: rows.Case) -> Hours | None:
    """Return what the provider asked, in RU; an admission asks none."""
    if case.kind is not Kind.ACTIVITY:
        return None
    return Hours.from_text(case.data["activity"].get("hours"))


def _of_case(connection: Connection, kind: type[Row], case_id: str, order: object) -> list[Row]:
    return all_of(connection, kind, TABLES[kind].c.case_id == case_id, order=[order])


def _subject(connection: Connection, case: rows.Case) -> tuple[rows.Case | None, frozenset[str]]:
    if case.subject_id is None:
        return None, frozenset()
    subject = one_of(connection, rows.Case, tables.cases.c.id == case.subject_id)
    asked = all_of(connection, rows.Assignment, tables.assignments.c.case_id == case.subject_id)
    return subject, frozenset(assignment.reviewer_id for assignment in asked)


def _registration(
    connection: Connection, case: rows.Case, subject: rows.Case | None
) -> rows.Registration | None:
    number = case.registration_number or (subject.registration_number if subject else None)
    if number is None:
        return None
    table = tables.registrations
    versions = all_of(connection, rows.Registration, table.c.number == number, order=[table.c.version])
    return versions[-1] if versions else None
