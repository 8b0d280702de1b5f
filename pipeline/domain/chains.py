"""One chain of the journal, gone through row by row: whatever was done to it is told in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pipeline.contract import received_on
from pipeline.domain import journal
from pipeline.domain.journal import Content, Entry
from pipeline.domain.lifecycle import TABLES, Event, State

RECEIVED: Final = "received"  # the first row of every case
RETAINED: Final = "retained"  # says which contents were erased; its own content stays
_MOVES: Final = frozenset(Event)
_UNTOLD: Final = object()  # a day that stood in a content which was erased


@dataclass(frozen=True)
class Link:
    """One row of a chain with its content, which may have been erased."""

    entry: Entry
    content: Content | None


@dataclass(frozen=True)
class End:
    """What is said of a chain elsewhere: on the row of its case, or of the home.

    Attributes:
        kind: of the case; empty for the home's chain.
        decided_on, closed_on: local dates in ISO 8601, or None.
    """

    length: int
    head: str | None
    kind: str = ""
    state: str = ""
    result: str | None = None
    decided_on: str | None = None
    closed_on: str | None = None


@dataclass(frozen=True)
class Fault:
    """Something that is not as it was written; ``row`` is its place, None for the chain as a whole."""

    row: int | None
    says: str


def examine(links: Iterable[Link], end: End | None) -> Iterator[Fault]:
    """Tell what is wrong with a chain.

    Args:
        links: its rows, in the order of their places.
        end: what its case or home says of it; None where there is neither.
    """
    examined = _Examined("" if end is None else end.kind)
    for link in links:
        yield from examined.follow(link)
    yield from examined.erasures()
    if end is None:
        yield Fault(None, "the journal has rows of it, but the case itself is not there")
    else:
        yield from examined.ended(end)


class _Examined:
    """How far a chain was gone through, and what it has come to."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._table: Any = TABLES.get(kind, {})  # type: ignore[call-overload]  # kinds and states are text
        self._last: Entry | None = None
        self._result: str | None = None
        self._decided_on: str | None = None
        self._closed_on: object = None
        self._gone: set[int] = set()
        self._there: set[int] = set()
        self._erased: dict[int, str] = {}

    def follow(self, link: Link) -> Iterator[Fault]:
        """Tell what is wrong with the next row."""
        entry = link.entry
        yield from self._linked(entry)
        yield from self._told(link)
        yield from self._replayed(link)
        self._last = entry

    def _linked(self, entry: Entry) -> Iterator[Fault]:
        expected = 1 if self._last is None else self._last.place + 1
        if entry.place != expected:
            last = entry.place - 1
            rows = f"row {expected} is" if expected == last else f"rows {expected} to {last} are"
            yield Fault(expected, f"{rows} missing")
        elif not journal.is_linked(self._last.hash if self._last else None, entry):
            yield Fault(entry.place, "is not as it was written, or does not follow on the row before it")

    def _told(self, link: Link) -> Iterator[Fault]:
        entry, content = link.entry, link.content
        if content is None:
            self._gone.add(entry.place)
            return
        self._there.add(entry.place)
        if journal.content_digest(content) != entry.content_digest:
            yield Fault(
                entry.place, "says something else of who it was, or what it was about, than was written"
            )
        elif entry.event == RETAINED:
            day = received_on(entry.at).isoformat()
            self._erased.update(dict.fromkeys(content.facts.get("places", ()), day))

    def _replayed(self, link: Link) -> Iterator[Fault]:
        entry = link.entry
        if not self._kind:
            return
        before = None if self._last is None else self._last.new_state
        if entry.old_state != before:
            yield Fault(entry.place, f"begins in {entry.old_state}, but the row before it ends in {before}")
        yield from self._moved(entry, link.content)

    def _moved(self, entry: Entry, content: Content | None) -> Iterator[Fault]:
        if entry.event not in _MOVES:
            expected = State.RECEIVED if entry.event == RECEIVED else entry.old_state
            if entry.new_state != expected:
                yield Fault(entry.place, f"leads to {entry.new_state}, where {entry.event} leads nowhere")
            return
        step = self._table.get((entry.old_state, entry.event))
        if step is None or step.to != entry.new_state:
            move = f"{entry.old_state} + {entry.event} -> {entry.new_state}"
            yield Fault(entry.place, f"is a move that no {self._kind} can make: {move}")
            return
        day = received_on(entry.at).isoformat()
        if step.result is not None:
            self._result, self._decided_on = str(step.result), day
        if step.to is State.CLOSED:
            self._closed_on = _UNTOLD if content is None else _told_day(content) or day

    def erasures(self) -> Iterator[Fault]:
        """Tell of contents that are gone though nobody says so, and of those that came back."""
        for place in sorted(self._gone - set(self._erased)):
            yield Fault(place, "has lost its content, and no later row says that it was erased")
        for place in sorted(self._there & set(self._erased)):
            yield Fault(place, f"has a content that was erased on {self._erased[place]}")

    def ended(self, end: End) -> Iterator[Fault]:
        """Tell where the chain does not lead to what its case or home says."""
        length, head = (0, None) if self._last is None else (self._last.place, self._last.hash)
        if end.length != length:
            yield Fault(None, f"should have {end.length} rows in the journal, and has {length}")
        elif end.head != head:
            yield Fault(None, "says something else of its last row than the journal has")
        if self._kind:
            yield from self._stands(end, None if self._last is None else self._last.new_state)

    def _stands(self, end: End, state: str | None) -> Iterator[Fault]:
        replayed = {
            "state": (end.state, state),
            "result": (end.result, self._result),
            "decided_on": (end.decided_on, self._decided_on),
            "closed_on": (end.closed_on, self._closed_on),
        }
        for name, (stands, follows) in replayed.items():
            if stands != follows and follows is not _UNTOLD:
                yield Fault(None, f"has {name} {stands}, where its journal leads to {follows}")


def _told_day(content: Content) -> object:
    """Return the local day of a move where it was another than that of its row: a letter settled later."""
    return content.facts.get("on") if isinstance(content.facts, Mapping) else None
