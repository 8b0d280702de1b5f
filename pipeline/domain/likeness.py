"""When two providers, or two activities of one, look like the same; what follows of it the policy says."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pipeline.contract import content_digest
from pipeline.domain.policy import Answer, Duplicates


class Trait(StrEnum):
    """What two providers may have in common; the values are keys of the policy's ``[duplicates]``."""

    KVK = "kvk"
    NAME_POSTCODE = "name_postcode"
    MAIL_DOMAIN = "mail_domain"


@dataclass(frozen=True)
class Identity:
    """A provider as others are compared with it.

    Attributes:
        kvks: every KvK number that it has or had, normalised.
        name: in lower case, with single spaces.
        postcode: in upper case, without spaces; empty where it is not known.
        mail_domain: in lower case; empty where it is not known, and where everybody may have an address.
    """

    kvks: frozenset[str]
    name: str
    postcode: str
    mail_domain: str


def in_common(one: Identity, other: Identity) -> tuple[Trait, ...]:
    """Return what makes two providers look alike, the surest first."""
    same = {
        Trait.KVK: bool(one.kvks & other.kvks),
        Trait.NAME_POSTCODE: bool(one.postcode) and (one.name, one.postcode) == (other.name, other.postcode),
        Trait.MAIL_DOMAIN: bool(one.mail_domain) and one.mail_domain == other.mail_domain,
    }
    return tuple(trait for trait, is_same in same.items() if is_same)


def answered(traits: Collection[Trait], rules: Duplicates, answer: Answer) -> tuple[Trait, ...]:
    """Return those of these traits to which the policy gives this answer, in their order."""
    return tuple(trait for trait in Trait if trait in traits and getattr(rules, trait) == answer)


def content_key(submission: Mapping[str, Any]) -> str:
    """Return the digest by which an activity is known again when it is sent a second time.

    Its title counts without regard to case, every text without regard to white space, and what is empty as
    absent; the earlier round that it names does not count. Other runs make it another.
    """
    activity = dict(submission["activity"])
    title = unicodedata.normalize("NFC", activity.pop("title")).casefold()
    return content_digest({"title": _plain(title), "activity": _plain(activity)})


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, Mapping):
        plain = {name: _plain(one) for name, one in value.items()}
        return {name: one for name, one in plain.items() if one not in (None, "", [], {})}
    return [_plain(one) for one in value] if isinstance(value, list) else value
