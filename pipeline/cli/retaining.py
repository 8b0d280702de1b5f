"""`pipeline retain`: what is personal and due is erased; or only a look at what would be."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer

from pipeline.casework import erasing
from pipeline.cli import output
from pipeline.cli.options import AsJson
from pipeline.cli.session import opened

COLUMNS: Final = ("case", "result", "closed_on", "due_since", "erases", "held_by")


def retain(
    by: Annotated[str, typer.Option(metavar="NAME", help="Who erases, for the journal.")] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would be erased, when and why.")
    ] = False,
    json: AsJson = False,
) -> None:
    """Erase what is personal and due by the policy; the register's own facts stay."""
    if not dry_run and not by.strip():
        raise typer.BadParameter("--by is the name of whoever erases; or look first, with --dry-run.")
    with opened() as app:
        found = erasing.planned(app) if dry_run else erasing.erase_all(app, by.strip())
    if json:
        output.as_json(found)
    elif dry_run:
        _show_planned(found)
    else:
        _show_erased(found)


def _show_planned(found: dict[str, Any]) -> None:
    if found["cases"]:
        output.table(COLUMNS, ([_cell(case[column]) for column in COLUMNS] for case in found["cases"]))
    else:
        output.line(f"No case is due on {found['day']}.")
    _show_unattached(found["unattached"], "Due and about no case")


def _cell(value: object) -> object:
    """Return what would go as a few words: how much of each."""
    if isinstance(value, dict):
        return ", ".join(
            f"{count} {name}" for name, count in value.items() if count and count is not True
        ) + (", contact" if value.get("contact") is True else "")
    return value


def _show_erased(found: dict[str, Any]) -> None:
    for number in found["cases"]:
        output.line(f"{number}: erased what is personal.")
    _show_unattached(found["unattached"], "Erased, about no case")
    if not found["cases"] and not any(found["unattached"].values()):
        output.line("Nothing was due.")


def _show_unattached(counts: dict[str, int], heading: str) -> None:
    told = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    if told:
        output.line(f"{heading}: {told}.")
