"""`pipeline versions`: what a supplement changed, field by field."""

from __future__ import annotations

import json as texts
from typing import Annotated, Any, Final

import typer

from pipeline.casework import versions as kept
from pipeline.cli import output
from pipeline.cli.options import AsJson
from pipeline.cli.session import opened

COLUMNS: Final = ("field", "old", "new")


def versions(
    case: Annotated[str, typer.Argument(metavar="NUMBER", help="Such as A-2026-000123.")],
    json: AsJson = False,
) -> None:
    """Show the versions of a submission, and what each supplement changed in it."""
    with opened() as app:
        found = kept.versions(app, case.strip().upper())
    if json:
        output.as_json(found)
        return
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
    if changes:
        output.table(COLUMNS, ((one["field"], _shown(one["old"]), _shown(one["new"])) for one in changes))
    elif changes is not None:
        output.line("As it was first sent." if is_first else "Nothing that differs.")


def _shown(value: object) -> str:
    """Return what stands in a field; nothing where nothing does."""
    if value is None:
        return "-"
    return value if isinstance(value, str) else texts.dumps(value, ensure_ascii=False)
