"""What makes a submission complete, as rules in data: ``[[completeness.rules]]`` of the policy file.

A rule names one of a closed set of checks, with the parameters of that check. What a check finds has a code; a rule
may give the sentence that the provider reads for each of its codes.
"""

from __future__ import annotations

from itertools import takewhile
from string import Formatter
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import Field, model_validator

from pipeline.domain.rules import Positive, Rules, Share

Severity = Literal["must", "should"]
Length = Annotated[int, Field(ge=1, le=10_000)]  # characters; more than that nobody writes in a form
Amount = Annotated[int, Field(ge=0, le=10_000)]  # hours, in RU
Fields = Annotated[list[str], Field(min_length=1)]
OfferedType = Literal[
    "programme", "course", "study_day", "conference", "other_in_school", "other_outside_school"
]

EMPTY: Final = "_empty"  # ends the code of a sentence for where nothing came at all
FILLED_IN: Final = frozenset({"minimum", "got"})  # what may stand between braces in a sentence


class Rule(Rules):
    """What every rule has.

    Attributes:
        id: by which letters, the journal and ``pipeline check`` name it.
        kinds: of the cases that it is about.
        severity: ``must`` is asked for, and the term pauses meanwhile; ``should`` is advice, and stops nothing.
        sentences: in Dutch, what would satisfy it, by code; by default the sentence of the code in ``words.toml``.
        ground: where it comes from, as in docs/sources.md.
    """

    codes: ClassVar[tuple[str, ...]]
    looks_at: ClassVar[tuple[str, ...]] = ()  # where that follows from the check

    id: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    kinds: Annotated[list[Literal["admission", "activity"]], Field(min_length=1)]
    severity: Severity = "must"
    sentences: dict[str, str] = Field(default_factory=dict)
    ground: Annotated[str, Field(min_length=1)]

    def paths(self) -> tuple[str, ...]:
        """Return the fields that it looks at, as dotted paths from ``data``."""
        return tuple(getattr(self, "fields", self.looks_at))

    def sentence(self, code: str, *, is_empty: bool) -> str | None:
        """Return what the provider reads, with ``{minimum}`` and ``{got}`` not yet filled in."""
        special = self.sentences.get(code + EMPTY) if is_empty else None
        return special or self.sentences.get(code)

    @model_validator(mode="after")
    def _says_what_it_finds(self) -> Self:
        known = {*self.codes, *(code + EMPTY for code in self.codes)}
        for code, sentence in self.sentences.items():
            if code not in known:
                raise ValueError(f"sentences are for {', '.join(self.codes)}, got one for {code}")
            if not _filled_in(sentence) <= FILLED_IN:
                raise ValueError(f"{code}: only {{minimum}} and {{got}} may stand between braces")
        return self


def _filled_in(sentence: str) -> set[str]:
    """Return what stands between braces; nothing there says how to write it."""
    try:
        parts = [part[1:] for part in Formatter().parse(sentence) if part[1] is not None]
    except ValueError:
        return {""}  # a brace alone
    return {f"{name}{written or conversion or ''}" for name, written, conversion in parts}


class Text(Rule):
    """A text of at least so many characters, without white space around."""

    codes = ("missing", "too_short")
    check: Literal["text"]
    fields: Fields
    minimum: Length


class Present(Rule):
    """Something is filled in, whatever."""

    codes = ("absent",)
    check: Literal["present"]
    fields: Fields


class Chosen(Rule):
    """At least one of a list is chosen."""

    codes = ("sectors_missing",)
    check: Literal["chosen"]
    fields: Fields


class AnyFilled(Rule):
    """At least one of several texts is filled in; what is found is about the part that holds them."""

    codes = ("grounds_missing",)
    check: Literal["any_filled"]
    fields: Fields

    @property
    def part(self) -> str:
        """Return what holds all of the fields, as a dotted path."""
        ways = [path.split(".")[:-1] for path in self.fields]
        same = takewhile(lambda names: len({*names}) == 1, zip(*ways, strict=False))
        return ".".join(names[0] for names in same)

    @model_validator(mode="after")
    def _are_together(self) -> Self:
        if not self.part:
            raise ValueError(f"fields must lie in one part of the submission, got {', '.join(self.fields)}")
        return self


class MoreThanHours(Rule):
    """Contact and self-study together are more than so many hours."""

    codes = ("hours_too_few",)
    looks_at = ("activity.hours",)
    check: Literal["more_than_hours"]
    hours: Amount


class SelfStudyAccountedFor(Rule):
    """With any self-study a justification, once it is there, has at least so many characters."""

    codes = ("self_study_justification",)
    looks_at = ("activity.hours.justification",)
    check: Literal["self_study_accounted_for"]
    minimum: Length


class ClosingTest(Rule):
    """From this share of self-study on the activity ends in a test."""

    codes = ("test_missing",)
    looks_at = ("activity.closing_test.kind",)
    check: Literal["test_of_self_study"]
    share: Share


class Requirement(Rule):
    """A requirement is met, with evidence of at least so many characters."""

    codes = ("not_met", "evidence_missing", "evidence_too_short")
    check: Literal["requirement"]
    fields: Fields
    minimum: Length


class KvkNumber(Rule):
    """Eight digits; twelve are those of an establishment."""

    codes = ("kvk_missing", "kvk_invalid", "kvk_is_establishment_number")
    check: Literal["kvk_number"]
    fields: Fields


class Postcode(Rule):
    """Four digits and two letters that are given out."""

    codes = ("postcode_invalid",)
    check: Literal["postcode"]
    fields: Fields


class Mailable(Rule):
    """One address that a letter can be sent to."""

    codes = ("email_unusable",)
    check: Literal["mailable"]
    fields: Fields


class HoursPerDay(Rule):
    """No run has more contact hours a day than this, by its first and last day."""

    codes = ("hours_per_day",)
    looks_at = ("activity.planning",)
    check: Literal["hours_per_day"]
    at_most: Positive


class TextForHours(Rule):
    """From so many hours on a text, once it is there, has at least so many characters."""

    codes = ("short_for_hours",)
    check: Literal["text_for_hours"]
    fields: Fields
    from_hours: Amount
    minimum: Length


class HoursOfType(Rule):
    """Activities of these types have no fewer, and no more, hours than this."""

    codes = ("few_for_type", "many_for_type")
    looks_at = ("activity.type",)
    check: Literal["hours_of_type"]
    types: Annotated[list[OfferedType], Field(min_length=1)]
    at_least: Positive | None = None
    at_most: Positive | None = None

    @model_validator(mode="after")
    def _can_be(self) -> Self:
        if self.at_least is None and self.at_most is None:
            raise ValueError("at_least or at_most says how many hours")
        if self.at_least and self.at_most and self.at_least > self.at_most:
            raise ValueError(f"at_least must be no more than at_most ({self.at_most}), got {self.at_least}")
        return self


AnyRule = Annotated[
    Text
    | Present
    | Chosen
    | AnyFilled
    | MoreThanHours
    | SelfStudyAccountedFor
    | ClosingTest
    | Requirement
    | KvkNumber
    | Postcode
    | Mailable
    | HoursPerDay
    | TextForHours
    | HoursOfType,
    Field(discriminator="check"),
]
