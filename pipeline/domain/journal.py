"""The journal: chains of hashes, in which a row that was changed, dropped or put in shows.

Each case has a chain, in the order of its versions, and the home has one for what concerns no
case. A row hashes the row before it and a salted digest of its content (who, and the facts); the
content lies apart, so that it can be erased when its time has come without breaking the chain. The
salt goes with it: what is erased cannot be guessed from its digest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

HOME: Final = "home"  # the chain of what concerns no case


@dataclass(frozen=True)
class Content:
    """Who did it and what it was about: the part of a row that can be erased."""

    chain: str
    place: int
    salt: str
    by: str
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Entry:
    """One row of a chain; ``version`` is that of the case as the row left it, 0 where unknown."""

    chain: str
    place: int
    version: int
    at: datetime
    event: str
    old_state: str | None
    new_state: str
    correlation: str | None
    content_digest: str
    hash: str = ""


def content_digest(content: Content) -> str:
    """Return the salted SHA-256 of what a row tells, as hexadecimal digits."""
    return _sha256([content.salt, content.by, content.facts])


def linked(head: str | None, entry: Entry) -> Entry:
    """Return the row with its hash, which covers the chain up to it.

    Args:
        head: the hash of the row before; None for the first.
    """
    return replace(entry, hash=_hash(head, entry))


def is_linked(head: str | None, entry: Entry) -> bool:
    """Say whether a row is as it was written, and comes after the row with the hash ``head``."""
    return entry.hash == _hash(head, entry)


def replayed(entries: Iterable[Entry]) -> str | None:
    """Return the state that a chain leads to from nothing; None for an empty one.

    Raises:
        ValueError: a row does not begin where the one before it ended.
    """
    state = None
    for entry in entries:
        if entry.old_state != state:
            raise ValueError(f"row {entry.place} begins in {entry.old_state}, not in {state}")
        state = entry.new_state
    return state


def _hash(head: str | None, entry: Entry) -> str:
    row = {name: value for name, value in vars(entry).items() if name != "hash"}
    return _sha256([head, {**row, "at": entry.at.isoformat()}])


def _sha256(value: object) -> str:
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()
