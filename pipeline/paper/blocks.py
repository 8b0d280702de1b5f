"""What a document is made of: chapters of blocks. All text is plain; only typesetting knows how it looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Row = Sequence[str]


@dataclass(frozen=True)
class Heading:
    """A part of a chapter."""

    text: str
    type: Literal["heading"] = "heading"


@dataclass(frozen=True)
class Note:
    """A sentence of our own."""

    text: str
    type: Literal["note"] = "note"


@dataclass(frozen=True)
class Quote:
    """What somebody wrote, as they did.

    Attributes:
        label: of what it is; may be empty.
    """

    label: str
    text: str
    type: Literal["quote"] = "quote"


@dataclass(frozen=True)
class Facts:
    """Names with what they are; nothing stands there as a dash."""

    rows: Sequence[tuple[str, str]]
    type: Literal["facts"] = "facts"


@dataclass(frozen=True)
class Table:
    """Rows under a head.

    Attributes:
        widths: of its columns, each a share of what there is.
    """

    head: Row
    rows: Sequence[Row]
    widths: Sequence[int]
    type: Literal["table"] = "table"


@dataclass(frozen=True)
class Square:
    """One day in a calendar; one that is no part of it has no ground.

    Attributes:
        ground: by which it is coloured.
        sign: what tells that without colours.
    """

    day: str
    ground: str = ""
    sign: str = ""


@dataclass(frozen=True)
class Week:
    """One week of a calendar, from Monday.

    Attributes:
        month: where a new one begins.
        counted: how many days count up to and with this week.
    """

    month: str
    days: Sequence[Square]
    counted: str


@dataclass(frozen=True)
class Weeks:
    """A calendar; ``legend`` names each ground in it with its sign."""

    weeks: Sequence[Week]
    legend: Sequence[tuple[str, str, str]]
    type: Literal["weeks"] = "weeks"


Block = Heading | Note | Quote | Facts | Table | Weeks


@dataclass(frozen=True)
class Chapter:
    """A part of a document that stands in its contents."""

    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Paper:
    """One document.

    Attributes:
        kind: what it is, such as ``Dossier``.
        number: by which it is known; stands on each page.
        title: what it is about, in the words of whoever sent it.
        house: whose it is.
        meant_for: who may see it, in a sentence; stands on each page in short.
        made: when, in words.
        facts: what it comes to, on the first page.
    """

    kind: str
    number: str
    title: str
    house: str
    meant_for: str
    meant_for_short: str
    made: str
    facts: Facts
    chapters: Sequence[Chapter] = field(default_factory=tuple)

    def as_json(self) -> dict[str, Any]:
        """Return it as the template reads it."""
        return asdict(self)
