from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize(
    ("command", "file"),
    [
        (("contract", "--json-schema"), "contract/events.schema.json"),
        (("contract", "--asyncapi"), "contract/asyncapi.json"),
        (("lifecycle",), "lifecycle.md"),
    ],
)
def test_document_is_as_it_stands_in_docs(run: Run, command: tuple[str, ...], file: str) -> None:
    assert run(*command).out == (DOCS / file).read_text(encoding="utf-8")


COMMANDS = {
    "cases": ("cases",),
    "case NUMBER": ("case", "A-2026-000007"),
    "refused": ("refused",),
    "letters": ("letters",),
    "remind --dry-run": ("remind", "--dry-run", "--at", "2027-06-30"),
    "reviewers list": ("reviewers", "list"),
    "doctor": ("doctor",),
}


@pytest.mark.parametrize("section", COMMANDS)
def test_every_key_of_json_is_documented(season: Run, section: str) -> None:
    text = (DOCS / "json.md").read_text(encoding="utf-8")
    documented = text.partition(f"\n## `pipeline {section}`\n")[2].partition("\n## ")[0]
    if section == "case NUMBER":
        documented += text.partition("\n## `pipeline cases`\n")[2].partition("\n## ")[0]

    told = season(*COMMANDS[section], "--json").json
    rows = [told] if isinstance(told, dict) else told

    assert rows
    assert [key for key in rows[0] if f"`{key}`" not in documented] == []
