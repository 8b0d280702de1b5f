"""Checkpoints: once a day the heads and lengths of the chains that grew, in one document to be signed.

Each document names the digest of the one before, so that all heads and lengths follow from the
sequence: that of a chain is in the latest document that names it. Whoever keeps one of them
elsewhere can tell later whether a tail was dropped from any chain, or from the checkpoints themselves.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

VERSION: Final = 1


@dataclass(frozen=True)
class Head:
    """How long a chain was, and the hash of its last row."""

    length: int
    hash: str


@dataclass(frozen=True)
class Document:
    """What is signed.

    Attributes:
        place: 1, 2, 3 ... without gaps.
        day: local date of the home.
        home: id of the home.
        former: digest of the document before; None for the first.
        heads: by chain, of those that grew since the document before.
    """

    place: int
    day: date
    at: datetime
    home: str
    former: str | None
    heads: Mapping[str, Head]


def written(document: Document) -> bytes:
    """Return the bytes that are signed: canonical JSON in ASCII."""
    value = {
        "version": VERSION,
        "place": document.place,
        "day": document.day.isoformat(),
        "at": document.at.isoformat(),
        "home": document.home,
        "former": document.former,
        "heads": {chain: [head.length, head.hash] for chain, head in document.heads.items()},
    }
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode("ascii")


def read(raw: bytes) -> Document:
    """Read a document.

    Raises:
        ValueError: it is none, or one of a version that we do not know.
    """
    try:
        value = json.loads(raw)
        if value["version"] != VERSION:
            raise ValueError(f"a checkpoint of version {value['version']} is not known here")
        heads = {str(chain): Head(int(head[0]), str(head[1])) for chain, head in value["heads"].items()}
        return Document(
            place=int(value["place"]),
            day=date.fromisoformat(value["day"]),
            at=datetime.fromisoformat(value["at"]),
            home=str(value["home"]),
            former=value["former"],
            heads=heads,
        )
    except (KeyError, TypeError, AttributeError, IndexError, UnicodeDecodeError) as error:
        raise ValueError("these bytes are no checkpoint") from error


def digest(raw: bytes) -> str:
    """Return the SHA-256 of a document's bytes, by which the next one names it."""
    return hashlib.sha256(raw).hexdigest()
