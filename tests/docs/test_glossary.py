"""The glossary has every word that stands in data."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from pipeline.domain.lifecycle import RECIPIENTS, Kind, Result, State
from pipeline.domain.policy import TaskKind
from pipeline.store import rows

GLOSSARY = (Path(__file__).parents[2] / "docs" / "glossary.md").read_text(encoding="utf-8")
LETTER_STATES = (
    rows.QUEUED, rows.HELD, rows.SENDING, rows.SENT, rows.UNKNOWN, rows.FAILED, rows.CANCELLED, rows.REPLACED,
    rows.POSTED,
)  # fmt: skip


@pytest.mark.parametrize("word", [*Kind, *State, *Result, *RECIPIENTS, *get_args(TaskKind), *LETTER_STATES])
def test_word_is_explained(word: str) -> None:
    assert f"`{word}`" in GLOSSARY


def test_dutch_word_has_one_english_word() -> None:
    seen: dict[str, set[str]] = {}
    for line in GLOSSARY.split("## Machinery")[0].split("## Letters")[0].splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) == 5 and cells[1] not in ("Dutch", "---", "–", ""):
            seen.setdefault(cells[1], set()).add(cells[2])
    assert {dutch: words for dutch, words in seen.items() if len(words) > 1} == {}
