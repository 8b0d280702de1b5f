"""The drawing of the lifecycle says what the table says, and the page in the documentation is that drawing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.domain import drawing
from pipeline.domain.lifecycle import INBOUND, ON_SENT, RECIPIENTS, TABLES, Event, Kind, State

PAGE = Path(__file__).parents[2] / "docs" / "lifecycle.md"
ARROW = re.compile(r" {4}(\w+) --> (\w+): (.+)")


def arrows(kind: Kind) -> set[tuple[str, str, str]]:
    """Return (from, to, event with its result) as the diagram has them."""
    found = set()
    for here, there, labels in ARROW.findall(drawing.diagram(kind)):
        found |= {(here, there, label) for label in labels.split(", ")}
    return found


def section(kind: Kind) -> str:
    return drawing.document().split(f"## {kind.capitalize()}\n")[1].split("\n## ")[0]


def test_page_is_drawn_from_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == drawing.document()


@pytest.mark.parametrize("kind", Kind)
def test_diagram_has_an_arrow_for_every_move_to_another_state(kind: Kind) -> None:
    moves = set()
    for (here, event), row in TABLES[kind].items():
        if row.to is not here:
            result = "" if row.result in (None, event.value) else f" ({row.result})"
            moves.add((here.value, row.to.value, event.value + result))
    assert arrows(kind) == moves


@pytest.mark.parametrize("kind", Kind)
def test_diagram_begins_with_receipt_and_ends_closed(kind: Kind) -> None:
    lines = drawing.diagram(kind).splitlines()
    assert (lines[0], lines[2], lines[-1]) == (
        "stateDiagram-v2",
        "    [*] --> received",
        "    closed --> [*]",
    )


@pytest.mark.parametrize(("kind", "state", "event"), [(kind, *key) for kind in Kind for key in TABLES[kind]])
def test_every_row_stands_in_the_table_with_its_letters(kind: Kind, state: State, event: Event) -> None:
    lines = [line for line in section(kind).splitlines() if line.startswith(f"| {state} | `{event}` |")]
    row = TABLES[kind][state, event]
    cells = [cell.strip() for cell in lines[0].split("|")[3:-1]]
    letters = ", ".join(f"`{letter}` to the {RECIPIENTS[letter]}" for letter in row.letters.split())
    told = [row.to.value, row.result or "", letters, row.term, f"`{row.wake}`" if row.wake else ""]
    assert (len(lines), cells) == (1, told)


@pytest.mark.parametrize("kind", Kind)
def test_table_has_no_row_of_its_own(kind: Kind) -> None:
    rows = re.findall(r"^\| \w+ \| `\w+` \| \w+ \|", section(kind), re.MULTILINE)
    assert len(rows) == len(TABLES[kind])


@pytest.mark.parametrize("kind", Kind)
def test_page_tells_where_a_senders_event_is_taken(kind: Kind) -> None:
    for event in INBOUND:
        states = ", ".join(here for here, taken in TABLES[kind] if taken is event)
        told = re.search(rf"^\| `{event}` \| ([\w, ]+) \|$", section(kind), re.MULTILINE)
        assert told is not None
        assert set(told[1].split(", ")) == set((states or "no state").split(", "))


def test_page_names_the_recipient_and_the_move_of_every_letter() -> None:
    letters = drawing.document().split("## Letters\n")[1]
    for letter, recipient in RECIPIENTS.items():
        move = f"`{ON_SENT[letter]}`" if letter in ON_SENT else ""
        assert f"| `{letter}` | {recipient} | {move} |" in letters
