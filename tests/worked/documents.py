"""Cases worked out by hand, as documents that a domain expert reads and a test carries out.

A document is Markdown. Under some headings it has one table; all else is prose for the reader. Cells are Dutch.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent
EXAMPLE: Final = FOLDER / "README.md"
NOTHING: Final = "—"

POLICY, REVIEWERS, FORM, COURSE = "Beleid", "Beoordelaars", "Aanvraag", "Verloop"  # headings with a table
_MONTHS: Final = (
    "januari februari maart april mei juni juli augustus september oktober november december".split()
)

Table = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Line:
    """One line of what happens: on a day somebody does something, and then something holds.

    Attributes:
        then: what holds, by name, in the words of the document.
    """

    day: date
    who: str
    does: str
    then: Mapping[str, str]


@dataclass(frozen=True)
class Story:
    """One case as its document tells it.

    Attributes:
        policy: rules that are otherwise than in the register's own, by key.
        reviewers: rows of the list: name, sectors, categories, capacity, what is special about them.
        form: what is filled in, by the name of the field; what is not named is as in the example.
    """

    title: str
    policy: Mapping[str, str]
    reviewers: Table
    form: Mapping[str, str]
    course: Sequence[Line]


def read(file: Path) -> Story:
    """Read a document; who reviews and what is filled in are those of the example where it does not say."""
    text, example = file.read_text(encoding="utf-8"), EXAMPLE.read_text(encoding="utf-8")
    return Story(
        title=text.partition("\n")[0].removeprefix("# "),
        policy=_pairs(table(text, POLICY)),
        reviewers=table(text, REVIEWERS) or table(example, REVIEWERS),
        form={**_pairs(table(example, FORM)), **_pairs(table(text, FORM))},
        course=[_line(cells) for cells in table(text, COURSE)],
    )


def table(text: str, heading: str) -> Table:
    """Return the rows of the table under a heading, without its head; nothing where it is not there."""
    part = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    lines = [line for line in (part[1] if part else "").splitlines() if line.startswith("|")]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines[2:]]


def _pairs(rows: Table) -> Mapping[str, str]:
    return {cells[0]: cells[1] for cells in rows}


def _line(cells: Sequence[str]) -> Line:
    day, who, does, then = cells
    held = (one.partition(": ") for one in then.split(" · ") if one)
    return Line(day_of(day), who, does, {name.strip(): value.strip() for name, _, value in held})


def day_of(text: str) -> date:
    """Read a date such as ``ma 2 november 2026``; a day of the week must be the right one."""
    found = re.fullmatch(r"(?:(\w\w) )?(\d+) (\w+) (\d{4})", text)
    assert found is not None, f"no date: {text}"
    weekday, day, month, year = found.groups()
    read = date(int(year), _MONTHS.index(month) + 1, int(day))
    assert weekday in (None, ("ma", "di", "wo", "do", "vr", "za", "zo")[read.weekday()]), text
    return read


def dated(day: date) -> str:
    """Write a date as documents do."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
