"""Why a case gets no reviewers, and what would solve it, in Dutch for whoever has to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import islice
from typing import Final

from pipeline.casework import judging
from pipeline.casework.around import Seen
from pipeline.casework.draft import Draft
from pipeline.domain.assignment import Round
from pipeline.domain.eligibility import Rule
from pipeline.domain.explanation import Explanation
from pipeline.domain.lifecycle import Kind
from pipeline.mail import dutch
from pipeline.mail.words import word

NAMED: Final = 3  # of those who would be gained


def told(draft: Draft, explained: Explanation, seen: Seen, solved: Round) -> str:
    """Return how many reviewers a case lacks, the rule that most stands in the way, and what would solve it."""
    places = judging.open_places(draft)
    lacking = f"Er {_verb(places)} nog {dutch.amount(places, 'beoordelaar', 'beoordelaars')} nodig"
    able = len(explained.others)
    begins = f"{lacking} en {dutch.amount(able, 'kan', 'kunnen')} de zaak nemen." if able else f"{lacking}."
    rule = explained.in_the_way
    if rule is None:
        return f"{begins} {_nobody(draft)}"
    kept = len(explained.why_not[rule])
    standing = f"Vooral dit staat in de weg: {word(rule, 'rule')} ({kept} van {len(seen.reviewers)})."
    return f"{begins} {standing} {_remedy(draft, rule, gained(rule, explained, seen, solved), seen)}"


def _verb(places: int) -> str:
    return "is" if places == 1 else "zijn"


def _nobody(draft: Draft) -> str:
    return word("nobody", "remedy").format(what=_what(draft))


def _what(draft: Draft) -> str:
    """Return what somebody has to judge to be of use."""
    submission = draft.dossier.activity
    if submission.kind is Kind.ADMISSION:
        return "aanvragen om toelating"
    activity = submission.data["activity"]
    sectors = " of ".join(word(one, "sector") for one in activity.get("sectors") or ())
    return f"{word(activity['category'], 'category')} voor {sectors}"


def _remedy(draft: Draft, rule: Rule, found: Mapping[str, date], seen: Seen) -> str:
    """Return what would bring those whom this rule alone keeps away; without any, whom to look for."""
    if not found:
        return _nobody(draft)
    first = next(iter(found.values()))
    day = "een dag die niet bekend is" if first == date.max else dutch.dated(first)
    names = [f"{seen.reviewers[key].name} ({key})" for key in islice(found, NAMED)]
    return word(rule, "remedy").format(names=dutch.listed(names, "of"), day=day)


def gained(rule: Rule, explained: Explanation, seen: Seen, solved: Round) -> dict[str, date]:
    """Return whom a case would gain if this rule alone did not hold, and from when; the soonest first."""
    found = {key: _from(rule, key, seen, solved) for key in explained.gains.get(rule, ())}
    return dict(sorted(found.items(), key=lambda one: (one[1], one[0])))


def _from(rule: Rule, reviewer_id: str, seen: Seen, solved: Round) -> date:
    """Return when this rule keeps a reviewer away no more; the end of time where that is not known."""
    if rule is Rule.AWAY:
        until = seen.reviewers[reviewer_id].away_until
        return date.max if until is None else date.fromordinal(until.toordinal() + 1)
    return seen.frees_on(reviewer_id, solved.given_to(reviewer_id)) or seen.today
