"""All that is known of one case, as it was read at one moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection

from pipeline.domain.hours import Hours
from pipeline.domain.lifecycle import Kind
from pipeline.store import rows, tables
from pipeline.store.reading import Asked, Row, by_id, by_ids


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
    case = by_id(connection, rows.Case, case_id)
    if case is None:
        raise LookupError(f"no case has the id {case_id}")
    return read_with(connection, case)


def read_with(connection: Connection, case: rows.Case) -> Dossier:
    """Return what is known of a case that was read in the same transaction."""
    return read_many(connection, [case])[0]


def read_many(connection: Connection, cases: Sequence[rows.Case]) -> list[Dossier]:
    """Return what is known of these cases, with as many queries for many as for one."""
    subjects = by_ids(connection, rows.Case, (case.subject_id for case in cases))
    around = [*cases, *subjects.values()]
    related = _Related(connection, [case.id for case in around])
    providers = by_ids(connection, rows.Provider, (case.provider_id for case in cases))
    registrations = _registrations(connection, around)
    return [
        _dossier(
            case, subjects.get(case.subject_id or ""), providers[case.provider_id], related, registrations
        )
        for case in cases
    ]


class _Related:
    """The rows that belong to some cases, by case."""

    def __init__(self, connection: Connection, ids: list[str]) -> None:
        self.requests = _by_case(connection, rows.Request, ids)
        self.extensions = _by_case(connection, rows.Extension, ids)
        self.assignments = _by_case(connection, rows.Assignment, ids)
        self.verdicts = _by_case(connection, rows.Verdict, ids)
        self.rungs = _by_case(connection, rows.Rung, ids)
        self.tasks = _by_case(connection, rows.Task, ids)
        asked = (one.reviewer_id for group in self.assignments.values() for one in group)
        self.reviewers = by_ids(connection, rows.Reviewer, asked)


def _dossier(
    case: rows.Case,
    subject: rows.Case | None,
    provider: rows.Provider,
    related: _Related,
    registrations: Mapping[str, rows.Registration],
) -> Dossier:
    assignments = related.assignments.get(case.id, [])
    first_round = related.assignments.get(subject.id, []) if subject else []
    number = case.registration_number or (subject.registration_number if subject else None)
    return Dossier(
        case=case,
        provider=provider,
        requests=related.requests.get(case.id, []),
        extensions=related.extensions.get(case.id, []),
        assignments=assignments,
        verdicts=related.verdicts.get(case.id, []),
        rungs=related.rungs.get(case.id, []),
        tasks=related.tasks.get(case.id, []),
        registration=registrations.get(number or ""),
        subject=subject,
        subject_reviewers=frozenset(one.reviewer_id for one in first_round),
        reviewers={one.reviewer_id: related.reviewers[one.reviewer_id] for one in assignments},
    )


def hours_asked(case: rows.Case) -> Hours | None:
    """Return what the provider asked, in RU; an admission asks none."""
    if case.kind is not Kind.ACTIVITY:
        return None
    return Hours.from_text(case.data["activity"].get("hours"))


_OF_CASE: Final[Mapping[type, Asked[Any]]] = {
    rows.Request: Asked(rows.Request, "case_id", order=tables.requests.c.place),
    rows.Extension: Asked(rows.Extension, "case_id", order=tables.extensions.c.until),
    rows.Assignment: Asked(rows.Assignment, "case_id", order=tables.assignments.c.place),
    rows.Verdict: Asked(rows.Verdict, "case_id", order=tables.verdicts.c.place),
    rows.Rung: Asked(rows.Rung, "case_id", order=tables.rungs.c.at),
    rows.Task: Asked(
        rows.Task, "case_id", tables.tasks.c.closed_at.is_(None), order=tables.tasks.c.opened_at
    ),
}
_VERSIONS: Final = Asked(rows.Registration, "number", order=tables.registrations.c.version)


def _by_case(connection: Connection, kind: type[Row], ids: list[str]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in _OF_CASE[kind].of(connection, ids):
        groups.setdefault(row.case_id, []).append(row)
    return groups


def _registrations(connection: Connection, cases: Iterable[rows.Case]) -> dict[str, rows.Registration]:
    """Return the latest version under each activity number of these cases."""
    numbers = sorted({case.registration_number for case in cases if case.registration_number})
    return {version.number: version for version in _VERSIONS.of(connection, numbers)}
