"""What is missing from a submission: every item at once, each with what would satisfy it."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from email_validator import EmailNotValidError, validate_email
from stdnum.nl import postcode

from pipeline.contract import is_establishment_number, is_kvk
from pipeline.domain import completeness_rules as rules
from pipeline.domain import fitting
from pipeline.domain.hours import Hours
from pipeline.domain.lifecycle import Kind
from pipeline.domain.policy import Completeness

GROUNDS: Final = (
    "strengthens_competence",
    "contributes_to_pupils_learning",
    "linked_to_practice",
    "adds_to_initial_training",
)
REQUIREMENTS: Final = (
    "chamber_of_commerce",
    "quality_of_offer",
    "qualified_staff",
    "development_procedures",
    "quality_assurance",
    "complaints_procedure",
)


@dataclass(frozen=True)
class Finding:
    """One item that is not complete.

    Attributes:
        field: dotted path from ``data``.
        rule: code of what was found; there is a Dutch sentence for each.
        minimum: characters or RU that the rule names, where it is about an amount.
        got: what there is: a length in characters, an amount of RU, or a text.
        by: the rule of the policy that found it.
    """

    field: str
    rule: str
    minimum: int | None = None
    got: int | str | None = None
    by: rules.Rule | None = dataclasses.field(default=None, compare=False, repr=False)

    @property
    def is_must(self) -> bool:
        """Whether it is asked for; otherwise it is advice."""
        return self.by is None or self.by.severity == "must"

    @property
    def sentence(self) -> str | None:
        """What the policy says to the provider, with ``{minimum}`` and ``{got}`` not yet filled in."""
        return None if self.by is None else self.by.sentence(self.rule, is_empty=self.got in (None, ""))

    def told(self) -> dict[str, Any]:
        """Return it as the journal keeps it."""
        amounts = {"minimum": self.minimum, "got": self.got}
        return {
            "field": self.field,
            "rule": self.rule,
            **amounts,
            "by": None if self.by is None else self.by.id,
        }


Data = Mapping[str, Any]


def findings(kind: Kind, data: Data, policy: Completeness) -> tuple[Finding, ...]:
    """Return everything that is missing from a submission, in the order of the rules.

    A field is asked about once: the first rule that finds something in it speaks, and what must be before what should.

    Args:
        kind: of its case; the keys do not tell, since a submission may have any besides its own.
    """
    found: dict[str, Finding] = {}
    for rule in sorted(policy.rules, key=lambda rule: rule.severity != "must"):
        if kind.value in rule.kinds:
            for one in _CHECKS[type(rule)](data, rule):
                found.setdefault(one.field, replace(one, by=rule))
    return tuple(found.values())


def musts(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return what is asked for."""
    return tuple(one for one in found if one.is_must)


def shoulds(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return what is advice."""
    return tuple(one for one in found if not one.is_must)


def _text(data: Data, rule: rules.Text) -> Iterator[Finding]:
    for path in rule.fields:
        length = len(_trimmed(_at(data, path)))
        if length < rule.minimum:
            yield Finding(path, "too_short" if length else "missing", rule.minimum, length)


def _present(data: Data, rule: rules.Present) -> Iterator[Finding]:
    for path in rule.fields:
        given = _at(data, path)
        if given is None or given in ("", [], {}) or (isinstance(given, str) and not given.strip()):
            yield Finding(path, "absent")


def _chosen(data: Data, rule: rules.Chosen) -> Iterator[Finding]:
    for path in rule.fields:
        if not _at(data, path):
            yield Finding(path, "sectors_missing")


def _any_filled(data: Data, rule: rules.AnyFilled) -> Iterator[Finding]:
    if not any(_trimmed(_at(data, path)) for path in rule.fields):
        yield Finding(rule.part, "grounds_missing")


def _more_than_hours(data: Data, rule: rules.MoreThanHours) -> Iterator[Finding]:
    hours = _hours(data)
    if hours.total <= rule.hours:
        yield Finding("activity.hours", "hours_too_few", rule.hours, hours.as_text()["total"])


def _self_study_accounted_for(data: Data, rule: rules.SelfStudyAccountedFor) -> Iterator[Finding]:
    path = "activity.hours.justification"
    length = len(_trimmed(_at(data, path)))
    if _hours(data).self_study > 0 and 0 < length < rule.minimum:
        yield Finding(path, "self_study_justification", rule.minimum, length)


def _test_of_self_study(data: Data, rule: rules.ClosingTest) -> Iterator[Finding]:
    hours, path = _hours(data), "activity.closing_test.kind"
    largely = hours.self_study > 0 and hours.self_study >= hours.share(rule.share)
    if largely and _at(data, path) is None:
        yield Finding(path, "test_missing")


def _requirement(data: Data, rule: rules.Requirement) -> Iterator[Finding]:
    for path in rule.fields:
        length = len(_trimmed(_at(data, f"{path}.evidence")))
        if _at(data, f"{path}.met") is not True:
            yield Finding(path, "not_met")
        elif length < rule.minimum:
            yield Finding(path, "evidence_too_short" if length else "evidence_missing", rule.minimum, length)


def _kvk_number(data: Data, rule: rules.KvkNumber) -> Iterator[Finding]:
    for path in rule.fields:
        number = _at(data, path)
        if not _trimmed(number):
            yield Finding(path, "kvk_missing")
        elif is_establishment_number(str(number)):
            yield Finding(path, "kvk_is_establishment_number", got=number)
        elif not is_kvk(str(number)):
            yield Finding(path, "kvk_invalid", got=number)


def _postcode(data: Data, rule: rules.Postcode) -> Iterator[Finding]:
    for path in rule.fields:
        if not _is_postcode(_trimmed(_at(data, path))):
            yield Finding(path, "postcode_invalid", got=_at(data, path))


def _mailable(data: Data, rule: rules.Mailable) -> Iterator[Finding]:
    for path in rule.fields:
        if not is_mailable(_at(data, path)):
            yield Finding(path, "email_unusable", got=_at(data, path))


def _hours_per_day(data: Data, rule: rules.HoursPerDay) -> Iterator[Finding]:
    days = fitting.shortest_run(_at(data, "activity.runs") or ())
    if days is not None and _hours(data).contact > days * rule.at_most:
        yield Finding("activity.planning", "hours_per_day", rule.at_most, days)


def _text_for_hours(data: Data, rule: rules.TextForHours) -> Iterator[Finding]:
    if _hours(data).total < rule.from_hours:
        return
    for path in rule.fields:
        if 0 < (length := len(_trimmed(_at(data, path)))) < rule.minimum:
            yield Finding(path, "short_for_hours", rule.minimum, length)


def _hours_of_type(data: Data, rule: rules.HoursOfType) -> Iterator[Finding]:
    hours, path = _hours(data), "activity.type"
    if _at(data, path) not in rule.types:
        return
    if rule.at_least is not None and hours.total < rule.at_least:
        yield Finding(path, "few_for_type", rule.at_least, hours.as_text()["total"])
    if rule.at_most is not None and hours.total > rule.at_most:
        yield Finding(path, "many_for_type", rule.at_most, hours.as_text()["total"])


_CHECKS: Final[Mapping[type[rules.Rule], Callable[[Data, Any], Iterator[Finding]]]] = MappingProxyType(
    {
        rules.Text: _text,
        rules.Present: _present,
        rules.Chosen: _chosen,
        rules.AnyFilled: _any_filled,
        rules.MoreThanHours: _more_than_hours,
        rules.SelfStudyAccountedFor: _self_study_accounted_for,
        rules.ClosingTest: _test_of_self_study,
        rules.Requirement: _requirement,
        rules.KvkNumber: _kvk_number,
        rules.Postcode: _postcode,
        rules.Mailable: _mailable,
        rules.HoursPerDay: _hours_per_day,
        rules.TextForHours: _text_for_hours,
        rules.HoursOfType: _hours_of_type,
    }
)


def is_mailable(address: object) -> bool:
    """Say whether this is one address, with a dotted domain, that a letter can be sent to."""
    try:
        validate_email(str(address or ""), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return "." in str(address).rpartition("@")[2]


def _is_postcode(text: str) -> bool:
    check: Callable[[str], bool] = postcode.is_valid  # knows letters that are never given out
    return re.fullmatch("[1-9][0-9]{3} ?[A-Za-z]{2}", text) is not None and check(text)


def _hours(data: Data) -> Hours:
    return Hours.from_text(_at(data, "activity.hours"))


def _at(data: Data, path: str) -> Any:
    """Return what stands at a dotted path; None where a part of the way is not there."""
    *way, last = path.split(".")
    part = data
    for name in way:
        part = part.get(name) or {}
    return part.get(last)


def _trimmed(text: object) -> str:
    return text.strip() if isinstance(text, str) else ""
