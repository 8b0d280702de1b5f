"""A chain of the journal hangs together, and shows what was done to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain import journal
from pipeline.domain.journal import Content, Entry

STATES = ["received", "complete", "in_review", "decided", "closed"]
AT = datetime(2026, 11, 24, 12, tzinfo=UTC)


def chain(length: int) -> list[Entry]:
    entries: list[Entry] = []
    for place in range(1, length + 1):
        states = (STATES[place - 2] if place > 1 else None, STATES[place - 1])
        content = Content("c1", place, f"salt{place}", "/portal app-01", {"place": place})
        digest = journal.content_digest(content)
        entry = Entry("c1", place, place, AT + timedelta(days=place), "moved", *states, "e1", digest)
        entries.append(journal.linked(entries[-1].hash if entries else None, entry))
    return entries


def hangs_together(entries: list[Entry]) -> bool:
    heads = [None, *(entry.hash for entry in entries)]
    return all(journal.is_linked(head, entry) for head, entry in zip(heads, entries, strict=False))


def test_chain_as_written_hangs_together() -> None:
    assert hangs_together(chain(5))


@pytest.mark.parametrize(
    "change",
    [
        {"event": "decided"},
        {"at": AT},
        {"old_state": "received"},
        {"new_state": "decided"},
        {"version": 9},
        {"place": 9},
        {"chain": "c2"},
        {"correlation": "e2"},
        {"content_digest": "0" * 64},
    ],
    ids=lambda change: next(iter(change)),
)
def test_change_of_any_field_shows(change: dict[str, Any]) -> None:
    entries = chain(5)
    entries[2] = replace(entries[2], **change)
    assert not hangs_together(entries)


@given(st.integers(0, 3))
def test_row_taken_out_before_the_last_shows(place: int) -> None:
    entries = chain(5)
    del entries[place]
    assert not hangs_together(entries)


@given(st.permutations(range(5)).filter(lambda order: list(order) != sorted(order)))
def test_other_order_shows(order: list[int]) -> None:
    entries = chain(5)
    assert not hangs_together([entries[place] for place in order])


def test_digest_of_content_depends_on_salt_who_and_what() -> None:
    content = Content("c1", 1, "salt", "by", {"a": 1})
    others = [
        replace(content, salt="tlas"),
        replace(content, by="yb"),
        replace(content, facts={"a": 2}),
    ]
    assert len({journal.content_digest(one) for one in [content, *others]}) == 4


def test_replayed_chain_gives_its_last_state() -> None:
    assert journal.replayed(chain(5)) == "closed"
    assert journal.replayed([]) is None


def test_chain_with_a_jump_cannot_be_replayed() -> None:
    entries = chain(5)
    with pytest.raises(ValueError, match="row 4 begins in in_review, not in complete"):
        journal.replayed([*entries[:2], *entries[3:]])
