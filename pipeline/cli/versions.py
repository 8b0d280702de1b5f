"""`pipeline versions`: what a supplement changed, field by field."""

from __future__ import annotations

import json as texts
from typing import Annotated, Any, Final

import typer

from pipeline.casework import versions as kept
from pipeline.cli import output
from pipeline.cli.options import AsJson, CaseNumber
from pipeline.cli.session import opened

COLUMNS: Final = ("field", "old", "new")


def versions(
    case: CaseNumber,
    old: Annotated[
        int | None, typer.Option("--from", metavar="VERSION", help="Compare this version,")
    ] = None,
    new: Annotated[int | None, typer.Option("--to", metavar="VERSION", help="and this one.")] = None,
    json: AsJson = False,
) -> None:
    """Show the versions of a submission, and what each supplement changed in it; or compare any two."""
    number = case.strip().upper()
    if (old is None) != (new is None):
        raise typer.BadParameter("--from and --to go together.")
    with opened() as app:
        found = (
            kept.versions(app, number) if old is None or new is None else kept.between(app, number, old, new)
        )
    if json:
        output.as_json(found)
    elif old is None:
        _show_all(found)
    else:
        output.heading(f"{number}, version {old} against version {new}")
        _show_changes(found["changes"])


def _show_all(found: dict[str, Any]) -> None:
    for version in found["versions"]:
        _show(version, found["previous_case"])
    if found["erased_on"]:
        output.line(f"What they said was erased on {found['erased_on']}.", "dim")


def _show(version: dict[str, Any], previous_case: str | None) -> None:
    origin = f"{version['source']} {version['event_id']}"
    output.heading(
        f"Version {version['version']}, {version['taken_in_on']}, from {output.cell(origin)}",
    )
    changes, is_first = version["changes"], version["version"] == 1
    if changes and is_first:
        output.line(f"Against the last version of the earlier round, {previous_case}:")
    if is_first and changes == []:
        output.line("As it was first sent.")
    elif changes is not None:
        _show_changes(changes)


def _show_changes(changes: list[dict[str, Any]]) -> None:
    if changes:
        output.table(COLUMNS, ((one["field"], _shown(one["old"]), _shown(one["new"])) for one in changes))
    else:
        output.line("Nothing that differs.")


def _shown(value: object) -> str:
    """Return what stands in a field; nothing where nothing does."""
    if value is None:
        return "-"
    return value if isinstance(value, str) else texts.dumps(value, ensure_ascii=False)
