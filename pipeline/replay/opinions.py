"""What simulated reviewers and the commission find of a case: by case and turn, never by who or when."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple

from pipeline.domain.completeness import GROUNDS, REQUIREMENTS
from pipeline.domain.hours import Hours
from pipeline.domain.lifecycle import Kind
from pipeline.replay import arrivals
from pipeline.replay.lots import Lots, Random
from pipeline.replay.submissions import CONTENT, people

FOUNDED: Final = 0.35  # of objections: our assumption
APPROVE: Final = "approve"
RECUSE: Final = "recuse"


class Opinion(NamedTuple):
    """A verdict with the hours that go with it, as text; motivated where it must be."""

    verdict: str
    hours: Mapping[str, str] | None = None
    motivation: str | None = None


class About(NamedTuple):
    """What an opinion is about.

    Attributes:
        asked: the hours asked, of an activity or an objection about one.
        admits: whether an applying provider is one to be admitted.
        about: of an objection, what it is about.
    """

    key: str
    kind: Kind
    asked: Hours | None
    admits: bool
    about: str | None = None


def of_reviewer(lots: Lots, about: About, place: int, given: int) -> Opinion:
    """Return the verdict of whoever was asked in this place, after so many that judged the case.

    Who gives it back depends on the place. What is found depends on the turn: whoever takes the place of somebody
    silent finds what that one would have found, so that it is the same whenever they were asked.
    """
    if lots.draw(about.key, "recuses", place).random() < arrivals.RECUSED:
        return Opinion(RECUSE)
    agreed, dice = settled(lots, about), lots.draw(about.key, "verdict", given)
    if about.kind is Kind.ACTIVITY and dice.random() < arrivals.DISSENT:
        return _dissent(dice, about, agreed)
    return agreed


def settled(lots: Lots, about: About) -> Opinion:
    """Return what most reviewers find of a case."""
    dice = lots.draw(about.key, "worth")
    chance = dice.random()
    if about.kind is Kind.OBJECTION:
        return _of_objection(about, founded=chance < FOUNDED)
    if about.kind is Kind.ADMISSION:
        return Opinion(APPROVE) if about.admits else _negative("defer" if chance < 0.5 else "reject")
    if chance < arrivals.DEFERRED:
        return _negative("defer")
    if chance < arrivals.DEFERRED + arrivals.REJECTED:
        return _negative("reject")
    return _granting(about, fewer=1 if dice.random() < arrivals.FEWER_HOURS else 0)


def _of_objection(about: About, *, founded: bool) -> Opinion:
    if not founded:
        return _negative("reject")
    return Opinion(APPROVE, _as_text(about.asked) if about.asked else None)


def _negative(verdict: str) -> Opinion:
    return Opinion(verdict, motivation=people()["texts"][verdict])


def _granting(about: About, *, fewer: int) -> Opinion:
    assert about.asked is not None  # an activity asks hours
    hours = Hours(max(about.asked.contact - fewer, Decimal("0.5")), about.asked.self_study)
    motivation = people()["texts"]["fewer"] if hours != about.asked else None
    return Opinion(APPROVE, _as_text(hours), motivation)


def _dissent(dice: Random, about: About, agreed: Opinion) -> Opinion:
    if agreed.verdict != APPROVE:
        return _granting(about, fewer=0)
    return _negative("defer") if dice.random() < 0.4 else _granting(about, fewer=dice.choice((2, 3)))


def _as_text(hours: Hours) -> dict[str, str]:
    return {"contact": str(hours.contact), "self_study": str(hours.self_study)}


def decided(lots: Lots, about: About) -> Opinion:
    """Return what the commission decides where reviewers differ; always with its reasons."""
    opinion = settled(lots, about)
    return opinion._replace(motivation=opinion.motivation or people()["texts"]["decide"])


def criteria(submission: Mapping[str, Any]) -> list[str]:
    """Return what a verdict scores: an admission's requirements, or an activity's grounds and content."""
    return [*GROUNDS, *CONTENT] if "activity" in submission else list(REQUIREMENTS)
