"""Every column that can hold a text is classified, so that nothing personal is kept unawares."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from sqlalchemy import JSON, LargeBinary, String

from pipeline.store.tables import metadata

PAGE: Final = (Path(__file__).parents[2] / "docs" / "retention.md").read_text(encoding="utf-8")
KINDS: Final = {"public", "machinery", "personal", "part", "staff"}


def classified() -> list[tuple[str, str]]:
    """Return each column that the page names, with what it is."""
    lines = re.findall(r"^\| (`.+?`) \| (\w+) \|", PAGE, re.MULTILINE)
    return [(column, kind) for columns, kind in lines for column in re.findall(r"`([^`]+)`", columns)]


def test_every_column_that_holds_a_text_is_classified_once() -> None:
    holding = [
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, String | JSON | LargeBinary)
    ]
    assert sorted(column for column, _ in classified()) == sorted(holding)


def test_classes_are_those_that_are_explained() -> None:
    assert {kind for _, kind in classified()} == KINDS
    assert all(f"*{kind}*:" in PAGE for kind in KINDS)
