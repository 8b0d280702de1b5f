"""How cases are judged, as data: how many reviewers, what they score and motivate, and what agreement is."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import Field, field_validator

from pipeline.domain.lifecycle import Kind
from pipeline.domain.rules import Exact, Positive, Rules

SCORES: Final = (1, 2, 3, 4)


class ReviewDays(Rules):
    """Calendar days that a reviewer gets, by kind of case; never past the case's own deadline."""

    admission: Positive = 7
    activity: Positive = 21
    objection: Positive = 21


class Criterion(Rules):
    """One thing that a verdict scores.

    Attributes:
        weight: how much it counts against the others.
        anchors: in Dutch, what a 1, a 2, a 3 and a 4 mean; empty under rules that did not say so.
    """

    weight: Positive = 1
    anchors: list[Annotated[str, Field(min_length=1)]] = Field(default_factory=list)

    @field_validator("anchors")
    @classmethod
    def _one_a_score(cls, anchors: list[str]) -> list[str]:
        if len(anchors) not in (0, len(SCORES)):
            raise ValueError(f"must describe each score from 1 to 4, in that order; there are {len(anchors)}")
        return anchors


class Criteria(Rules):
    """What is scored, by the kind of case that holds the submission; what is not named weighs 1."""

    admission: dict[str, Criterion] = Field(default_factory=dict)
    activity: dict[str, Criterion] = Field(default_factory=dict)

    def of(self, kind: Kind) -> Mapping[str, Criterion]:
        """Return the criteria of a submission."""
        return self.admission if kind is Kind.ADMISSION else self.activity


class Agreement(Rules):
    """When verdicts agree: equal ones do, and approving ones whose hours lie close together.

    Attributes:
        contact_margin: how far contact hours may lie apart, in RU; the lower count then.
        self_study_margin: the same of self-study.
        more_reviewers: how many are asked besides, one after another, before the commission decides.
    """

    contact_margin: Annotated[Exact, Field(ge=0)] = Decimal(0)
    self_study_margin: Annotated[Exact, Field(ge=0)] = Decimal(0)
    more_reviewers: Annotated[int, Field(ge=0)] = 1


class Judging(Rules):
    """How many reviewers a case gets; so many verdicts that agree decide it.

    Attributes:
        motivation: whether verdicts that give all that was asked owe one too; the others always do.
        motivated_score: a score as low as this owes a motivation too; 0 where none does.
        sign_off: whether a named human signs what reviewers agreed on before it is decided.
    """

    activity: Positive = 2
    admission: Positive = 1
    objection: Positive = 1
    capacity_window_days: Positive = 28
    motivation: Literal["differing", "always"] = "differing"
    motivated_score: Annotated[int, Field(ge=0, le=4)] = 0
    sign_off: Literal["none", "human"] = "none"
    agreement: Agreement = Agreement()
    review_days: ReviewDays = ReviewDays()
    criteria: Criteria = Criteria()

    def reviewers(self, kind: Kind) -> int:
        """Return how many verdicts that agree decide a case of this kind."""
        counts = {
            Kind.ACTIVITY: self.activity,
            Kind.ADMISSION: self.admission,
            Kind.OBJECTION: self.objection,
        }
        return counts[kind]
