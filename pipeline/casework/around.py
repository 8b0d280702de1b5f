"""What assignment has to know around cases and reviewers, read for many with as many queries as for one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from sqlalchemy import Connection, and_, bindparam, func, select

from pipeline.casework import judging, providers, suppressing
from pipeline.casework.draft import Draft
from pipeline.domain import assignment, terms
from pipeline.domain.assignment import Round
from pipeline.domain.eligibility import Panel, Reviewer, Rule, Waiting, domain_of
from pipeline.domain.lifecycle import Kind
from pipeline.domain.policy import Assigning
from pipeline.errors import CalendarEnds
from pipeline.store import rows, tables
from pipeline.store.prepared import Listed, Prepared
from pipeline.store.reading import Sought
from pipeline.wiring import App

LET_GO: Final = (rows.RECUSED, rows.RELEASED)  # what counts for nobody's load
NOBODY: Final[frozenset[str]] = frozenset()

_OF: Final = tables.assignments.c
_COUNTED: Final = and_(_OF.asked_on > bindparam("since"), *(_OF.state != state for state in LET_GO))
_ASKED: Final = Prepared(select(_OF.reviewer_id, _OF.asked_on).where(_COUNTED))
_MET: Final = Listed(
    lambda providers: (
        select(tables.cases.c.provider_id, _OF.reviewer_id, func.count())
        .join(tables.cases, tables.cases.c.id == _OF.case_id)
        .where(tables.cases.c.provider_id.in_(providers), _COUNTED)
        .group_by(tables.cases.c.provider_id, _OF.reviewer_id)
    )
)
_JUDGED: Final = Listed(
    lambda cases: select(_OF.case_id, _OF.reviewer_id).where(
        _OF.case_id.in_(cases), _OF.state == rows.ANSWERED
    )
)
_LISTED: Final = Sought(rows.Reviewer, tables.reviewers.c.active, order=tables.reviewers.c.id)


@dataclass(frozen=True)
class Around:
    """What is known beside the dossiers of cases.

    Attributes:
        numbers: every KvK number that each provider has had.
        met: for each provider how often each reviewer was asked about it of late.
        judged: for each earlier round of a case who judged it.
    """

    numbers: Mapping[str, frozenset[str]]
    met: Mapping[str, Mapping[str, int]]
    judged: Mapping[str, frozenset[str]]


def look(connection: Connection, drafts: Sequence[Draft], since: date) -> Around:
    """Return what is known around these cases.

    Args:
        since: the day after which having been asked about a provider counts.
    """
    ids = sorted({draft.case.provider_id for draft in drafts})
    earlier = sorted({draft.case.previous_id for draft in drafts if draft.case.previous_id})
    numbers = providers.numbers_of_each(connection, ids)
    return Around(numbers, _met(connection, ids, since), _judged(connection, earlier))


def _met(connection: Connection, providers_asked: Sequence[str], since: date) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for provider, reviewer, times in _MET.rows(connection, providers_asked, {"since": since}):
        found[provider][reviewer] = times
    return found


def _judged(connection: Connection, cases: Sequence[str]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = defaultdict(frozenset)
    for case, reviewer in _JUDGED.rows(connection, cases):
        found[case] |= {reviewer}
    return found


def asked_of(connection: Connection, since: date) -> dict[str, list[date]]:
    """Return for each reviewer the days after this one on which they were asked, but for what they gave back."""
    found: dict[str, list[date]] = defaultdict(list)
    for reviewer, day in _ASKED.rows(connection, {"since": since}):
        found[reviewer].append(day)
    return found


def in_reach(connection: Connection) -> list[rows.Reviewer]:
    """Return who is on the list, but for those at whose address a letter bounced."""
    known = _LISTED.all(connection)
    bounced = suppressing.suppressed(connection, [reviewer.email for reviewer in known])
    return [one for one in known if suppressing.compared(one.email) not in bounced] if bounced else known


def waiting_of(draft: Draft, known: Around) -> Waiting:
    """Return a case as the rules of assignment see it."""
    case, submission = draft.case, draft.dossier.activity
    about_admission = submission.kind is Kind.ADMISSION
    activity = {} if about_admission else submission.data["activity"]
    return Waiting(
        case_id=case.id,
        number=case.number,
        kind=case.kind,
        about_admission=about_admission,
        sectors=frozenset(activity.get("sectors") or ()),
        category=activity.get("category"),
        places=judging.open_places(draft),
        provider_kvks=known.numbers[case.provider_id],
        excluded=_excluded(draft),
        due_on=case.due_on,
        provider_domain=domain_of(draft.dossier.provider.email),
        earlier_round=known.judged.get(case.previous_id or "", NOBODY),
        met=known.met.get(case.provider_id, {}),
    )


def _excluded(draft: Draft) -> dict[str, Rule]:
    asked = [one.reviewer_id for one in draft.dossier.assignments]
    first_round = dict.fromkeys(draft.dossier.subject_reviewers, Rule.FIRST_ROUND)
    return dict.fromkeys(asked, Rule.ASKED_BEFORE) | first_round


def review_by(draft: Draft) -> date | None:
    """Return the day by which whoever is asked today answers; None where the calendar does not know it."""
    try:
        return review_due(draft)
    except CalendarEnds:
        return None


def review_due(draft: Draft) -> date:
    """Return the day by which whoever is asked today answers.

    Raises:
        CalendarEnds: the calendar does not know it.
    """
    assert draft.case.due_on is not None  # a complete case has its date
    days = getattr(draft.policy.judging.review_days, draft.case.kind.value)
    return terms.review_by(draft.today, days, draft.case.due_on, draft.app.calendar)


@dataclass(frozen=True)
class Seen:
    """All that a round of assignment is made of, as it was at one moment.

    Attributes:
        reviewers: who can be asked, by id.
        asked: for each of them the days in the capacity window on which they were.
        window: how long such a day counts.
    """

    cases: Sequence[Waiting]
    reviewers: Mapping[str, rows.Reviewer]
    asked: Mapping[str, Sequence[date]]
    window: timedelta
    today: date
    rules: Assigning

    def solve(self) -> Round:
        """Choose reviewers for all these cases together."""
        return assignment.solve(self.cases, self._known(), self.today, self.rules)

    def panel(self) -> Panel:
        """Return what each rule says of the reviewers."""
        return Panel(self._known(), self.today, self.rules)

    def _known(self) -> list[Reviewer]:
        return [known_of(one, len(self.asked.get(key, ()))) for key, one in self.reviewers.items()]

    def frees_on(self, reviewer_id: str, given: int) -> date | None:
        """Return when the capacity of a reviewer with so many cases more comes free; None where it is."""
        asked = sorted([*self.asked.get(reviewer_id, ()), *[self.today] * given])
        over = len(asked) - self.reviewers[reviewer_id].capacity
        return asked[over] + self.window if over >= 0 else None


def see(connection: Connection, app: App, drafts: Sequence[Draft], today: date) -> Seen:
    """Return what a round over these cases is made of."""
    rules, window = app.policy.assigning, timedelta(days=app.policy.judging.capacity_window_days)
    known = look(connection, drafts, today - timedelta(days=rules.provider_days))
    cases = [replace(waiting_of(one, known), review_by=review_by(one)) for one in drafts]
    reviewers = {one.id: one for one in in_reach(connection)}
    return Seen(cases, reviewers, asked_of(connection, today - window), window, today, rules)


def known_of(reviewer: rows.Reviewer, load: int) -> Reviewer:
    """Return a reviewer, with so many cases in the capacity window, as the rules of assignment see them."""
    return Reviewer(
        id=reviewer.id,
        name=reviewer.name,
        sectors=frozenset(reviewer.sectors),
        categories=frozenset(reviewer.categories),
        employer_kvk=reviewer.employer_kvk,
        capacity=reviewer.capacity,
        away_from=reviewer.away_from,
        away_until=reviewer.away_until,
        load=load,
        domain=domain_of(reviewer.email),
        earlier_kvks=_set(reviewer.earlier_employers),
        interest_kvks=_set(reviewer.interests),
    )


def _set(given: Sequence[str] | None) -> frozenset[str] | None:
    return None if given is None else frozenset(given)
