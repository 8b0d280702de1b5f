"""What commands print: tables for people, JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.errors import shorten

WIDE: Final = 200  # columns, where no terminal says how wide it is
LONGEST: Final = 600  # characters of one cell: whole sentences, since the last words say what to do


def as_json(value: Any) -> None:
    """Print a value as JSON; ASCII, so that no text in it can steer a terminal."""
    print(json.dumps(value, indent=2))


def line(text: str = "", style: str = "") -> None:
    """Print one line, whatever is in it."""
    console().print(Text(text, style=style), soft_wrap=True)


def block(text: str) -> None:
    """Print a text of several lines as it stands; a terminal is spared what would steer it."""
    line(harmless(text))


def harmless(text: str) -> str:
    """Return a text with what is neither printable nor the end of a line written out."""
    return "".join(sign if sign.isprintable() or sign == "\n" else repr(sign)[1:-1] for sign in text)


def heading(text: str) -> None:
    """Print what the following is about."""
    line()
    line(text, "bold")


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under their columns, the first in one piece since it is what people copy.

    Nothing of what stands in a cell is taken for markup.
    """
    shown = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for place, column in enumerate(columns):
        shown.add_column(column.replace("_", " "), overflow="fold", no_wrap=place == 0)
    for row in rows:
        shown.add_row(*(cell(value) for value in row))
    console().print(shown)


def facts(pairs: Mapping[str, object]) -> None:
    """Print names and what is known under each, leaving out what is not."""
    shown = Table(box=None, show_header=False, pad_edge=False)
    shown.add_column(style="bold")
    shown.add_column(overflow="fold")
    for name, value in pairs.items():
        if value not in (None, "", [], {}):
            shown.add_row(Text(name), cell(value))
    console().print(shown)


def raw(content: bytes) -> None:
    """Write bytes as they are; a terminal is spared what would steer it."""
    if sys.stdout.isatty():
        text = content.decode("utf-8", "backslashreplace")
        print(harmless(text))
    else:
        sys.stdout.buffer.write(content)


def cell(value: object) -> Text:
    """Return a value as one printable line."""
    if value is None:
        return Text("")
    if isinstance(value, bool):
        return Text("yes" if value else "no")
    if isinstance(value, list | tuple):
        return Text(shorten(", ".join(str(one) for one in value), LONGEST))
    return Text(shorten(str(value), LONGEST))


def console() -> Console:
    """Return a console on standard output as it now is."""
    return Console(width=None if sys.stdout.isatty() else WIDE, markup=False, highlight=False, emoji=False)
