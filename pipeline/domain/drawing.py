"""The lifecycle table drawn for people: a diagram a kind of case, and every row in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from pipeline.domain.lifecycle import (
    INBOUND,
    ON_SENT,
    RECIPIENTS,
    Event,
    Kind,
    State,
    Step,
    events,
    step,
)

_HEAD: Final = """\
# What a case can do

Drawn from the table in `pipeline/domain/lifecycle.py` by `pipeline lifecycle > docs/lifecycle.md`; a test holds
this page to that table, so change the table and draw again.

A drawing shows the moves from one state to another, with the result that a move brings. The table under it has
every row, also those that leave the state as it is. What the table has no row for cannot happen: a sender's event
is then refused, a step is left alone. *Letters* goes with its recipient; *term* is what the move does to the
decision term; *next* is the actor that takes the case further."""

_ROWS: Final = ("state", "event", "new state", "result", "letters", "term", "next")


def document() -> str:
    """Return the whole page, as it stands in ``docs/lifecycle.md``."""
    sections = [_HEAD, *(_section(kind) for kind in Kind), _letters()]
    return "\n\n".join(sections) + "\n"


def diagram(kind: Kind) -> str:
    """Return the moves between states as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", "    direction TB", "    [*] --> received"]
    lines += [
        f"    {here} --> {there}: {', '.join(labels)}" for (here, there), labels in _moves(kind).items()
    ]
    return "\n".join([*lines, "    closed --> [*]"])


def _moves(kind: Kind) -> dict[tuple[State, State], list[str]]:
    """Return the events between each two states; what leaves the state as it is would only hide them."""
    moves: dict[tuple[State, State], list[str]] = {}
    for here, event in _in_order(kind):
        row = step(kind, here, event)
        if row.to is not here:
            is_told = row.result is None or row.result == event.value
            moves.setdefault((here, row.to), []).append(event if is_told else f"{event} ({row.result})")
    return moves


def _in_order(kind: Kind) -> Iterator[tuple[State, Event]]:
    """Yield the keys of the table, state by state."""
    for state in State:
        for event in events(kind, state):
            yield state, event


def _section(kind: Kind) -> str:
    parts = [f"## {kind.capitalize()}", f"```mermaid\n{diagram(kind)}\n```", _rows(kind), _taken(kind)]
    return "\n\n".join(parts)


def _rows(kind: Kind) -> str:
    return _table(_ROWS, (_cells(here, event, step(kind, here, event)) for here, event in _in_order(kind)))


def _cells(here: State, event: Event, row: Step) -> tuple[str, ...]:
    letters = ", ".join(f"`{letter}` to the {RECIPIENTS[letter]}" for letter in row.letters.split())
    next_actor = row.wake and f"`{row.wake}`"
    return (here, f"`{event}`", row.to, row.result or "", letters, row.term, next_actor)


def _taken(kind: Kind) -> str:
    """Return where the case takes what somebody may send about it; anywhere else it is refused."""
    taken = ((event, [state for state in State if event in events(kind, state)]) for event in INBOUND)
    rows = ((f"`{event}`", ", ".join(states) or "no state") for event, states in taken)
    return _table(("a sender's event", "is taken in, and refused elsewhere"), rows)


def _letters() -> str:
    rows = (
        (f"`{kind}`", to, f"`{ON_SENT[kind]}`" if kind in ON_SENT else "") for kind, to in RECIPIENTS.items()
    )
    return "## Letters\n\n" + _table(("letter", "to the", "once it is sent, the case takes"), rows)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
