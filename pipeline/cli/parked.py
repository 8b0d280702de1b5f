"""`pipeline parked`: what failed too often or ended its process, with its error and its input."""

from __future__ import annotations

import json as notation
from typing import Annotated, Any, Final

import typer

from pipeline.casework.parked import all_parked, detail, find
from pipeline.cli import moments, output
from pipeline.cli.options import AsJson
from pipeline.cli.session import opened

COLUMNS: Final = ("key", "kind", "step", "title", "since", "attempts", "error")
TO_DO: Final = (
    "`pipeline parked KEY` shows all of it; when the cause is gone, `pipeline retry KEY --by NAME`."
)
_JOURNAL: Final = ("at", "event", "old_state", "new_state", "by", "facts")
_HEX_SHOWN: Final = 1024  # bytes


def parked(
    key: Annotated[
        str | None, typer.Argument(metavar="[NUMBER|ID]", help="Show everything about this one.")
    ] = None,
    json: AsJson = False,
) -> None:
    """Show what no hint moves any more: cases, events and letters that failed too often or ended their process."""
    with opened() as app:
        found = [detail(app, *find(app, [key]))] if key else [one.as_json() for one in all_parked(app)]
    if json:
        output.as_json(found[0] if key else found)
    elif key:
        _show(found[0])
    elif found:
        output.table(COLUMNS, (_row(one) for one in found))
        output.line(TO_DO)
    else:
        output.line("Nothing is parked.")


def _row(one: dict[str, Any]) -> list[object]:
    shown = {**one, "since": moments.local(one["since"]), "error": one["error"].partition("\n")[0]}
    return [shown[column] for column in COLUMNS]


def _show(one: dict[str, Any]) -> None:
    output.line(f"{one['kind']} {one['key']}: {output.cell(one['title'])}", "bold")
    since = moments.local(one["since"])
    output.facts({"step": one["step"], "parked since": since, "attempts": one["attempts"]})
    output.heading("Error")
    output.block(one["error"])
    output.heading("Input")
    _show_input(one["input"])
    if one["journal"]:
        output.heading("Journal")
        output.table(_JOURNAL, (_entry(row) for row in one["journal"]))
    output.line(one["advice"])


def _show_input(given: dict[str, Any]) -> None:
    long = ("submission", "headers", "text", "hex")
    output.facts({name: value for name, value in given.items() if name not in long})
    if submission := given.get("submission"):
        output.block(_indented(submission))
    for name, value in given.get("headers", ()):
        output.block(f"{name}: {value}")
    if (text := given.get("text")) is not None:
        output.block(_pretty(text))
    if digits := given.get("hex"):
        output.block(_dump(bytes.fromhex(digits)))


def _pretty(text: str) -> str:
    """Return JSON laid out by lines, and any other text as it is."""
    try:
        return _indented(notation.loads(text))
    except (ValueError, RecursionError):
        return text


def _indented(value: Any) -> str:
    return notation.dumps(value, indent=2, ensure_ascii=False)


def _dump(raw: bytes) -> str:
    """Return the first bytes as hexadecimal digits, sixteen a line, beside what they say."""
    shown = raw[:_HEX_SHOWN]
    lines = [
        f"{at:06x}  {shown[at : at + 16].hex(' '):47}  "
        + "".join(chr(byte) if 32 <= byte < 127 else "." for byte in shown[at : at + 16])
        for at in range(0, len(shown), 16)
    ]
    rest = len(raw) - len(shown)
    return "\n".join([*lines, f"and {rest} bytes more"] if rest else lines)


def _entry(row: dict[str, Any]) -> list[object]:
    facts = notation.dumps(row["facts"], ensure_ascii=False) if row["facts"] else None
    shown = {**row, "at": moments.local(row["at"]), "facts": facts}
    return [shown[column] for column in _JOURNAL]
